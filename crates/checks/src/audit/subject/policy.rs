//! IAM policy documents, found wherever something looks like one: in files of their own, in CloudFormation, in Terraform's plan, in
//! what the AWS CLI prints, in Kubernetes objects of operators that make roles.

use std::{cell::OnceCell, sync::Arc};

use facts::Place;
use serde_json::Value;

use super::Lints;
use crate::audit::source::{Content, Document, Node, Spot};

/// What a document is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    Trust,
    Identity,
    Other,
}

/// A policy document.
#[derive(Debug)]
pub(crate) struct Policy<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
    pub(crate) kind: PolicyKind,
    /// For a sentence: "the trust policy of role `x`".
    pub(crate) title: String,
    /// The ARN of the role that it belongs to, where something says so.
    pub(crate) role_arn: Option<String>,
    remarks: OnceCell<Vec<(iam::Advice, Spot)>>,
}

/// One statement of a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
}

/// What is known of the object around a policy.
#[derive(Clone, Default)]
struct Around<'s> {
    name: Option<&'s str>,
    arn: Option<&'s str>,
    /// The last key on the way.
    key: &'s str,
}

/// All policies of a document.
pub(super) fn policies<'s>(document: &'s Document, found: &mut Vec<Policy<'s>>) {
    walk(document, &document.root, &Around::default(), found);
}

fn walk<'s>(document: &'s Document, node: &'s Node, around: &Around<'s>, found: &mut Vec<Policy<'s>>) {
    if is_policy(node) {
        return found.push(policy(document, node, around));
    }
    // What AWS wrote nobody can mend, and what isn't the default version isn't in force.
    let is_foreign = node.text_at("Arn").is_some_and(|arn| arn.contains(":iam::aws:policy/"));
    if is_foreign || node.text_at("IsDefaultVersion") == Some("false") {
        return;
    }
    let mut inner = around.clone();
    let named = ["RoleName", "PolicyName", "roleName", "name"].into_iter().find_map(|key| node.text_at(key));
    inner.name = named.or(inner.name);
    inner.arn = ["Arn", "arn"].into_iter().find_map(|key| node.text_at(key)).or(inner.arn);
    for (key, value) in node.entries() {
        let name = if around.key == "Resources" { Some(key.text.as_str()) } else { inner.name };
        walk(document, value, &Around { key: &key.text, name, ..inner }, found);
    }
    for item in node.items() {
        walk(document, item, &inner, found);
    }
}

fn is_policy(node: &Node) -> bool {
    node.get("Statement")
        .is_some_and(|statements| statements.each().iter().any(|statement| statement.get("Effect").is_some()))
}

fn policy<'s>(document: &'s Document, node: &'s Node, around: &Around<'s>) -> Policy<'s> {
    let kind = kind_of(node, around.key);
    let what = match kind {
        PolicyKind::Trust => "the trust policy",
        _ => "the policy",
    };
    let title = around.name.map_or_else(|| what.to_owned(), |name| format!("{what} of `{name}`"));
    let role_arn = around.arn.filter(|arn| arn.contains(":role/")).map(str::to_owned);
    Policy { file: &document.file, node, kind, title, role_arn, remarks: OnceCell::new() }
}

fn kind_of(node: &Node, key: &str) -> PolicyKind {
    let key = key.to_ascii_lowercase().replace('_', "");
    if key.starts_with("assumerolepolicy") || key.starts_with("trustpolicy") {
        return PolicyKind::Trust;
    }
    // Of an organisation: what `aws organizations describe-policy` prints, `AWS::Organizations::Policy`, `aws_organizations_policy`.
    if key == "content" {
        return PolicyKind::Other;
    }
    let statements = node.get("Statement").map(Node::each).unwrap_or_default();
    let has = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
    match (has("Principal") || has("NotPrincipal"), has("Resource") || has("NotResource")) {
        (true, false) => PolicyKind::Trust,
        (false, _) => PolicyKind::Identity,
        (true, true) => {
            let assumes = |node: &Node| node.text().is_some_and(|action| action.starts_with("sts:Assume"));
            let all = statements.iter().filter_map(|statement| statement.get("Action"));
            let is_trust = all.flat_map(Node::each).all(assumes);
            if is_trust { PolicyKind::Trust } else { PolicyKind::Other }
        }
    }
}

