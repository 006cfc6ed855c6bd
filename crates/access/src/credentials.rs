//! AWS credentials: who acts with them.

use std::{fmt, str::FromStr, sync::Arc};

use facts::{AccountId, ArnError, Partition, RoleArn, UserArn};
use iam::{Actor, Policy, Principal};

use crate::accounts::Accounts;

/// Whose credentials are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A session of a role.
    Role(RoleArn),
    /// A user.
    User(UserArn),
}

/// The credentials of a role's session, or of a user.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub owner: Owner,
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

impl Owner {
    /// The account that it belongs to.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Role(role) => &role.account,
            Self::User(user) => &user.account,
        }
    }

    /// The partition that it belongs to.
    pub fn partition(&self) -> Partition {
        match self {
            Self::Role(role) => role.partition,
            Self::User(user) => user.partition,
        }
    }

    /// The role, if it is one.
    pub fn role(&self) -> Option<&RoleArn> {
        match self {
            Self::Role(role) => Some(role),
            Self::User(_) => None,
        }
    }
}

impl From<RoleArn> for Owner {
    fn from(role: RoleArn) -> Self {
        Self::Role(role)
    }
}

impl FromStr for Owner {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        text.parse().map(Self::User).or_else(|_| text.parse().map(Self::Role))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => role.fmt(f),
            Self::User(user) => user.fmt(f),
        }
    }
}

impl Credentials {
    /// Of a role, however its session came about: without session tags and session policies.
    pub fn of_role(role: RoleArn, region: Option<&str>) -> Self {
        let actor = Actor { role: Some(role.clone()), ..Actor::new(Principal::aws(&session_of(&role))) };
        Self {
            owner: Owner::Role(role),
            actor,
            policies: Vec::new(),
            all_tags: false,
            unknown_tags: &[],
            region: region.map(str::to_owned),
        }
    }

    /// Of a role in that way, or of a user with its tags. From where they make requests nobody says.
    pub(crate) fn of(accounts: &Accounts<'_>, owner: Owner) -> Self {
        let user = match owner {
            Owner::Role(role) => return Self::of_role(role, None),
            Owner::User(user) => user,
        };
        let tags = accounts.user(&user).map(|user| user.tags.clone().into_iter().collect());
        let all_tags = tags.is_ok();
        let principal = Principal::aws(&user.to_string());
        let actor = Actor { tags: tags.unwrap_or_default(), ..Actor::new(principal) };
        let owner = Owner::User(user);
        Self { owner, actor, policies: Vec::new(), all_tags, unknown_tags: &[], region: None }
    }

    /// Whom people take it for: the role, the user, or the service that acts for a role.
    pub(crate) fn name(&self) -> String {
        self.actor.role.as_ref().map_or_else(|| self.actor.principal.id().to_owned(), ToString::to_string)
    }

    /// Whether a service acts: of it nothing but its name counts.
    pub(crate) fn is_of_service(&self) -> bool {
        self.actor.principal.account().is_none()
    }

    /// Keys of its calls to STS that are its own choice, so that nobody knows their values: a service names the session after what it is
    /// for, and a person as he likes, who may have been told an external id, too.
    pub(crate) fn chosen_keys(&self) -> &'static [&'static str] {
        match (&self.owner, self.is_of_service()) {
            (_, true) => &["sts:RoleSessionName"],
            (Owner::User(_), false) => &["sts:RoleSessionName", "sts:ExternalId"],
            (Owner::Role(_), false) => &[],
        }
    }
}

/// A session as the AWS SDK for Go names it where nobody does (stscreds, `AssumeRoleProvider`): no policy can name it in advance.
pub(crate) const SESSION: &str = "aws-go-sdk-1700000000000000000";

fn session_of(role: &RoleArn) -> String {
    format!("arn:{}:sts::{}:assumed-role/{}/{SESSION}", role.partition, role.account, role.name)
}
