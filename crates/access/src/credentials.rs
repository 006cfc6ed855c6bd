//! AWS credentials: who acts with them.

use std::sync::Arc;

use facts::RoleArn;
use iam::{Actor, Policy, Principal};

/// The credentials of a role's session.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The role.
    pub role: RoleArn,
    /// Who acts, with its tags.
    pub(crate) actor: Actor,
    /// What limits the session.
    pub(crate) policies: Vec<Arc<Policy>>,
    /// Whether all tags of the session are known.
    pub(crate) all_tags: bool,
    /// Keys of its tags whose values aren't known.
    pub(crate) unknown_tags: &'static [&'static str],
    /// Where the AWS SDK that holds them sends its requests, if that is known.
    pub(crate) region: Option<String>,
}

impl Credentials {
    /// Of a role, however its session came about: without session tags and session policies.
    pub fn of_role(role: RoleArn, region: Option<&str>) -> Self {
        let actor = Actor { role: Some(role.clone()), ..Actor::new(Principal::aws(&session_of(&role))) };
        Self {
            role,
            actor,
            policies: Vec::new(),
            all_tags: false,
            unknown_tags: &[],
            region: region.map(str::to_owned),
        }
    }
}

impl Credentials {
    /// Whom people take it for: the role, or the service that acts for it.
    pub(crate) fn name(&self) -> String {
        self.actor.role.as_ref().map_or_else(|| self.actor.principal.id().to_owned(), ToString::to_string)
    }
}

/// A session as the AWS SDK for Go names it where nobody does (stscreds, `AssumeRoleProvider`): no policy can name it in advance.
pub(crate) const SESSION: &str = "aws-go-sdk-1700000000000000000";

fn session_of(role: &RoleArn) -> String {
    format!("arn:{}:sts::{}:assumed-role/{}/{SESSION}", role.partition, role.account, role.name)
}
