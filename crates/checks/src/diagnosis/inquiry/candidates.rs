//! Changes that may repair a hop, the smallest first. Each is tried on the inventory before it is proposed.

use access::{Accounts, At, Component, Hop, Installation, ServiceAccount, Who};
use facts::{ClusterArn, RoleArn};
use rbac::{Request, Target};

use super::{
    Inquiry,
    entries::identity,
    question::{Question, account},
    roles::{assume, credentials},
    rules,
};
use crate::diagnosis::{
    change::{Change, SecretField},
    diagnosed::role_of,
};

/// What may be done about a hop that ends a question, on an inventory with the changes so far.
pub(super) fn candidates(inquiry: &Inquiry<'_>, question: &Question, hop: &Hop) -> Vec<Vec<Change>> {
    match (hop.at, question) {
        (At::Authorization | At::Impersonation, Question::Request { cluster, by, request }) => {
            let who = by.who(inquiry.inventory).ok();
            who.map(|who| rules::candidates(inquiry, cluster, &who, request)).unwrap_or_default()
        }
        (At::ClusterIdentity, Question::Request { cluster, by, .. }) => match by.who(inquiry.inventory) {
            Ok(Who::Iam(caller)) => identity(inquiry.inventory, cluster, &caller),
            _ => Vec::new(),
        },
        (At::Escalation, Question::Escalation(own)) => own.candidates(inquiry),
        (At::ArgocdRbac, Question::Person(own)) => {
            own.change(inquiry.inventory).map(|own| vec![own]).into_iter().collect()
        }
        (At::ClusterSecret, Question::Managed(own)) => {
            own.change(inquiry.inventory).map(|own| vec![own]).into_iter().collect()
        }
        (At::Project, Question::Project(permit)) => {
            permit.change(inquiry.inventory).map(|own| vec![own]).into_iter().collect()
        }
        (At::ClusterSecret, Question::Certificate { cluster, hub, namespace, name }) => {
            let description = inquiry.inventory.clusters.get(cluster).and_then(|own| own.description.known());
            let value = description.and_then(|own| own.certificate_authority.clone());
            let secret = |value| Change::Secret {
                hub: hub.clone(),
                namespace: namespace.clone(),
                name: name.clone(),
                field: SecretField::CaData,
                value: Some(value),
            };
            value.map(|value| vec![secret(value)]).into_iter().collect()
        }
        (At::AssumeRole, Question::Assume { principal, role }) => assume(inquiry, principal, role, None),
        (At::ServiceAccount, Question::Credentials { accounts }) => {
            accounts.iter().flat_map(|own| credentials(inquiry, own)).collect()
        }
        (at, Question::Arrival { cluster, components }) => arrival(inquiry, at, cluster, components),
        (At::ServiceAccount, Question::Assume { .. }) => inquiry
            .argocd
            .iter()
            .flat_map(|argocd| credentials(inquiry, &account(argocd, Component::Controller)))
            .collect(),
        _ => Vec::new(),
    }
}