impl<'s> Policy<'s> {
    pub(crate) fn statements(&self) -> impl Iterator<Item = Statement<'s>> + use<'s> {
        let file = self.file;
        let statements = self.node.get("Statement").map(Node::each).unwrap_or_default();
        statements.iter().map(move |node| Statement { file, node })
    }

    pub(crate) fn allowing(&self) -> impl Iterator<Item = Statement<'s>> + use<'s> {
        self.statements().filter(|statement| statement.allows())
    }

    /// The account of its role.
    pub(crate) fn account(&self) -> Option<&str> {
        self.role_arn.as_deref()?.split(':').nth(4).filter(|account| !account.is_empty())
    }

    /// What `iam`'s lint says of it, each with its spot; nothing of elements that aren't known.
    pub(crate) fn remarks(&self, lints: &Lints) -> &[(iam::Advice, Spot)] {
        self.remarks.get_or_init(|| self.linted(lints))
    }

    fn linted(&self, lints: &Lints) -> Vec<(iam::Advice, Spot)> {
        let kind = match self.kind {
            PolicyKind::Trust => iam::Kind::Trust,
            PolicyKind::Identity => iam::Kind::Identity,
            PolicyKind::Other => return Vec::new(),
        };
        let (printed, open) = Printed::of(self.node);
        let remarks = lints.of(&printed.text, kind);
        let placed = remarks.iter().filter_map(|remark| {
            let (spot, unknown) = printed.spot(&remark.path)?;
            let says_whole = matches!(remark.advice, iam::Advice::NeverMet);
            (!unknown || !says_whole && remark.path.is_root()).then(|| (remark.advice.clone(), spot))
        });
        // The size counts what is written, and a part of it isn't.
        placed.filter(|(advice, _)| !(open && matches!(advice, iam::Advice::Size { .. }))).collect()
    }
}

/// A document in one line of JSON, with where its values come from.
struct Printed {
    text: String,
    /// Column in the line, from 1, and what stands there.
    spots: Vec<(u32, Spot, bool)>,
    /// How many characters there are.
    columns: u32,
}

/// In place of what isn't known: a text of which nothing can be said.
const PLACEHOLDER: &str = "${aws:PrincipalTag/unknown}";

impl Printed {
    /// And whether anything in it isn't known.
    fn of(node: &Node) -> (Self, bool) {
        let mut printed = Self { text: String::new(), spots: Vec::new(), columns: 0 };
        let open = printed.node(node);
        (printed, open)
    }

    fn push(&mut self, text: &str) {
        self.columns += u32::try_from(text.chars().count()).unwrap_or_default();
        self.text.push_str(text);
    }

    /// Prints a value; whether it, or anything in it, isn't known.
    fn node(&mut self, node: &Node) -> bool {
        let number = self.spots.len();
        self.spots.push((self.columns + 1, node.at, false));
        let unknown = match &node.content {
            Content::List(items) => self.row('[', items.iter().map(|item| (None, item)), ']'),
            Content::Map(entries) => {
                self.row('{', entries.iter().map(|(key, value)| (Some(key.text.as_str()), value)), '}')
            }
            Content::Unknown => {
                self.push(&Value::from(PLACEHOLDER).to_string());
                true
            }
            // A version is a text, whatever YAML takes it for.
            Content::Scalar { text, .. } if !matches!(text.as_str(), "true" | "false") => {
                self.push(&Value::from(text.as_str()).to_string());
                false
            }
            _ => {
                self.push(&node.to_value().to_string());
                false
            }
        };
        if let Some((.., of_node)) = self.spots.get_mut(number) {
            *of_node = unknown;
        }
        unknown
    }

    fn row<'n>(
        &mut self,
        open: char,
        entries: impl Iterator<Item = (Option<&'n str>, &'n Node)>,
        close: char,
    ) -> bool {
        let mut unknown = false;
        self.push(open.encode_utf8(&mut [0; 4]));
        for (number, (key, value)) in entries.enumerate() {
            if number > 0 {
                self.push(",");
            }
            if let Some(key) = key {
                self.push(&format!("{}:", Value::from(key)));
            }
            unknown |= self.node(value);
        }
        self.push(close.encode_utf8(&mut [0; 4]));
        unknown
    }

    fn spot(&self, path: &iam::Path) -> Option<(Spot, bool)> {
        let (_, column) = path.locate(&self.text)?;
        let after = self.spots.partition_point(|(at, ..)| *at <= column);
        self.spots.get(after.checked_sub(1)?).map(|(_, spot, unknown)| (*spot, *unknown))
    }
}

