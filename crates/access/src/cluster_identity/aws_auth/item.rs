//! One element of `mapRoles` or `mapUsers` (aws-iam-authenticator, pkg/config/types.go and pkg/config/mapper.go).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ItemProblem;
use crate::cluster_identity::caller::{Kind, Principal};
use crate::cluster_identity::name::PLACEHOLDERS;

/// An element, as far as the authenticator can read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its position in its block, from 0.
    pub index: usize,
    /// `rolearn` or `userarn` as written; empty if it has none.
    pub arn: String,
    /// `sso`: a permission set instead of a role.
    pub sso: Option<Sso>,
    /// User name or template; empty if it has none.
    pub username: String,
    /// Groups or templates.
    pub groups: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<ItemProblem>,
}

/// `sso` of an element of `mapRoles`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sso {
    /// `permissionSetName`
    pub permission_set: String,
    /// `accountID`
    pub account: String,
    /// `partition`; empty for `aws`.
    pub partition: String,
}

impl Item {
    /// Whether the authenticator keeps it (`Validate`) and no later element has taken its place.
    pub fn counts(&self) -> bool {
        !self.problems.iter().any(ItemProblem::drops)
    }

    /// Whether its ARN is a principal's.
    pub(in crate::cluster_identity) fn is(&self, principal: &Principal) -> bool {
        !self.arn.is_empty() && principal.is(&self.arn)
    }

    /// Whether it is meant for a principal that it doesn't match, because of its ARN.
    pub(in crate::cluster_identity) fn means(&self, principal: &Principal) -> bool {
        let arn = self.arn.trim().to_lowercase();
        let same = Principal::of(&arn).is_ok_and(|(meant, _)| principal.is(&meant.arn));
        same || (arn.contains('*') && glob(&arn, &principal.arn.to_lowercase()))
    }

    /// Whether it maps a principal where the feature gate `SSORoleMatch` is on (pkg/config/mapper.go, `SSOArnLike`). A
    /// `partition`, whatever it is, makes the pattern `arn::iam::…`, which matches nobody.
    pub(in crate::cluster_identity) fn maps_by_sso(&self, principal: &Principal) -> bool {
        self.sso.as_ref().is_some_and(|sso| {
            let pattern =
                format!("arn:aws:iam::{}:role/AWSReservedSSO_{}_*", sso.account, sso.permission_set);
            sso.partition.is_empty() && glob(&pattern.to_lowercase(), &principal.arn.to_lowercase())
        })
    }

    /// Field names are compared without regard to case (encoding/json).
    pub(super) fn read(index: usize, value: &Value, key: &'static str) -> Self {
        let Some(object) = value.as_object() else {
            return Self { index, problems: vec![ItemProblem::NotAMapping], ..Self::default() };
        };
        let fields = Fields::of(object);
        let mut problems = Vec::new();
        let mut item = Self {
            index,
            arn: fields.text(key, &mut problems),
            sso: if key == "rolearn" { fields.sso() } else { None },
            username: fields.text("username", &mut problems),
            groups: fields.texts("groups", &mut problems),
            problems: Vec::new(),
        };
        problems.extend(item.validity());
        problems.extend(item.oddities(key));
        item.problems = problems;
        item
    }

    /// Why the authenticator drops it (`Validate`).
    fn validity(&self) -> Option<ItemProblem> {
        match &self.sso {
            None if self.arn.is_empty() => Some(ItemProblem::NoArn),
            Some(_) if !self.arn.is_empty() => Some(ItemProblem::ArnAndSso),
            Some(sso) if !sso.is_valid() => Some(ItemProblem::BadSso),
            Some(sso) if !sso.partition.is_empty() => Some(ItemProblem::SsoWithPartition),
            Some(_) => Some(ItemProblem::SsoNeedsFeatureGate),
            None => None,
        }
    }

    fn oddities(&self, key: &str) -> Vec<ItemProblem> {
        let mut problems = Vec::new();
        if !self.arn.is_empty() {
            problems.extend(arn_problem(&self.arn, key));
        }
        if self.username.is_empty() {
            problems.push(ItemProblem::NoUsername);
        }
        let names = self.groups.iter().chain([&self.username]);
        problems
            .extend(names.filter_map(|name| unknown_placeholder(name)).map(ItemProblem::UnknownPlaceholder));
        problems
    }
}

impl Sso {
    /// IAM Identity Center API, PermissionSet: `^[\w+=,.@-]{1,32}$`.
    fn is_valid(&self) -> bool {
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let name = &self.permission_set;
        facts::AccountId::is(&self.account)
            && (1..=32).contains(&name.len())
            && name.chars().all(legal)
            && (self.partition.is_empty()
                || format!("arn:{}:iam:::x", self.partition).parse::<facts::Arn>().is_ok())
    }
}

