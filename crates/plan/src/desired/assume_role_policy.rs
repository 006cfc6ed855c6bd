//! What a hub role may assume: the spoke roles by name, as long as AWS's size limits allow.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Finding, Gap, RoleArn, Severity};
use fleet::Topology;
use iam::{Document, INLINE_POLICIES_LIMIT, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_LIMIT, Statement};

use super::{
    bridge::Bridge,
    site::Site,
    trust,
    wanted::{BeyondGrant, Wanted, role_id},
};
use crate::names;

/// How the policies are attached.
pub(super) enum Policies {
    /// There is nothing to assume.
    None,
    /// In the role.
    Inline(Document),
    /// Too long for that: customer managed policies.
    Managed(BTreeMap<String, Document>),
}

/// The policies of a hub role that reaches clusters; `inline` are its others, which share the size limit.
pub(super) fn of(
    site: &Site<'_>,
    bridge: &Bridge,
    hub_role: &RoleArn,
    inline: &BTreeMap<String, Document>,
    wanted: &mut Wanted,
) -> Policies {
    let wanted_now = site.reached(&[Topology::Chained]).map(|(_, cluster)| site.spoke_role(&cluster.arn));
    let roles: BTreeSet<RoleArn> = wanted_now.chain(bridge.kept(hub_role).cloned()).collect();
    if roles.is_empty() {
        return Policies::None;
    }
    let room = INLINE_POLICIES_LIMIT.saturating_sub(inline.values().map(Document::size).sum());
    let named = document(site, roles.iter().map(ToString::to_string).collect());
    if named.size() <= room {
        return Policies::Inline(named);
    }
    let parts = split(site, &roles);
    if parts.len() <= MANAGED_POLICIES_PER_ROLE {
        wanted.note(
            "assume-role-policy-split",
            format!(
                "the names of {} don't fit into {INLINE_POLICIES_LIMIT} characters, so each hub role has {} instead of one inside of it",
                facts::count(roles.len(), "spoke role"),
                facts::count(parts.len(), "managed policy")
            ),
        );
        let names = (1..).map(|number| names::policy(&hub_role.name, number));
        return Policies::Managed(names.zip(parts).collect());
    }
    by_prefix(site, hub_role, &roles, room, wanted)
}

/// By the fixed prefix of the roles' names: in the accounts that have such roles where their list fits, else in any
/// account of the organisation.
fn by_prefix(
    site: &Site<'_>,
    hub_role: &RoleArn,
    roles: &BTreeSet<RoleArn>,
    room: usize,
    wanted: &mut Wanted,
) -> Policies {
    let prefix = names::role_prefix(site.hub());
    let partition = site.hub().partition;
    let within = |account: &str| format!("arn:{partition}:iam::{account}:role/{prefix}*");
    let accounts: BTreeSet<&str> = roles.iter().map(|role| role.account.as_str()).collect();
    let mut policy = document(site, accounts.iter().map(|account| within(account)).collect());
    let mut reach = facts::count(accounts.len(), "account");
    if policy.size() > room {
        if site.fleet.organization.is_none() {
            refuse(site, roles.len(), wanted);
            return Policies::None;
        }
        policy = document(site, BTreeSet::from([within("*")]));
        reach = "all accounts of the organisation".to_owned();
    }
    if let Some(organization) = &site.fleet.organization {
        let limited = |s: Statement| s.when("StringEquals", "aws:ResourceOrgID", [organization.as_str()]);
        policy.statements = policy.statements.into_iter().map(limited).collect();
    }
    say_so(site, hub_role, roles, &policy, &reach, wanted);
    Policies::Inline(policy)
}

fn say_so(
    site: &Site<'_>,
    hub_role: &RoleArn,
    roles: &BTreeSet<RoleArn>,
    policy: &Document,
    reach: &str,
    wanted: &mut Wanted,
) {
    let reason = format!(
        "the names of {} roles are longer than {MANAGED_POLICIES_PER_ROLE} managed policies of {MANAGED_POLICY_LIMIT} characters; `roles: per-account` or `roles: shared` needs fewer names",
        roles.len()
    );
    wanted.note(
        "assume-role-policy-by-prefix",
        format!(
            "the hub roles may assume every role in {reach} whose name begins with `{}`: {reason}",
            names::role_prefix(site.hub())
        ),
    );
    let actions = trust::assume_actions(site).join(", ");
    let resources = policy.statements.iter().flat_map(Statement::listed_resources);
    for resource in resources {
        let prefix = resource.split(':').nth(4).filter(|account| *account != "*");
        let meant = roles.iter().filter(|role| prefix.is_none_or(|account| role.account.as_str() == account));
        wanted.beyond.push(BeyondGrant {
            object: role_id(hub_role),
            grant: format!("{actions} on {resource}"),
            reason: reason.clone(),
            expansion: meant.map(ToString::to_string).collect(),
        });
    }
}

/// Without the organisation's id a wildcard for the account would reach into everybody's.
fn refuse(site: &Site<'_>, roles: usize, wanted: &mut Wanted) {
    let help = [
        "set `organization: o-…`, as `aws organizations describe-organization --query Organization.Id` prints it",
        "or set `roles: per-account` or `roles: shared`, which need fewer role names",
    ];
    let message = format!(
        "the hub roles must assume {roles} roles, whose names no policy can hold, and matching them by prefix in every account needs the organisation's id"
    );
    let mut finding =
        Finding::new("assume-role-policy-too-long", Severity::Error, message).at(site.fleet.place.clone());
    finding.help.extend(help.map(str::to_owned));
    wanted.findings.push(finding);
    wanted.unknown.push(
        Gap::new("which roles the hub roles may assume", "`organization` isn't in the fleet file")
            .filled_by("aws organizations describe-organization --query Organization.Id"),
    );
}

/// As few managed policies as hold all names, filled in order.
fn split(site: &Site<'_>, roles: &BTreeSet<RoleArn>) -> Vec<Document> {
    // A name costs its characters, two quotes and a comma; the first has no comma, so this is never too little.
    let frame = document(site, BTreeSet::new()).size() + "\"Resource\":[],".len();
    let mut parts: Vec<BTreeSet<String>> = Vec::new();
    let mut used = MANAGED_POLICY_LIMIT;
    for name in roles.iter().map(ToString::to_string) {
        let cost = name.len() + 3;
        if used + cost > MANAGED_POLICY_LIMIT {
            parts.push(BTreeSet::new());
            used = frame;
        }
        used += cost;
        parts.last_mut().into_iter().for_each(|part| _ = part.insert(name.clone()));
    }
    parts.into_iter().map(|names| document(site, names)).collect()
}

fn document(site: &Site<'_>, resources: BTreeSet<String>) -> Document {
    let actions = trust::assume_actions(site).iter().copied();
    Document::new([Statement::allow("AssumeSpokeRoles", actions).on(resources)])
}