impl<'s> Statement<'s> {
    pub(crate) fn allows(&self) -> bool {
        self.node.text_at("Effect") == Some("Allow")
    }

    pub(crate) fn values(&self, element: &str) -> &'s [Node] {
        self.node.get(element).map(Node::each).unwrap_or_default()
    }

    /// An action that it lists, by its name in any case.
    pub(crate) fn action(&self, name: &str) -> Option<&'s Node> {
        let is = |node: &&Node| node.text().is_some_and(|action| action.eq_ignore_ascii_case(name));
        self.values("Action").iter().find(is)
    }

    /// An action that it lists, or a pattern that takes it in.
    pub(crate) fn grants(&self, name: &str) -> Option<&'s Node> {
        let is = |node: &&Node| node.text().is_some_and(|pattern| glob(pattern, name));
        self.values("Action").iter().find(is)
    }

    /// Principals of one kind. `"*"` alone is everybody, as `{"AWS": "*"}` is.
    pub(crate) fn principals(&self, kind: &str) -> &'s [Node] {
        let Some(principal) = self.node.get("Principal") else { return &[] };
        match &principal.content {
            Content::Map(_) => principal.get(kind).map(Node::each).unwrap_or_default(),
            _ if kind == "AWS" => principal.each(),
            _ => &[],
        }
    }

    /// Its conditions: operator, key, values.
    pub(crate) fn conditions(
        &self,
    ) -> impl Iterator<Item = (&'s crate::audit::source::Key, &'s crate::audit::source::Key, &'s Node)> + use<'s>
    {
        let operators = self.node.get("Condition").map(Node::entries).unwrap_or_default();
        operators.iter().flat_map(|(operator, keys)| {
            keys.entries().iter().map(move |(key, values)| (operator, key, values))
        })
    }

    /// Whether one of its conditions is on a key that ends so.
    pub(crate) fn has_key(&self, end: &str) -> bool {
        let end = end.to_ascii_lowercase();
        self.conditions().any(|(_, key, _)| key.text.to_ascii_lowercase().ends_with(&end))
    }

    /// Whether something in its conditions isn't known, so that another key may be among them.
    pub(crate) fn is_open(&self) -> bool {
        let condition = self.node.get("Condition");
        condition.is_some_and(|condition| {
            condition.is_unknown() || condition.entries().iter().any(|(_, keys)| keys.is_unknown())
        })
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }

    pub(crate) fn at_key(&self, key: &crate::audit::source::Key) -> Place {
        place(self.file, key.at)
    }
}

pub(crate) fn place(file: &Arc<str>, at: Spot) -> Place {
    Place::new(Arc::clone(file), at.line, at.column)
}

/// Whether a pattern of a policy matches a text, in any case of ASCII's letters.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    matches(pattern, text, |a, b| a.eq_ignore_ascii_case(&b))
}

/// The same, in the case that both have.
pub(crate) fn glob_exactly(pattern: &str, text: &str) -> bool {
    matches(pattern, text, |a, b| a == b)
}

/// A star takes as little as it can, and one character more each time that what follows it doesn't match.
fn matches(pattern: &str, text: &str, is: impl Fn(char, char) -> bool) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut star = None;
    loop {
        let before = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = before;
                star = Some((pattern.clone(), text.clone()));
            }
            (Some(piece), Some(c)) if piece == '?' || is(piece, c) => {}
            _ => {
                let Some((after, from)) = &mut star else { return false };
                if from.next().is_none() {
                    return false;
                }
                (pattern, text) = (after.clone(), from.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (pattern, text) in [
            ("*", ""),
            ("s3:Get*", "S3:getobject"),
            ("a*b*c", "abbcbc"),
            ("*ab", "aab"),
            ("?*", "é"),
            ("**", "x"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "x"),
            ("?", ""),
            ("a", "ab"),
            ("a*b*c", "acb"),
            ("*Acl", "GetAclX"),
            ("a*", "ba"),
            ("*?", ""),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
        assert!(glob_exactly("prod-*", "prod-1") && !glob_exactly("Prod-*", "prod-1"));
    }
}