/// Why an ARN matches nobody, or not whom people think.
fn arn_problem(arn: &str, key: &str) -> Option<ItemProblem> {
    if arn.contains('*') {
        return Some(ItemProblem::Wildcard);
    }
    // Case is no matter to the comparison.
    let lower = arn.to_lowercase();
    let Ok((principal, session)) = Principal::of(&lower) else { return Some(ItemProblem::NotAnArn) };
    match principal.kind {
        _ if arn.trim() != arn => Some(ItemProblem::NotAnArn),
        _ if session.is_some() => Some(ItemProblem::SessionArn),
        Kind::Role if principal.arn != lower => Some(ItemProblem::RolePath),
        Kind::Root => Some(ItemProblem::RootUserOnly),
        Kind::Role if key == "userarn" => Some(ItemProblem::OtherBlock),
        Kind::User if key == "rolearn" => Some(ItemProblem::OtherBlock),
        _ => None,
    }
}

/// A placeholder that stays as it is, for example `{{ SessionName }}` with its spaces.
fn unknown_placeholder(name: &str) -> Option<String> {
    let rest = PLACEHOLDERS.iter().fold(name.to_owned(), |rest, known| rest.replace(known, ""));
    let (_, after) = rest.split_once("{{")?;
    let (inner, _) = after.split_once("}}")?;
    Some(format!("{{{{{inner}}}}}"))
}

/// Marks the elements whose place another takes: roles are kept by their ARN in lower case, users by theirs as written, and
/// the last one of a name stays (pkg/mapper/configmap/configmap.go, `saveMap`; pkg/config/mapper.go, `Key`).
pub(super) fn supersede(items: &mut [Item], lower: bool) {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let key = |item: &Item| if lower { item.arn.to_lowercase() } else { item.arn.clone() };
    for item in items.iter().filter(|item| item.counts() && item.sso.is_none()) {
        last.insert(key(item), item.index);
    }
    for item in items.iter_mut().filter(|item| item.counts() && item.sso.is_none()) {
        match last.get(&key(item)) {
            Some(by) if *by != item.index => item.problems.push(ItemProblem::Superseded { by: *by }),
            _ => {}
        }
    }
}

/// `*` is any text. Permission set names have no other character that means something in a pattern.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.filter_map(|at| text.get(at..)).any(|text| glob(rest, text))
        }),
    }
}

/// An element's fields, their names in lower case, in the order of the names as written: the authenticator's text has become
/// JSON with sorted keys before it is read (sigs.k8s.io/yaml, `YAMLToJSON`).
struct Fields<'v>(Vec<(String, &'v Value)>);

impl<'v> Fields<'v> {
    fn of(object: &'v Map<String, Value>) -> Self {
        let sorted: BTreeMap<&String, &Value> = object.iter().collect();
        Self(sorted.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect())
    }

    /// The values of one name. Of several, the last of the right type counts, and null is as if it weren't there.
    fn all(&self, key: &str) -> impl DoubleEndedIterator<Item = &'v Value> {
        let values = self.0.iter().filter(move |(name, value)| name == key && !value.is_null());
        values.map(|(_, value)| *value)
    }

    /// A value of another type is left out, and the rest of the element stays (encoding/json, `UnmarshalTypeError`).
    fn text(&self, key: &'static str, problems: &mut Vec<ItemProblem>) -> String {
        if !self.all(key).all(Value::is_string) {
            problems.push(ItemProblem::FieldIgnored { field: key });
        }
        self.all(key).rev().find_map(Value::as_str).unwrap_or_default().to_owned()
    }

    /// An element of another type becomes an empty text.
    fn texts(&self, key: &'static str, problems: &mut Vec<ItemProblem>) -> Vec<String> {
        let list = self.all(key).rev().find_map(Value::as_array).map_or(&[][..], Vec::as_slice);
        let are_texts = list.iter().all(|text| text.is_string() || text.is_null());
        if !are_texts || !self.all(key).all(Value::is_array) {
            problems.push(ItemProblem::FieldIgnored { field: key });
        }
        list.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    fn sso(&self) -> Option<Sso> {
        let value = self.all("sso").next_back()?;
        let Some(object) = value.as_object() else { return Some(Sso::default()) };
        let fields = Fields::of(object);
        let mut ignored = Vec::new();
        let mut text = |key| fields.text(key, &mut ignored);
        Some(Sso {
            permission_set: text("permissionsetname"),
            account: text("accountid"),
            partition: text("partition"),
        })
    }
}
