//! From an IAM principal: to the clusters that know it, to the roles that it assumes, and to what it may change in IAM and EKS.

use std::{collections::BTreeSet, sync::Arc};

use facts::{AccountId, ClusterArn, Gap, RoleArn};
use rayon::prelude::*;
use rbac::Identity;

use super::{
    powers,
    principal::{ClusterId, Principal},
    walk::{Found, Has, Map, NodeId, Steps},
};
use crate::{
    accounts::{Accounts, Applying},
    assume_role::assume_with,
    can::{caller, known},
    cluster_identity::{self, Resolved},
    credentials::{Credentials, Owner, SESSION},
    hop::{At, Hop, Passes},
    trusted::many,
};

/// Credentials that are held.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(super) credentials: Credentials,
    /// Whether its holder may do in the account whatever the organisation leaves.
    pub(super) administers: bool,
}

impl Session {
    pub(super) fn of(credentials: Credentials) -> Has {
        Has::Session(Box::new(Self { credentials, administers: false }))
    }

    pub(super) fn policies(&self, accounts: &Accounts<'_>) -> Applying {
        if self.administers {
            return accounts.of_administrator(self.credentials.owner.account());
        }
        accounts.of_caller(&self.credentials.owner).with_session(&self.credentials.policies)
    }
}

/// The principal whose credentials these are, told apart from another session of its role by what policies may ask for.
pub(super) fn principal(map: &Map<'_>, credentials: &Credentials) -> Principal {
    let tags = credentials.actor.tags.iter();
    let asked = tags.filter(|(key, _)| map.index.tags.contains(&key.to_lowercase()));
    // A tag of the role itself tells no session from another.
    let own = map.accounts.tags(&credentials.owner).ok();
    let own = |key: &str, value: &str| own.is_some_and(|tags| tags.get(key).is_some_and(|v| v == value));
    let mut tags: Vec<String> =
        asked.filter(|(key, value)| !own(key, value)).map(|(key, value)| format!("{key}={value}")).collect();
    tags.extend(credentials.policies.iter().map(|policy| format!("limited by {}", policy.name())));
    Principal::Iam { arn: credentials.owner.to_string().into(), tags: tags.join(", ").into() }
}

/// The step by which somebody gets credentials, as hops tell it.
pub(super) fn arrival(
    map: &Map<'_>,
    from: NodeId,
    hops: &[Hop],
    credentials: Option<Credentials>,
    how: &'static str,
) -> Option<Found> {
    let passes = crate::hop::verdict(hops);
    let credentials = credentials.filter(|_| passes != Passes::No)?;
    let by: Vec<&str> = hops.iter().map(|hop| hop.by.as_str()).collect();
    let place = hops.iter().find_map(|hop| hop.place.as_ref());
    let found = Found::new(from, principal(map, &credentials), how, by.join("; ")).at(place);
    let found = found.having(Session::of(credentials));
    Some(match passes {
        Passes::Unknown { missing } => found.missing(missing),
        _ => found,
    })
}

/// All steps of an IAM principal.
pub(super) fn steps(map: &Map<'_>, from: NodeId, has: &Has) -> Steps {
    let mut steps = Steps::default();
    let Has::Session(session) = has else { return steps };
    let applying = session.policies(map.accounts);
    if !session.administers {
        known_on(map, from, &session.credentials.owner.to_string(), &mut steps);
    }
    assumed(map, from, session, &applying, &mut steps);
    powers::add(map, from, session, &applying, &mut steps);
    steps
}

/// The clusters that know an IAM principal.
pub(super) fn known_on(map: &Map<'_>, from: NodeId, arn: &str, steps: &mut Steps) {
    let Ok(caller) = caller(map.accounts.inventory(), arn) else { return };
    let Ok(account) = arn.split(':').nth(4).unwrap_or_default().parse::<AccountId>() else { return };
    for cluster in map.index.known_on(caller.arn(), &account) {
        let Some((name, there)) = map.index.cluster(cluster) else { continue };
        if !arn.starts_with(&format!("arn:{}:", name.partition)) {
            continue;
        }
        let to = Principal::Caller { cluster, arn: caller.arn().into() };
        let found = match cluster_identity::resolve(there, &caller) {
            Resolved::Identity(identity) => {
                let hop = known(&identity);
                let found = Found::new(from, to, "cluster-identity", hop.by).at(hop.place.as_ref());
                found.having(Has::Identity(identity))
            }
            Resolved::Unknown { missing } => {
                let by = "it isn't known who that is on the cluster";
                Found::new(from, to, "cluster-identity", by).missing(missing)
            }
            Resolved::Nobody { .. } => continue,
        };
        steps.found.push(found.own());
    }
}

