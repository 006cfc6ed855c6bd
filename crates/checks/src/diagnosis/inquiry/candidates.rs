//! Changes that may repair a hop, the smallest first. Each is tried on the inventory before it is proposed.

use access::{
    Accounts, At, Component, Hop, Installation, ServiceAccount, Who, annotated_role,
    cluster_identity::{self, Refusal, Resolved},
};
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, Inventory, Known};
use rbac::{Request, Target};
use serde_json::{Value, json};

use super::{
    Inquiry,
    question::{Question, account},
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
            who.map(|who| rules::candidates(inquiry.inventory, cluster, &who, request)).unwrap_or_default()
        }
        (At::ClusterIdentity, Question::Request { cluster, by, .. }) => match by.who(inquiry.inventory) {
            Ok(Who::Iam(caller)) => identity(inquiry.inventory, cluster, &caller),
            _ => Vec::new(),
        },
        (At::Escalation, Question::Escalation(own)) => own.candidates(inquiry.inventory),
        (At::ArgocdRbac, Question::Person(own)) => {
            own.change(inquiry.inventory).map(|own| vec![own]).into_iter().collect()
        }
        (At::ClusterSecret, Question::Managed(own)) => {
            own.change(inquiry.inventory).map(|own| vec![own]).into_iter().collect()
        }
        (At::Project, Question::Project(permit)) => {
            permit.change().map(|own| vec![own]).into_iter().collect()
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
    let role = |own: &ServiceAccount| access::credentials(&accounts, own).credentials.map(|found| found.role);
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

fn secret_field(
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

/// Roles that the cluster knows, in the place of one in the cluster Secret that isn't there: the nearest by name first.
fn other_roles(inquiry: &Inquiry<'_>, cluster: &ClusterArn) -> Vec<Vec<Change>> {
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
    let nearest =
        is(wanted).or_else(|| is(manifest::nearest(wanted, principals.iter().map(|(own, _)| *own))?));
    let field = nearest
        .and_then(|role| secret_field(inquiry, argocd, cluster, SecretField::RoleArn, Some(role.to_owned())));
    field.map(|own| vec![own]).into_iter().collect()
}

/// Both sides of `AssumeRole`, one alone first; tags of sessions are handed on.
fn assume(
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
fn credentials(inquiry: &Inquiry<'_>, own: &ServiceAccount) -> Vec<Vec<Change>> {
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
        "Condition": {"StringEquals": {format!("{issuer}:aud"): "sts.amazonaws.com", format!("{issuer}:sub"): subject}},
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

/// From a caller to somebody on the cluster.
pub(super) fn identity(
    inventory: &Inventory,
    arn: &ClusterArn,
    caller: &cluster_identity::Caller,
) -> Vec<Vec<Change>> {
    let Some(cluster) = inventory.clusters.get(arn) else { return Vec::new() };
    let why = match cluster_identity::resolve(cluster, caller) {
        Resolved::Nobody { why } => why,
        // In mode CONFIG_MAP nobody can tell who made the cluster, and the cluster has refused the caller.
        Resolved::Unknown { .. } => Vec::new(),
        Resolved::Identity(_) => return Vec::new(),
    };
    let principal = principal(inventory, caller.arn());
    let entries = cluster.access_entries.known();
    let known = entries.and_then(|entries| entries.values().find(|entry| same(&entry.principal, &principal)));
    let entry = |again: bool| Change::Entry {
        cluster: arn.clone(),
        principal: principal.clone(),
        groups: known.map(|own| own.groups.clone()).unwrap_or_default(),
        policies: known.and_then(|own| own.policies.known().cloned()).unwrap_or_default(),
        again,
    };
    let mapped = why.iter().any(|why| matches!(why, Refusal::AwsAuthNotRead { .. }));
    let mut own = entry(known.is_some());
    if let (true, Change::Entry { groups, .. }) = (mapped, &mut own) {
        *groups = mapped_groups(cluster, &principal);
    }
    let mode = Change::Mode { cluster: arn.clone() };
    match cluster_identity::AuthenticationMode::of(cluster) {
        Ok(cluster_identity::AuthenticationMode::ConfigMap) if known.is_some() => vec![vec![mode]],
        Ok(cluster_identity::AuthenticationMode::ConfigMap) => vec![vec![mode, own]],
        Ok(_) if !why.is_empty() => vec![vec![own]],
        _ => Vec::new(),
    }
}

/// The role's own ARN, with its path.
fn principal(inventory: &Inventory, arn: &str) -> String {
    let Ok(role) = arn.parse::<RoleArn>() else { return arn.to_owned() };
    let account = inventory.accounts.get(&role.account).and_then(|account| account.roles.known());
    account.and_then(|roles| roles.get(&role.name)).map_or_else(|| arn.to_owned(), |own| own.arn.to_string())
}

fn same(a: &str, b: &str) -> bool {
    let role = |arn: &str| arn.parse::<RoleArn>().map(|role| (role.account, role.name));
    a == b || role(a).is_ok_and(|a| role(b) == Ok(a))
}

/// Groups that aws-auth gives a role; access entries can't have Kubernetes' own.
fn mapped_groups(cluster: &Cluster, principal: &str) -> Vec<String> {
    let mapped = cluster_identity::AwsAuth::of(cluster).map(|own| own.roles.items).unwrap_or_default();
    let own = mapped.iter().filter(|item| same(&item.arn, principal));
    own.flat_map(|item| item.groups.iter().filter(|group| !group.starts_with("system:")).cloned()).collect()
}

/// Whether a request is one on Namespaces, which a Role in a namespace allows for its own only.
pub(super) fn is_on_namespaces(request: &Request) -> bool {
    matches!(&request.target, Target::Resource { group, resource, .. } if group.is_empty() && &**resource == "namespaces")
}