/// On the way of Argo CD's components.
fn arrival(
    inquiry: &Inquiry<'_>,
    at: At,
    cluster: &ClusterArn,
    components: &[Component],
) -> Vec<Vec<Change>> {
    let Some(argocd) = &inquiry.argocd else { return Vec::new() };
    let accounts = Accounts::of(inquiry.inventory);
    let own: Vec<ServiceAccount> = components.iter().map(|component| account(argocd, *component)).collect();
    let role = |own: &ServiceAccount| access::credentials(&accounts, own).credentials?.owner.role().cloned();
    match at {
        At::ServiceAccount => own.iter().flat_map(|own| credentials(inquiry, own)).collect(),
        At::ClusterSecret => {
            server(inquiry, argocd, cluster).into_iter().chain(other_roles(inquiry, cluster)).collect()
        }
        At::AssumeRole => {
            let target = inquiry
                .secret_of(cluster)
                .and_then(|(_, secret)| secret.config.aws_auth?.role_arn.parse().ok());
            let Some(target) = target else { return Vec::new() };
            let assumed = own
                .iter()
                .filter_map(role)
                .flat_map(|principal| assume(inquiry, &principal, &target, Some(cluster)));
            assumed.collect()
        }
        At::Token => {
            vec![secret_field(inquiry, argocd, cluster, SecretField::ClusterName, Some(cluster.name.clone()))]
                .into_iter()
                .flatten()
                .map(|own| vec![own])
                .collect()
        }
        At::ClusterIdentity => {
            let target: Option<RoleArn> = inquiry
                .secret_of(cluster)
                .and_then(|(_, secret)| secret.config.aws_auth?.role_arn.parse().ok());
            let callers = target.into_iter().chain(own.iter().filter_map(role));
            let callers =
                callers.filter_map(|role| access::caller(inquiry.inventory, &role.to_string()).ok());
            callers.flat_map(|caller| identity(inquiry.inventory, cluster, &caller)).collect()
        }
        _ => Vec::new(),
    }
}

/// A cluster Secret that is for the cluster by its name, with another server.
fn server(inquiry: &Inquiry<'_>, argocd: &Installation, cluster: &ClusterArn) -> Option<Vec<Change>> {
    let endpoint = inquiry.inventory.clusters.get(cluster)?.description.known()?.endpoint.clone()?;
    let (_, secret) = inquiry.secret_of(cluster)?;
    if secret.server.eq_ignore_ascii_case(&endpoint) {
        return None;
    }
    secret_field(inquiry, argocd, cluster, SecretField::Server, Some(endpoint)).map(|own| vec![own])
}

pub(super) fn secret_field(
    inquiry: &Inquiry<'_>,
    argocd: &Installation,
    cluster: &ClusterArn,
    field: SecretField,
    value: Option<String>,
) -> Option<Change> {
    let (object, _) = inquiry.secret_of(cluster)?;
    Some(Change::Secret {
        hub: argocd.hub.clone(),
        namespace: argocd.namespace.clone(),
        name: object.name.clone(),
        field,
        value,
    })
}

/// A role that the cluster knows, in the place of one in the cluster Secret that leads nowhere: the nearest by name, else the only one.
pub(super) fn other_roles(inquiry: &Inquiry<'_>, cluster: &ClusterArn) -> Vec<Vec<Change>> {
    let (Some(argocd), Some((_, secret))) = (&inquiry.argocd, inquiry.secret_of(cluster)) else {
        return Vec::new();
    };
    let written = secret.config.aws_auth.map(|aws| aws.role_arn).unwrap_or_default();
    let known = inquiry.inventory.clusters.get(cluster).and_then(|own| own.access_entries.known());
    let standard =
        known.into_iter().flat_map(|entries| entries.values()).filter(|own| own.kind == "STANDARD");
    let principals: Vec<(&str, &str)> =
        standard.filter_map(|own| Some((role_of(&own.principal)?, own.principal.as_str()))).collect();
    let wanted = role_of(&written).unwrap_or(&written);
    let is = |name: &str| principals.iter().find(|(own, _)| *own == name).map(|(_, principal)| *principal);
    let only = if let [(_, only)] = &principals[..] { Some(*only) } else { None };
    let nearest = is(wanted)
        .or_else(|| is(manifest::nearest(wanted, principals.iter().map(|(own, _)| *own))?))
        .or(only);
    let field = nearest
        .and_then(|role| secret_field(inquiry, argocd, cluster, SecretField::RoleArn, Some(role.to_owned())));
    field.map(|own| vec![own]).into_iter().collect()
}

/// Whether a request is one on Namespaces, which a Role in a namespace allows for its own only.
pub(super) fn is_on_namespaces(request: &Request) -> bool {
    matches!(&request.target, Target::Resource { group, resource, .. } if group.is_empty() && &**resource == "namespaces")
}
