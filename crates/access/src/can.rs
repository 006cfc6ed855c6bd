//! Whether somebody may make a request on a cluster, hop by hop.

use facts::{Gap, Outcome, Place, RoleArn};
use inventory::{Cluster, Inventory};
use rbac::{By as Rule, Identity, Request};

use crate::{
    authorization::Authorizers,
    cluster_identity::{self, By, Caller, CallerError, ClusterIdentity, Refusal, Resolved},
};

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// An IAM principal, whom the cluster has to know.
    Iam(Caller),
    /// Somebody whom the API server knows by itself: a service account, or a user or group as bindings name them.
    Kubernetes(Identity),
}

/// One hop of the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Which.
    pub at: At,
    /// How it went.
    pub passes: Passes,
    /// By what, or why not.
    pub by: String,
    /// Where that stands.
    pub place: Option<Place>,
}

/// The hops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// From the IAM caller to a user of the cluster.
    ClusterIdentity,
    /// From the user to the request.
    Authorization,
}

/// How a hop went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passes {
    /// It passes.
    Yes,
    /// It ends here.
    No,
    /// Not enough is known.
    Unknown {
        /// What would have to be known.
        missing: Vec<Gap>,
    },
}

/// All hops, up to the one at which it ends.
pub fn can(cluster: &Cluster, who: &Who, request: &Request) -> Vec<Hop> {
    let authorizers = || Authorizers::of(cluster);
    match who {
        Who::Kubernetes(identity) => {
            vec![authorization(authorizers().decide_user(identity, request), request)]
        }
        Who::Iam(caller) => match cluster_identity::resolve(cluster, caller) {
            Resolved::Identity(identity) => {
                vec![known(&identity), authorization(authorizers().decide(&identity, request), request)]
            }
            Resolved::Nobody { why } => vec![nobody(&why)],
            Resolved::Unknown { missing } => vec![Hop {
                at: At::ClusterIdentity,
                passes: Passes::Unknown { missing },
                by: "it isn't known who that is on the cluster".to_owned(),
                place: None,
            }],
        },
    }
}

/// Why somebody can't call a cluster, whatever that grants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCaller {
    /// It is no caller's ARN.
    #[error(transparent)]
    Arn(#[from] CallerError),
    /// The account's roles were read, and it isn't one of them.
    #[error("account `{account}` has no role `{name}`")]
    NoSuchRole {
        /// The account.
        account: String,
        /// The role's name, without path.
        name: String,
    },
}

/// A caller with what an inventory knows of its role: the path, which a session's ARN doesn't have, and since when there is this
/// one, without which an access entry can't be believed.
///
/// # Errors
/// Where there can't be such a caller.
pub fn caller(inventory: &Inventory, arn: &str) -> Result<Caller, NoCaller> {
    let named = Caller::new(arn)?;
    // Of a role it has no path.
    let Ok(role) = named.arn().parse::<RoleArn>() else { return Ok(named) };
    let account = inventory.accounts.get(&role.account);
    let Some(roles) = account.and_then(|account| account.roles.known()) else { return Ok(named) };
    let Some(role) = roles.get(&role.name) else {
        return Err(NoCaller::NoSuchRole { account: role.account.to_string(), name: role.name });
    };
    let mut caller = Caller::new(&role.arn.to_string())?;
    caller.session = named.session;
    caller.unique_id = role.role_id.clone();
    caller.created = role.create_date.clone();
    Ok(caller)
}

fn known(identity: &ClusterIdentity) -> Hop {
    let groups: Vec<String> = identity.groups.iter().map(|group| format!("`{group}`")).collect();
    let (by, place) = match &identity.by {
        By::AccessEntry { principal, place } => (format!("the access entry of `{principal}`"), Some(place)),
        By::MapRoles { index, place } => (format!("`mapRoles[{index}]` of aws-auth"), Some(place)),
        By::MapUsers { index, place } => (format!("`mapUsers[{index}]` of aws-auth"), Some(place)),
        By::MapAccounts { account, place } => (format!("account `{account}` in aws-auth"), Some(place)),
        By::Creator => ("having created the cluster".to_owned(), None),
    };
    Hop {
        at: At::ClusterIdentity,
        passes: Passes::Yes,
        by: format!("user `{}` in {}, by {by}", identity.username, groups.join(", ")),
        place: place.cloned(),
    }
}

fn nobody(why: &[Refusal]) -> Hop {
    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
    Hop { at: At::ClusterIdentity, passes: Passes::No, by: why.join("; "), place: None }
}

fn authorization(outcome: Outcome<Rule>, request: &Request) -> Hop {
    let at = At::Authorization;
    match outcome {
        Outcome::Allowed { by } => {
            let place = if let Rule::Rule(rule) = &by { rule.place.clone() } else { None };
            Hop { at, passes: Passes::Yes, by: by.to_string(), place }
        }
        Outcome::Denied { .. } | Outcome::NotAllowed => Hop {
            at,
            passes: Passes::No,
            by: format!("neither RBAC nor an access policy allows {request}"),
            place: None,
        },
        Outcome::Unknown { missing } => Hop {
            at,
            passes: Passes::Unknown { missing },
            by: format!("nothing that is known allows {request}"),
            place: None,
        },
    }
}
