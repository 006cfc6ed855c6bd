//! What AWS refuses of a call of `AssumeRole` without asking any policy.

use std::collections::BTreeSet;

use super::{Assumption, Passed, SESSION_SECONDS};
use crate::principal::PrincipalKind;

/// Why AWS refuses a call, whatever policies say. The sources are the STS API Reference's "AssumeRole" and the IAM User Guide's pages
/// on session tags and source identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// Credentials with which nobody can assume a role.
    #[error("{0} can't assume roles")]
    Caller(&'static str),
    /// More session tags than a session can have.
    #[error("{0} session tags are passed, more than 50")]
    TooManyTags(usize),
    /// Two tags whose keys differ in case at most.
    #[error("the session tag `{0}` is passed twice: keys have no case")]
    RepeatedTag(String),
    /// A key or value that no tag can have.
    #[error(
        "`{0}` is no tag: a key has 1 to 128 characters and doesn't begin with `aws:`, a value has 256 at most"
    )]
    NoTag(String),
    /// A tag that the caller's session hands on.
    #[error("the session tag `{0}` is inherited from the caller's session, and can't be passed anew")]
    InheritedTag(String),
    /// A key that is to be handed on, and that no passed tag has.
    #[error("`{0}` is to be transitive, but no session tag of that key is passed")]
    TransitiveWithoutTag(String),
    /// A source identity other than the one of the caller's session.
    #[error("the source identity is `{was}` for the whole chain, and can't become `{passed}`")]
    SourceIdentity {
        /// The session's.
        was: String,
        /// The one that is passed.
        passed: String,
    },
    /// Characters or a length that it can't have.
    #[error("`{value}` is no {what}: it has 2 to {most} letters, digits and `_{also}`")]
    Name {
        /// Of what.
        what: &'static str,
        /// As passed.
        value: String,
        /// The most characters.
        most: usize,
        /// Which others it may have.
        also: &'static str,
    },
    /// A duration that no session of the role has.
    #[error("a session of {seconds} seconds isn't possible: it can have 900 to {most}")]
    Duration {
        /// As passed.
        seconds: u32,
        /// The most.
        most: u32,
    },
}

/// In the order in which they are declared.
pub(super) fn of(assumption: &Assumption) -> Vec<Refusal> {
    let Assumption { caller, passed, .. } = assumption;
    let mut refusals: Vec<Refusal> = caller_of(caller.principal.kind()).into_iter().collect();
    refusals.extend(tags(passed));
    let inherits = |key: &str| caller.transitive.iter().any(|own| own.to_lowercase() == key.to_lowercase());
    let inherited = passed.tags.iter().filter(|(key, _)| inherits(key));
    refusals.extend(inherited.map(|(key, _)| Refusal::InheritedTag(key.clone())));
    refusals.extend(transitive(passed));
    if let (Some(was), Some(identity)) = (&caller.source_identity, &passed.source_identity) {
        let differs = was != identity;
        refusals
            .extend(differs.then(|| Refusal::SourceIdentity { was: was.clone(), passed: identity.clone() }));
    }
    refusals.extend(names(passed));
    refusals.extend(duration(assumption));
    refusals
}

fn caller_of(kind: &PrincipalKind) -> Option<Refusal> {
    match kind {
        PrincipalKind::Root => Some(Refusal::Caller("an account's root user")),
        PrincipalKind::FederatedUser { .. } => Some(Refusal::Caller("a federated user's session")),
        PrincipalKind::Anonymous => Some(Refusal::Caller("nobody")),
        _ => None,
    }
}

fn tags(passed: &Passed) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if passed.tags.len() > 50 {
        refusals.push(Refusal::TooManyTags(passed.tags.len()));
    }
    let mut seen = BTreeSet::new();
    for (key, value) in &passed.tags {
        if !seen.insert(key.to_lowercase()) {
            refusals.push(Refusal::RepeatedTag(key.clone()));
        }
        let is_reserved = key.to_lowercase().starts_with("aws:");
        if is_reserved || !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            refusals.push(Refusal::NoTag(key.clone()));
        }
    }
    refusals
}

fn transitive(passed: &Passed) -> impl Iterator<Item = Refusal> {
    let is_passed = |key: &str| passed.tags.iter().any(|(own, _)| own.to_lowercase() == key.to_lowercase());
    let missing = passed.transitive.iter().filter(move |key| !is_passed(key));
    missing.map(|key| Refusal::TransitiveWithoutTag(key.clone()))
}

fn names(passed: &Passed) -> Vec<Refusal> {
    let all = [
        ("name of a session", Some(&passed.session_name), 64, "=,.@+-"),
        ("source identity", passed.source_identity.as_ref(), 64, "=,.@+-"),
        ("external id", passed.external_id.as_ref(), 1_224, "=,.@:/+-"),
    ];
    let given = all.into_iter().filter_map(|(what, value, most, also)| Some((what, value?, most, also)));
    let refused = given.filter(|(_, value, most, also)| {
        let is_legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || also.contains(c);
        !(2..=*most).contains(&value.chars().count()) || !value.chars().all(is_legal)
    });
    refused
        .map(|(what, value, most, also)| Refusal::Name { what, value: value.clone(), most, also })
        .collect()
}

fn duration(assumption: &Assumption) -> Option<Refusal> {
    let seconds = assumption.passed.seconds?;
    let of_role = assumption.role.most_seconds;
    let most = if assumption.is_chained() { of_role.min(SESSION_SECONDS) } else { of_role };
    (!(900..=most).contains(&seconds)).then_some(Refusal::Duration { seconds, most })
}
