//! Whether somebody may make a request on a cluster, hop by hop.

use facts::{Outcome, RoleArn, UserArn};
use inventory::{Cluster, Inventory};
use rbac::{By as Rule, Identity, Request};

use crate::{
    authorization::{Authorizers, certain},
    cluster_identity::{self, By, Caller, CallerError, ClusterIdentity, Refusal, Resolved},
    escalation,
    hop::{At, Hop, Passes},
    way::Way,
};

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// An IAM principal, whom the cluster has to know.
    Iam(Caller),
    /// Somebody whom the API server knows by itself: a service account, or a user or group as bindings name them.
    Kubernetes(Identity),
}

/// All hops on the cluster itself, up to the one at which it ends.
pub fn can(cluster: &Cluster, who: &Who, request: &Request) -> Vec<Hop> {
    can_with(cluster, &Authorizers::of(cluster), who, request)
}

/// The same for somebody who comes on a way: its hops first. Where one of them ends it, it ends.
pub fn can_by(cluster: &Cluster, authorizers: &Authorizers, way: &Way, request: &Request) -> Vec<Hop> {
    let mut hops = way.hops.clone();
    if let Some(who) = &way.end {
        hops.extend(can_with(cluster, authorizers, who, request));
    }
    hops
}

/// The same, with the cluster's authorizers.
pub(crate) fn can_with(
    cluster: &Cluster,
    authorizers: &Authorizers,
    who: &Who,
    request: &Request,
) -> Vec<Hop> {
    match who {
        Who::Kubernetes(identity) => {
            let decide = |request: &Request| authorizers.decide_user(identity, request);
            authorized(request, decide, authorizers, identity)
        }
        Who::Iam(caller) => {
            let (hop, identity) = identify(cluster, caller);
            let Some(identity) = identity else { return vec![hop] };
            let decide = |request: &Request| authorizers.decide(&identity, request);
            let hops = authorized(request, decide, authorizers, &certain(&identity));
            [vec![hop], hops].concat()
        }
    }
}

/// Whom a cluster takes an IAM caller for, if anybody.
pub(crate) fn identify(cluster: &Cluster, caller: &Caller) -> (Hop, Option<ClusterIdentity>) {
    match cluster_identity::resolve(cluster, caller) {
        Resolved::Identity(identity) => (known(&identity), Some(*identity)),
        Resolved::Nobody { why } => (nobody(caller, &why), None),
        Resolved::Unknown { missing } => {
            (Hop::unknown(At::ClusterIdentity, "it isn't known who that is on the cluster", missing), None)
        }
    }
}

/// The request itself, and of a write of RBAC what may be in it.
fn authorized(
    request: &Request,
    decide: impl Fn(&Request) -> Outcome<Rule>,
    authorizers: &Authorizers,
    identity: &Identity,
) -> Vec<Hop> {
    let hop = authorization(decide(request), request);
    let free = escalation::freeing(request).filter(|_| hop.passes != Passes::No);
    let check = free.map(|free| {
        let everybody = authorizers.held_by_rbac(&Identity::user("", [Identity::AUTHENTICATED]));
        let held = authorizers.held_by_rbac(identity);
        escalation::hop(&free, decide(&free).is_allowed(), &held, &everybody)
    });
    [Some(hop), check].into_iter().flatten().collect()
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
    /// The account's users were read, and it isn't one of them.
    #[error("account `{account}` has no user `{name}`")]
    NoSuchUser {
        /// The account.
        account: String,
        /// The user's name, without path.
        name: String,
    },
}

/// A caller with what an inventory knows of it: a role's path, which a session's ARN doesn't have, and since when there is this role or
/// user, without which an access entry can't be believed.
///
/// # Errors
/// Where there can't be such a caller.
pub fn caller(inventory: &Inventory, arn: &str) -> Result<Caller, NoCaller> {
    let mut named = Caller::new(arn)?;
    if let Ok(user) = named.arn().parse::<UserArn>() {
        named.created = created(inventory, user)?;
        return Ok(named);
    }
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

/// When a user was created, where that is known.
fn created(inventory: &Inventory, user: UserArn) -> Result<Option<String>, NoCaller> {
    let users = inventory.accounts.get(&user.account).and_then(|account| account.users.known());
    let Some(users) = users else { return Ok(None) };
    match users.get(&user.name).filter(|own| own.arn == user) {
        Some(own) => Ok(own.create_date.clone()),
        None => Err(NoCaller::NoSuchUser { account: user.account.to_string(), name: user.name }),
    }
}

/// The hop by which a cluster knows somebody.
pub(crate) fn known(identity: &ClusterIdentity) -> Hop {
    let groups: Vec<String> = identity.groups.iter().map(|group| format!("`{group}`")).collect();
    let (by, place) = match &identity.by {
        By::AccessEntry { principal, place } => (format!("the access entry of `{principal}`"), Some(place)),
        By::MapRoles { index, place } => (format!("`mapRoles[{index}]` of aws-auth"), Some(place)),
        By::MapUsers { index, place } => (format!("`mapUsers[{index}]` of aws-auth"), Some(place)),
        By::MapAccounts { account, place } => (format!("account `{account}` in aws-auth"), Some(place)),
        By::Creator => ("having created the cluster".to_owned(), None),
    };
    let by = format!("user `{}` in {}, by {by}", identity.username, groups.join(", "));
    let hop = Hop::yes(At::ClusterIdentity, by);
    place.iter().fold(hop, |hop, place| hop.at_place(place))
}

fn nobody(caller: &Caller, why: &[Refusal]) -> Hop {
    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
    let hop = Hop::no(At::ClusterIdentity, why.join("; "));
    hop.changed_by(format!(
        "make an access entry of type STANDARD for `{}`, with a group that is bound",
        caller.arn()
    ))
}

fn authorization(outcome: Outcome<Rule>, request: &Request) -> Hop {
    let at = At::Authorization;
    match outcome {
        Outcome::Allowed { by } => {
            let place = if let Rule::Rule(rule) = &by { rule.place.clone() } else { None };
            let hop = Hop::yes(at, by.to_string());
            place.iter().fold(hop, |hop, place| hop.at_place(place))
        }
        Outcome::Denied { .. } | Outcome::NotAllowed => {
            let hop = Hop::no(at, format!("neither RBAC nor an access policy allows {request}"));
            hop.changed_by(format!("bind a role that allows {request} and nothing else"))
        }
        Outcome::Unknown { missing } => {
            Hop::unknown(at, format!("nothing that is known allows {request}"), missing)
        }
    }
}
