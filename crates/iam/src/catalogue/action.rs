//! Actions: what a policy statement allows or denies.

use std::fmt;

use super::{condition_key, glob, row, service, services};

/// An action of a service. It is shown as policies have it: `eks:CreateAccessEntry`.
#[derive(Debug)]
pub struct Action {
    /// The prefix of its service.
    pub service: &'static str,
    /// As AWS spells it, such as `CreateAccessEntry`.
    pub name: &'static str,
    /// What kind of access it gives.
    pub access_level: AccessLevel,
    /// What it can be allowed on; with none, only on `*`.
    pub resource_types: Vec<ActionResource>,
    /// Keys that its requests have, whatever they are on.
    pub condition_keys: Vec<&'static str>,
}

/// A resource type that an action is on.
#[derive(Debug)]
pub struct ActionResource {
    /// A [`ResourceType`](super::ResourceType) of the same service.
    pub name: &'static str,
    /// Whether a statement with this action has to name such a resource (or `*`).
    pub required: bool,
    /// Keys that only requests for such a resource have.
    pub condition_keys: Vec<&'static str>,
}

/// What kind of access an action gives (IAM User Guide, "Understand access level summaries within policy summaries").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// See which resources there are.
    List,
    /// Read what they hold.
    Read,
    /// Make, change and delete resources.
    Write,
    /// Grant or change permissions.
    PermissionsManagement,
    /// Change nothing but tags.
    Tagging,
}

/// The action of that name, such as `s3:getobject`.
pub fn action(name: &str) -> Option<&'static Action> {
    let (prefix, name) = name.split_once(':')?;
    service(prefix)?.action(name)
}

/// The actions that a pattern of a policy's `Action` matches, sorted by prefix, then by name.
///
/// `*` matches all; whatever else has no colon matches none.
pub fn actions_matching(pattern: &str) -> impl Iterator<Item = &'static Action> {
    let all = !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*');
    let (prefix, name) = if all { ("*", "*") } else { pattern.split_once(':').unwrap_or_default() };
    let (prefix, name) = (prefix.to_owned(), name.to_owned());
    let is_one = !prefix.contains(['*', '?']);
    let one = service(&prefix).filter(|_| is_one);
    let of = services().filter(move |of| !is_one && glob::matches(&prefix, of)).filter_map(service);
    one.into_iter()
        .chain(of)
        .flat_map(|service| &service.actions)
        .filter(move |action| glob::matches(&name, action.name))
}

impl Action {
    /// All keys that its requests can have beside the global ones: its own, those of its resource types, and those that such a
    /// resource brings.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let kinds = self.resource_types.iter().flat_map(|on| {
            let kind = service(self.service).and_then(|service| service.resource_type(on.name));
            on.condition_keys.iter().chain(kind.into_iter().flat_map(|kind| &kind.condition_keys))
        });
        self.condition_keys.iter().chain(kinds).copied()
    }

    /// Whether its requests can have a key, with any parameter. Some lists name a parameter as an example:
    /// `secretsmanager:ResourceTag/tag-key`.
    pub fn has_key(&self, name: &str) -> bool {
        let stem = |key: &str| key.split_once('/').map(|(stem, _)| stem.to_ascii_lowercase());
        let own = stem(name);
        self.keys().any(|key| condition_key::is(key, name) || (own.is_some() && own == stem(key)))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

impl AccessLevel {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "List" => Self::List,
            "Read" => Self::Read,
            "Write" => Self::Write,
            "Permissions management" => Self::PermissionsManagement,
            "Tagging" => Self::Tagging,
            _ => return None,
        })
    }
}

/// An action's row, without its first column.
pub(super) fn parse(service: &'static str, mut columns: row::Columns) -> Option<Action> {
    Some(Action {
        service,
        name: columns.next()?,
        access_level: AccessLevel::parse(columns.next()?)?,
        condition_keys: row::list(columns.next()?),
        resource_types: columns.next()?.split(';').filter_map(on).collect(),
    })
}

fn on(text: &'static str) -> Option<ActionResource> {
    let (name, condition_keys) = text.split_once('|')?;
    let required = name.ends_with('*');
    Some(ActionResource {
        name: name.trim_end_matches('*'),
        required,
        condition_keys: row::list(condition_keys),
    })
}
