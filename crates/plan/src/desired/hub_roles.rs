//! The roles of the hub: one for each service account that needs AWS, or the capability's.

use std::collections::BTreeMap;

use facts::{Gap, RoleArn};
use fleet::{Install, Topology};
use iam::Document;

use super::{
    assume_role_policy::{self, Policies},
    bridge::Bridge,
    capability_access, marks,
    repository_access::{self, Consumer},
    site::Site,
    trust::{self, ServiceAccount},
    wanted::Wanted,
};
use crate::{
    names,
    object::{IamRole, Location, Object, ObjectId},
};

/// A service account of the hub and its role.
pub(super) struct Bound {
    pub(super) account: ServiceAccount,
    pub(super) role: RoleArn,
    /// Whether it is the controller's or the server's own.
    pub(super) reaches_clusters: bool,
    consumers: Vec<Consumer>,
}

/// Every service account of the hub that gets a role, sorted; each has one, since a pod can only have one.
pub(super) fn bound(site: &Site<'_>) -> Vec<Bound> {
    let mut bound: BTreeMap<ServiceAccount, Bound> = BTreeMap::new();
    if site.has_hub_roles() {
        let HubPair { controller, server } = HubPair::of(site);
        for (account, role) in [controller, server] {
            let entry =
                Bound { account: account.clone(), role, reaches_clusters: true, consumers: Vec::new() };
            bound.insert(account, entry);
        }
    }
    for consumer in repository_access::consumers(site) {
        let account = consumer.account.clone();
        let entry = bound.entry(account.clone()).or_insert_with(|| {
            let name = names::service_account_role(site.hub(), &account.namespace, &account.name);
            let role = site.role_in(&site.hub().account, name);
            Bound { account, role, reaches_clusters: false, consumers: Vec::new() }
        });
        entry.consumers.push(consumer);
    }
    bound.into_values().collect()
}

/// The hub's roles with their trust and policies.
pub(super) fn add(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    for entry in bound(site) {
        let Some((trust, after)) = trust_of(site, &entry, wanted) else { continue };
        add_role(site, bridge, wanted, &entry, (trust, after));
    }
    if site.fleet.hub.argocd.install == Install::EksCapability
        || site.reached(&[Topology::Capability]).next().is_some()
    {
        add_capability(site, wanted);
    }
}

fn add_role(
    site: &Site<'_>,
    bridge: &Bridge,
    wanted: &mut Wanted,
    entry: &Bound,
    (trust, after): (Document, Vec<ObjectId>),
) {
    let mut inline: BTreeMap<String, Document> = entry
        .consumers
        .iter()
        .enumerate()
        .map(|(number, consumer)| (policy_name(consumer.what, number), consumer.policy.clone()))
        .collect();
    for consumer in &entry.consumers {
        repository_access::say_what_is_wide(&consumer.policy, &entry.role, wanted);
    }
    let mut managed = BTreeMap::new();
    if entry.reaches_clusters {
        match assume_role_policy::of(site, bridge, &entry.role, &inline, wanted) {
            Policies::None => {}
            Policies::Inline(policy) => _ = inline.insert("assume-spoke-roles".to_owned(), policy),
            Policies::Managed(policies) => managed = policies,
        }
    }
    let meanwhile = meanwhile(bridge, entry, &trust);
    let ServiceAccount { namespace, name } = &entry.account;
    let purpose = if entry.reaches_clusters { "to reach clusters" } else { "to read sources" };
    let role = IamRole {
        arn: entry.role.clone(),
        description: format!("Argo CD on {}: service account {namespace}/{name} {purpose}", site.hub().name),
        trust,
        inline_policies: inline,
        managed_policies: managed,
        tags: marks::tags(&site.fleet.name),
    };
    let reason = format!("pods of service account {namespace}/{name} on the hub use it {purpose}{meanwhile}");
    wanted.add(Location::Account(entry.role.account.clone()), Object::IamRole(role), reason, after);
}

/// What of a role is only for the time in which pods or cluster Secrets change.
fn meanwhile(bridge: &Bridge, entry: &Bound, trust: &Document) -> String {
    let mut text = String::new();
    let kept: Vec<String> = bridge.kept(&entry.role).map(|role| format!("`{role}`")).collect();
    if !kept.is_empty() {
        let kept = kept.join(", ");
        text = format!(
            "; bridge: it may still assume {kept}, which cluster Secrets name until they are changed"
        );
    }
    if trust.statements.len() > 1 {
        text.push_str("; bridge: pods come to it in both ways until they are restarted");
    }
    text
}

/// The trust policy, unless the issuer that it must name isn't known.
fn trust_of(site: &Site<'_>, entry: &Bound, wanted: &mut Wanted) -> Option<(Document, Vec<ObjectId>)> {
    if let Some(trust) = trust::pod_by_both(site, &entry.account, &entry.role) {
        let provider = site.issuer.as_ref().filter(|_| !site.pod_identity());
        let after = provider.map(|issuer| super::identity_binding::provider_id(site, issuer));
        return Some((trust, after.into_iter().collect()));
    }
    let hub = site.hub();
    wanted.unknown.push(
        Gap::new(
            format!("the OIDC issuer of the hub `{}`, which the trust of its roles names", hub.name),
            "neither `hub.oidcIssuer` in the fleet file nor the inventory says it",
        )
        .filled_by(format!(
            "aws eks describe-cluster --region {} --name {} --query cluster.identity.oidc.issuer",
            hub.region, hub.name
        )),
    );
    None
}

fn add_capability(site: &Site<'_>, wanted: &mut Wanted) {
    let arn = site.capability_role();
    let inline = match capability_access::policy(site, &arn, wanted) {
        Some(policy) => BTreeMap::from([("repository-access".to_owned(), policy)]),
        None => BTreeMap::new(),
    };
    let hub = &site.hub().name;
    let role = IamRole {
        arn: arn.clone(),
        description: format!("EKS capability for Argo CD on {hub}"),
        trust: Document::capability_trust(),
        inline_policies: inline,
        managed_policies: BTreeMap::new(),
        tags: marks::tags(&site.fleet.name),
    };
    let reason = format!("the EKS capability for Argo CD on {hub} acts as it on every cluster");
    wanted.add(Location::Account(arn.account.clone()), Object::IamRole(role), reason, Vec::new());
}

fn policy_name(what: &str, number: usize) -> String {
    if number == 0 { what.to_owned() } else { format!("{what}-{number}") }
}

struct HubPair {
    controller: (ServiceAccount, RoleArn),
    server: (ServiceAccount, RoleArn),
}

impl HubPair {
    fn of(site: &Site<'_>) -> Self {
        let roles = site.hub_roles();
        Self { controller: (site.controller(), roles.controller), server: (site.server(), roles.server) }
    }
}
