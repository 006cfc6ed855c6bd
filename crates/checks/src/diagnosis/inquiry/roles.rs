//! Changes that may give a pod a role, or let a role assume another.

use access::{Component, ServiceAccount, annotated_role};
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, Inventory, Known};
use serde_json::{Value, json};

use super::{
    Inquiry,
    candidates::{other_roles, secret_field},
    question::account,
};
use crate::diagnosis::change::{Change, SecretField};

/// Both sides of `AssumeRole`, one alone first; tags of sessions are handed on.
pub(super) fn assume(
    inquiry: &Inquiry<'_>,
    principal: &RoleArn,
    role: &RoleArn,
    cluster: Option<&ClusterArn>,
) -> Vec<Vec<Change>> {
    let mut all = Vec::new();
    if principal == role {
        let own = cluster.zip(inquiry.argocd.as_ref());
        all.extend(
            own.and_then(|(cluster, argocd)| {
                secret_field(inquiry, argocd, cluster, SecretField::RoleArn, None)
            })
            .map(|own| vec![own]),
        );
    }
    for actions in [&["sts:AssumeRole"][..], &["sts:TagSession"], &["sts:AssumeRole", "sts:TagSession"]] {
        let identity = Change::Identity {
            role: principal.clone(),
            statement: json!({"Effect": "Allow", "Action": actions, "Resource": role.to_string()}),
        };
        let trust = trust(
            inquiry.inventory,
            role,
            json!({"Effect": "Allow", "Principal": {"AWS": principal.to_string()}, "Action": actions}),
        );
        all.push(vec![identity.clone()]);
        all.extend(trust.iter().map(|trust| vec![trust.clone()]));
        all.extend(trust.into_iter().map(|trust| vec![trust, identity.clone()]));
    }
    all.extend(cluster.map(|cluster| other_roles(inquiry, cluster)).unwrap_or_default());
    all
}

/// A statement in the trust policy of a role that is there.
fn trust(inventory: &Inventory, role: &RoleArn, statement: Value) -> Option<Change> {
    let account = inventory.accounts.get(&role.account)?;
    let own = account.roles.known()?.get(&role.name)?;
    let mut document = own.trust.clone();
    let statements = document.get_mut("Statement")?;
    match statements {
        Value::Array(all) => all.push(statement.clone()),
        one => *one = json!([one.clone(), statement]),
    }
    Some(Change::Trust { role: own.arn.clone(), statement, document })
}

/// From a pod to a role: what IRSA and Pod Identity take.
pub(super) fn credentials(inquiry: &Inquiry<'_>, own: &ServiceAccount) -> Vec<Vec<Change>> {
    let inventory = inquiry.inventory;
    let Some(cluster) = inventory.clusters.get(&own.cluster) else { return Vec::new() };
    let object = cluster.kubernetes.find("serviceaccounts", Some(&own.namespace), &own.name);
    if let Some(role) = object.and_then(annotated_role) {
        return match role.parse() {
            Ok(role) => by_irsa(inventory, cluster, own, &role),
            Err(_) => given(inquiry, own),
        };
    }
    let known = cluster
        .pod_identity_associations
        .known()
        .and_then(|all| all.get(&(own.namespace.clone(), own.name.clone())));
    match known.map(|association| &association.role) {
        Some(Known::Known(role)) => by_pod_identity(inventory, role),
        Some(Known::Gap(_)) => Vec::new(),
        None => given(inquiry, own),
    }
}

fn by_irsa(
    inventory: &Inventory,
    cluster: &Cluster,
    own: &ServiceAccount,
    role: &RoleArn,
) -> Vec<Vec<Change>> {
    let issuer = cluster.description.known().and_then(|own| own.oidc_issuer.as_deref()).unwrap_or_default();
    let issuer = issuer.trim_start_matches("https://").trim_end_matches('/').to_owned();
    let arn = format!("arn:{}:iam::{}:oidc-provider/{issuer}", role.partition, role.account);
    let provider =
        Change::Provider { account: role.account.clone(), partition: role.partition, issuer: issuer.clone() };
    let audience =
        Change::Audience { account: role.account.clone(), provider: arn.clone(), issuer: issuer.clone() };
    let subject = format!("system:serviceaccount:{}:{}", own.namespace, own.name);
    let statement = json!({
        "Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{issuer}:aud"): access::STS_AUDIENCE, format!("{issuer}:sub"): subject}},
    });
    let trust: Vec<Change> = trust(inventory, role, statement).into_iter().collect();
    let known = inventory.accounts.get(&role.account).and_then(|account| account.oidc_providers.known());
    let mut all = Vec::new();
    if known.is_some_and(|known| known.contains_key(&issuer)) {
        all.extend([vec![audience], trust]);
    } else {
        all.extend([vec![provider.clone()], [vec![provider], trust].concat()]);
    }
    all.into_iter().filter(|changes| !changes.is_empty()).collect()
}

fn by_pod_identity(inventory: &Inventory, role: &RoleArn) -> Vec<Vec<Change>> {
    let statement = |actions: &[&str]| json!({"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": actions});
    let all = [&["sts:TagSession"][..], &["sts:AssumeRole"], &["sts:AssumeRole", "sts:TagSession"]];
    all.into_iter()
        .filter_map(|actions| trust(inventory, role, statement(actions)))
        .map(|own| vec![own])
        .collect()
}

/// The role that the other component has, in the same way. Without one nobody can tell which role it should be.
fn given(inquiry: &Inquiry<'_>, own: &ServiceAccount) -> Vec<Vec<Change>> {
    let Some(argocd) = &inquiry.argocd else { return Vec::new() };
    let Some(cluster) = inquiry.inventory.clusters.get(&own.cluster) else { return Vec::new() };
    let others = [Component::Controller, Component::Server].map(|component| account(argocd, component));
    let mut all = Vec::new();
    for other in others.iter().filter(|other| *other != own) {
        let (namespace, account, cluster_arn) =
            (own.namespace.clone(), own.name.clone(), own.cluster.clone());
        let object = cluster.kubernetes.find("serviceaccounts", Some(&other.namespace), &other.name);
        if let Some(role) = object.and_then(annotated_role).and_then(|role| role.parse::<RoleArn>().ok()) {
            let annotation = Change::Annotation {
                cluster: cluster_arn.clone(),
                namespace: namespace.clone(),
                account: account.clone(),
                role: role.clone(),
            };
            all.push(vec![annotation.clone()]);
            all.extend(
                by_irsa(inquiry.inventory, cluster, own, &role)
                    .into_iter()
                    .map(|more| [vec![annotation.clone()], more].concat()),
            );
        }
        let known = cluster
            .pod_identity_associations
            .known()
            .and_then(|all| all.get(&(other.namespace.clone(), other.name.clone())));
        if let Some(Known::Known(role)) = known.map(|association| &association.role) {
            let annotation = Change::Annotation {
                cluster: cluster_arn.clone(),
                namespace: namespace.clone(),
                account: account.clone(),
                role: role.clone(),
            };
            all.push(vec![Change::Association {
                cluster: cluster_arn,
                namespace,
                account,
                role: role.clone(),
            }]);
            // An annotation that is no role's ARN comes before any association, so it has to be mended itself.
            all.push(vec![annotation.clone()]);
            let more = by_irsa(inquiry.inventory, cluster, own, role).into_iter();
            all.extend(more.map(|more| [vec![annotation.clone()], more].concat()));
        }
    }
    all
}
