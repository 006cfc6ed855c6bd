//! Assuming a role: what AWS refuses without asking any policy, the requests that policies have to allow, and the session that comes of
//! it, from which the next role can be assumed (IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken
//! with assumed roles" and "Methods to assume a role"; STS API Reference, "AssumeRole").

mod refusal;
mod tags;

use std::{collections::BTreeSet, sync::Arc};

use facts::RoleArn;

pub use refusal::Refusal;
pub use tags::Tags;

use crate::{Context, ContextValue, Policy, Principal, Request, principal::PrincipalKind};

/// Seconds of a session for which nobody asked otherwise, and the most of one that was made from another (the same pages).
pub const SESSION_SECONDS: u32 = 3_600;

/// Who acts: a user, a service, or a session of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who it is.
    pub principal: Principal,
    /// The role of a session, whose path a session's ARN doesn't have.
    pub role: Option<RoleArn>,
    /// `aws:PrincipalTag/…`
    pub tags: Tags,
    /// The keys of the session's tags that the next session inherits.
    pub transitive: BTreeSet<String>,
    /// `aws:SourceIdentity`
    pub source_identity: Option<String>,
}

/// A role that somebody assumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its own tags.
    pub tags: Tags,
    /// Its "maximum session duration", in seconds.
    pub most_seconds: u32,
}

/// What is passed to `AssumeRole`.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// The session's name.
    pub session_name: String,
    /// Tags for the session, as they are passed.
    pub tags: Vec<(String, String)>,
    /// The keys of those that the next session inherits.
    pub transitive: BTreeSet<String>,
    /// Who is behind it.
    pub source_identity: Option<String>,
    /// What a third party was told.
    pub external_id: Option<String>,
    /// How long the session lasts, in seconds.
    pub seconds: Option<u32>,
    /// Policies that limit the session.
    pub policies: Vec<Arc<Policy>>,
}

/// A call of `AssumeRole`.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// Who calls.
    pub caller: Actor,
    /// For which role.
    pub role: Role,
    /// With what.
    pub passed: Passed,
}

/// What comes of a call that is allowed.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who acts in it.
    pub actor: Actor,
    /// How long it lasts.
    pub seconds: u32,
    /// What limits it: [`Layers::session`](crate::Layers::session).
    pub policies: Vec<Arc<Policy>>,
}

impl Assumption {
    /// What AWS refuses, whatever policies say. Nothing of it is in the size of the packed tags and policies, of which AWS doesn't
    /// publish how it is counted.
    pub fn refusals(&self) -> Vec<Refusal> {
        refusal::of(self)
    }

    /// The requests that must all be allowed, by the caller's side and by the role's: it is one call, so that each has all its keys.
    /// The context is what else is known of the call, such as `aws:SourceIp`.
    pub fn requests(&self, context: &Context) -> Vec<Request> {
        let context = self.keys().into_iter().fold(context.clone(), Context::with);
        let request = |action: &str| {
            Request::new(
                self.caller.principal.clone(),
                action,
                &self.role.arn.to_string(),
                None,
                context.clone(),
            )
        };
        self.actions().map(request).collect()
    }

    /// The session, if nothing is refused.
    ///
    /// # Errors
    /// With all that AWS refuses.
    pub fn session(&self) -> Result<Session, Vec<Refusal>> {
        let refusals = self.refusals();
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let Self { role, passed, .. } = self;
        let most = if self.is_chained() { SESSION_SECONDS } else { role.most_seconds };
        let seconds = passed.seconds.unwrap_or(SESSION_SECONDS).min(most);
        Ok(Session { actor: self.actor(), seconds, policies: passed.policies.clone() })
    }