/// The roles that it assumes: those that trust it, and those that its own policies name where nobody read whether they do.
fn assumed(map: &Map<'_>, from: NodeId, session: &Session, applying: &Applying, steps: &mut Steps) {
    let own = &session.credentials.owner;
    let mut roles: BTreeSet<&RoleArn> = map.index.trusting(own).map(|role| &role.arn).collect();
    let mut elsewhere = BTreeSet::new();
    if applying.may_allow("sts:AssumeRole") {
        roles.extend(map.index.trusting_account(own.account()).map(|role| &role.arn));
        elsewhere = named_elsewhere(map, own, from, steps);
    }
    roles.extend(&elsewhere);
    roles.retain(|role| Some(*role) != own.role());
    let passed = || iam::Passed { session_name: SESSION.to_owned(), ..iam::Passed::default() };
    // A hub's role is trusted by every account.
    let found = roles.into_par_iter().map(|role| {
        let (hop, credentials) =
            assume_with(map.accounts, applying.clone(), &session.credentials, role, passed(), At::AssumeRole);
        arrival(map, from, &[hop], credentials, "assume-role")
    });
    steps.found.extend(found.collect::<Vec<_>>().into_iter().flatten());
}

/// Roles that its policies let it assume, in accounts of which no role was read.
fn named_elsewhere(map: &Map<'_>, own: &Owner, from: NodeId, steps: &mut Steps) -> BTreeSet<RoleArn> {
    let mut named = BTreeSet::new();
    let statements = map
        .accounts
        .documents(own)
        .into_iter()
        .filter_map(|document| document.get("Statement"))
        .flat_map(many);
    for statement in statements.filter(|statement| statement.get("Effect").is_some_and(|e| e == "Allow")) {
        let actions = statement.get("Action").map(many).unwrap_or_default();
        let actions = actions.iter().filter_map(|action| action.as_str());
        if !actions.map(str::to_lowercase).any(|action| action.starts_with("sts:") || action == "*") {
            continue;
        }
        let resources = statement.get("Resource").map(many).unwrap_or_default();
        for resource in resources.into_iter().filter_map(|resource| resource.as_str()) {
            if resource.contains('*') {
                open_accounts(map, resource, from, steps);
            } else if let Ok(other) = resource.parse::<RoleArn>()
                && map.accounts.role(&other).is_err()
            {
                named.insert(other);
            }
        }
    }
    named
}

/// A pattern reaches into accounts that nobody read.
fn open_accounts(map: &Map<'_>, resource: &str, from: NodeId, steps: &mut Steps) {
    let account = resource.split(':').nth(4).unwrap_or("*");
    let known = &map.accounts.inventory().accounts;
    let unread: Vec<Gap> = match account.parse::<AccountId>() {
        Ok(account) => match map.accounts.account(&account).map(|account| account.roles.gap()) {
            Ok(gap) => gap.cloned().into_iter().collect(),
            Err(gap) => vec![gap],
        },
        Err(_) => {
            let what =
                format!("the roles that `{resource}` means in accounts beside the {} read", known.len());
            let cause = "whom they trust isn't in the inventory";
            vec![
                Gap::new(what, cause).filled_by("aws iam get-account-authorization-details, in each account"),
            ]
        }
    };
    steps.unknown(from, unread);
}

/// The group, the user or the service account that a binding's subject is.
pub(super) fn subject(cluster: ClusterId, kind: &str, name: &str) -> Option<(Principal, Identity)> {
    let name: Arc<str> = name.into();
    match kind {
        "User" => Some((Principal::User(cluster, Arc::clone(&name)), user(&name))),
        "Group" => Some((Principal::Group(cluster, Arc::clone(&name)), group(&name))),
        _ => None,
    }
}

/// A user is in the group of everybody who is somebody.
pub(super) fn user(name: &str) -> Identity {
    match name.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => Identity::service_account(namespace, name),
        None => Identity::user(name, [Identity::AUTHENTICATED]),
    }
}

/// A member of a group.
pub(super) fn group(name: &str) -> Identity {
    match name {
        "system:unauthenticated" => Identity::user("system:anonymous", [name]),
        name => Identity::user("", [name, Identity::AUTHENTICATED]),
    }
}

/// The ARN of an access entry (Service Authorization Reference, "Actions, resources, and condition keys for Amazon EKS").
pub(super) fn access_entry(cluster: &ClusterArn, owner: &Owner) -> String {
    let ClusterArn { partition, region, account, name } = cluster;
    let (kind, its) = match owner {
        Owner::Role(role) => ("role", &role.name),
        Owner::User(user) => ("user", &user.name),
    };
    let own = owner.account();
    format!("arn:{partition}:eks:{region}:{account}:access-entry/{name}/{kind}/{own}/{its}/*")
}
