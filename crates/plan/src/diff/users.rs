//! Who besides Argo CD's controller and server uses a role.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClusterArn, RoleArn};
use fleet::Fleet;
use iam::{AnyDocument, Element, Kind, Principals, Statement};
use inventory::{Inventory, Known};

use super::access::annotated_role;
use crate::{Location, ObjectId};

/// Those who are given a role elsewhere, by the role's ARN, in words; `is_planned` names what the plan changes or removes.
pub(super) fn elsewhere(
    fleet: &Fleet,
    inventory: &Inventory,
    is_planned: impl Fn(&ObjectId) -> bool,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |role: String, user: String| _ = users.entry(role).or_default().insert(user);
    for (arn, cluster) in &inventory.clusters {
        for account in cluster.kubernetes.list("serviceaccounts").unwrap_or_default() {
            let name = format!("{}/{}", account.namespace.as_deref().unwrap_or_default(), account.name);
            let id = ObjectId {
                location: Location::Cluster(arn.clone()),
                kind: "ServiceAccount".to_owned(),
                name: name.clone(),
            };
            if let Some(role) = annotated_role(account).filter(|_| !is_planned(&id)) {
                add(role.to_string(), format!("service account {name} on {}", arn.name));
            }
        }
        for ((namespace, name), association) in
            cluster.pod_identity_associations.known().into_iter().flatten()
        {
            let id = association_id(arn, namespace, name);
            let roles = [association.role.known(), association.target_role.as_ref()];
            for role in roles.into_iter().flatten().filter(|_| !is_planned(&id)) {
                add(role.to_string(), format!("service account {namespace}/{name} on {}", arn.name));
            }
        }
        if let (false, Known::Known(entries)) = (fleet.knows(arn), &cluster.access_entries) {
            for principal in entries.keys() {
                add(principal.clone(), format!("an access entry on {}, which isn't in this fleet", arn.name));
            }
        }
    }
    users
}

pub(super) fn association_id(arn: &ClusterArn, namespace: &str, account: &str) -> ObjectId {
    ObjectId {
        location: Location::Eks(arn.clone()),
        kind: "pod identity association".to_owned(),
        name: format!("{namespace}/{account}"),
    }
}

/// Those whom its trust policy lets in besides Argo CD's service accounts and roles.
pub(super) fn trusted(
    role: &inventory::IamRole,
    fleet: &Fleet,
    is_argo_cds: impl Fn(&str) -> bool,
) -> BTreeSet<String> {
    match AnyDocument::of(role.trust.clone(), Kind::Trust) {
        AnyDocument::Raw { because, .. } => [format!("whoever its trust policy means ({because})")].into(),
        AnyDocument::Legal(document) => {
            let strangers = |statement| strangers(statement, fleet, &is_argo_cds);
            document.statements.iter().flat_map(strangers).collect()
        }
    }
}

/// The AWS principals that a role's trust policy lets in.
pub(super) fn principals(role: &inventory::IamRole) -> BTreeSet<String> {
    let AnyDocument::Legal(document) = AnyDocument::of(role.trust.clone(), Kind::Trust) else {
        return BTreeSet::new();
    };
    let principals = document.statements.iter().filter_map(|statement| match &statement.principals {
        Some(Element::Only(principals)) => Some(principals.aws.iter().cloned()),
        _ => None,
    });
    principals.flatten().collect()
}

fn strangers(statement: &Statement, fleet: &Fleet, is_argo_cds: impl Fn(&str) -> bool) -> Vec<String> {
    let Some(Element::Only(principals)) = &statement.principals else { return Vec::new() };
    if statement.effect == iam::Effect::Deny {
        return Vec::new();
    }
    let Principals { aws, service, federated, canonical_user } = principals;
    let roles = aws.iter().filter(|principal| !is_argo_cds(principal)).map(|principal| named(principal));
    // Which pods Pod Identity means the associations say.
    let services = service.iter().filter(|service| *service != "pods.eks.amazonaws.com").cloned();
    let subjects = federated.iter().flat_map(|provider| self::federated(statement, provider, fleet));
    roles.chain(services).chain(subjects).chain(canonical_user.iter().cloned()).collect()
}

fn named(principal: &str) -> String {
    if principal == "*" { "anybody in AWS (`*`)".to_owned() } else { principal.to_owned() }
}

fn federated(statement: &Statement, provider: &str, fleet: &Fleet) -> Vec<String> {
    let argocd = &fleet.hub.argocd;
    let own = [&argocd.controller_service_account, &argocd.server_service_account]
        .map(|name| format!("system:serviceaccount:{}:{name}", argocd.namespace));
    let conditions = statement.conditions.values().flatten();
    let subjects: BTreeSet<&String> =
        conditions.filter(|(key, _)| key.ends_with(":sub")).flat_map(|(_, values)| values).collect();
    if subjects.is_empty() {
        return vec![format!("every subject of {provider}")];
    }
    subjects.into_iter().filter(|subject| !own.contains(subject)).cloned().collect()
}

/// Whether an ARN in the inventory means this role.
pub(super) fn of<'u>(
    users: &'u BTreeMap<String, BTreeSet<String>>,
    role: &RoleArn,
) -> impl Iterator<Item = &'u String> {
    users.get(&role.to_string()).into_iter().flatten()
}