    /// The actions that [`requests`](Self::requests) asks for, in its order: `sts:TagSession` wherever tags are passed or inherited, `sts:SetSourceIdentity` wherever a source identity is.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        let has_tags = !self.passed.tags.is_empty() || !self.caller.transitive.is_empty();
        let has_identity = self.passed.source_identity.is_some() || self.caller.source_identity.is_some();
        let tag = has_tags.then_some("sts:TagSession");
        let identity = has_identity.then_some("sts:SetSourceIdentity");
        ["sts:AssumeRole"].into_iter().chain(tag).chain(identity)
    }

    /// What the call says of itself. `sts:SourceIdentity` is in it only where one is passed: one that is inherited is in
    /// `aws:SourceIdentity`.
    fn keys(&self) -> Vec<(String, ContextValue)> {
        let Self { role, passed, .. } = self;
        let names = passed.tags.iter().map(|(key, _)| key);
        let mut keys = self.caller.keys();
        keys.extend(passed.tags.iter().map(|(key, value)| one(format!("aws:RequestTag/{key}"), value)));
        keys.extend(role.keys());
        keys.extend([
            one("sts:RoleSessionName".to_owned(), &passed.session_name),
            all("aws:TagKeys", names),
            all("sts:TransitiveTagKeys", &passed.transitive),
            maybe("sts:SourceIdentity", passed.source_identity.as_ref()),
            maybe("sts:ExternalId", passed.external_id.as_ref()),
        ]);
        keys
    }

    fn actor(&self) -> Actor {
        let Self { caller, role, passed } = self;
        let RoleArn { partition, account, name, .. } = &role.arn;
        let session = &passed.session_name;
        let inherited = caller.tags.only(&caller.transitive);
        let own: Tags = passed.tags.iter().cloned().collect();
        let transitive = own.only(&passed.transitive).over(inherited.clone());
        Actor {
            principal: Principal::aws(&format!(
                "arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
            )),
            role: Some(role.arn.clone()),
            // Inherited tags override the role's as well, and no tag that is passed may have the key of one.
            tags: inherited.over(own.over(role.tags.clone())),
            transitive: transitive.iter().map(|(key, _)| key.to_owned()).collect(),
            source_identity: caller.source_identity.clone().or_else(|| passed.source_identity.clone()),
        }
    }

    /// Whether a role's session assumes the role.
    fn is_chained(&self) -> bool {
        matches!(self.caller.principal.kind(), PrincipalKind::Role { .. } | PrincipalKind::Session { .. })
    }
}

impl Actor {
    /// Somebody without tags and source identity.
    pub fn new(principal: Principal) -> Self {
        Self {
            principal,
            role: None,
            tags: Tags::default(),
            transitive: BTreeSet::new(),
            source_identity: None,
        }
    }

    /// The keys of all its requests, beside those that [`Request::new`] adds.
    pub fn keys(&self) -> Vec<(String, ContextValue)> {
        let tags = self.tags.iter();
        let mut keys: Vec<_> =
            tags.map(|(key, value)| one(format!("aws:PrincipalTag/{key}"), value)).collect();
        keys.push(maybe("aws:SourceIdentity", self.source_identity.as_ref()));
        keys.extend(self.role.as_ref().map(|role| one("aws:PrincipalArn".to_owned(), &role.to_string())));
        keys
    }
}

impl Role {
    /// What every request on it says of it.
    pub fn keys(&self) -> Vec<(String, ContextValue)> {
        let of = |prefix: &'static str| {
            let tags = self.tags.iter();
            tags.map(move |(key, value)| one(format!("{prefix}:ResourceTag/{key}"), value))
        };
        of("aws").chain(of("iam")).collect()
    }

    /// A role without tags, whose sessions last an hour.
    pub fn new(arn: RoleArn) -> Self {
        Self { arn, tags: Tags::default(), most_seconds: SESSION_SECONDS }
    }
}

fn one(key: String, value: &str) -> (String, ContextValue) {
    (key, ContextValue::One(value.to_owned()))
}

/// A key with several values; with none it is known to be absent.
fn all<'v>(key: &str, values: impl IntoIterator<Item = &'v String>) -> (String, ContextValue) {
    (key.to_owned(), ContextValue::Many(values.into_iter().cloned().collect()))
}

fn maybe(key: &str, value: Option<&String>) -> (String, ContextValue) {
    value.map_or_else(|| all(key, None), |value| one(key.to_owned(), value))
}
