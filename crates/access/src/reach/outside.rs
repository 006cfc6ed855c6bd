//! Where a permission leads outside of RBAC: to the nodes, to what Secrets hold, to what Argo CD holds.

use argocd::Authentication;
use facts::{Gap, RoleArn};
use inventory::KubernetesObject;
use rbac::{Permission, Scope, reach::Opening};

use super::{
    aws::{self, Session},
    deploys,
    ground::{Ground, Level},
    principal::{Account, Principal},
    walk::{Found, Map, NodeId, Steps},
};
use crate::{
    assume_role::target, capability, cluster_secret, credentials::Credentials, installation::Component,
    service_account::node_roles,
};

/// Whether Pod Security lets a pod be that is root on its node, and why.
pub(super) type Admitted = Result<Option<String>, Gap>;

/// What an entry of the catalogue that somebody opens leads to besides.
pub(super) fn add<'i>(
    map: &Map<'i>,
    ground: &mut Ground<'i>,
    (opening, from): (&Opening, NodeId),
    there: &Permission,
    found: &impl Fn(Principal) -> Found,
    steps: &mut Steps,
) {
    let (scope, name) = match there {
        Permission::Resource { scope, name, .. } => (scope, name.as_deref()),
        Permission::NonResource { .. } => return,
    };
    if let "pods-create" | "workloads-write" | "wildcard" = opening.entry.id
        && !ground.to_nodes.contains(&from)
    {
        match admitted(ground, scope) {
            Ok(Some(why)) => {
                let step = found(Principal::Nodes(ground.id));
                let by = format!("{}; {why}", step.by);
                steps.found.push(Found { by, ..step });
                ground.to_nodes.insert(from);
            }
            Ok(None) => {}
            Err(gap) => steps.found.push(found(Principal::Nodes(ground.id)).missing([gap])),
        }
    }
    let everything = opening.entry.id == "wildcard";
    if everything || opening.entry.id == "secrets-read" {
        secrets(map, ground, from, scope, name, steps);
    }
    let Some(argo) = map.index.hubs.get(&ground.id) else { return };
    if !scope.covers(&Scope::of(Some(&argo.namespace))) {
        return;
    }
    let writes = |what: &str| match there {
        Permission::Resource { resource, .. } => **resource == *what || &**resource == "*",
        Permission::NonResource { .. } => false,
    };
    match opening.entry.id {
        "wildcard" => argocd(map, ground, from, "everything in its namespace", steps),
        "secrets-write" if is_of_argocd(name) => argocd(map, ground, from, "writing its Secrets", steps),
        "argocd-settings" if is_of_argocd(name) => argocd(map, ground, from, "writing its settings", steps),
        "argocd" if writes("appprojects") => argocd(map, ground, from, "writing its AppProjects", steps),
        "argocd" => steps.add(deploys::projects(map, argo, from, None)),
        _ => {}
    }
}

/// By their names Argo CD's own objects, cluster Secrets among them as Argo CD's command line names them.
fn is_of_argocd(name: Option<&str>) -> bool {
    name.is_none_or(|name| ["argocd", "cluster-"].iter().any(|start| name.starts_with(start)))
}

/// What is known of that, or is now.
fn admitted(ground: &mut Ground<'_>, scope: &Scope) -> Admitted {
    if let Some(known) = ground.admitted.get(scope) {
        return known.clone();
    }
    let found = enforced(ground, scope);
    ground.admitted.insert(scope.clone(), found.clone());
    found
}

/// A namespace without the label enforces nothing (Kubernetes documentation, "Pod Security Admission"). Other admission isn't asked.
fn enforced(ground: &Ground<'_>, scope: &Scope) -> Admitted {
    let namespaces = ground.cluster.kubernetes.list("namespaces")?;
    let own = |namespace: &&KubernetesObject| scope.namespace().is_none_or(|wanted| wanted == namespace.name);
    let level = |namespace: &KubernetesObject| {
        let labels = namespace.body.at("/metadata/labels")?;
        Some(labels.get("pod-security.kubernetes.io/enforce")?.as_str()?.to_owned())
    };
    let open = namespaces.iter().filter(own).find(|namespace| {
        !level(namespace).is_some_and(|level| level == "baseline" || level == "restricted")
    });
    Ok(open.map(|namespace| format!("namespace {} enforces no Pod Security", namespace.name)))
}

/// The nodes: their role, and the service accounts of the pods that run on them.
pub(super) fn nodes<'i>(map: &Map<'i>, ground: &mut Ground<'i>, from: NodeId, steps: &mut Steps) {
    match node_roles(ground.cluster) {
        Err(gap) => steps.unknown(from, [gap]),
        Ok(roles) => {
            for role in roles {
                let credentials = of_node(map, role, &ground.arn.region);
                let by = "the role of the nodes, from their metadata service";
                let found = Found::new(from, aws::principal(map, &credentials), "node-role", by);
                steps.found.push(found.having(Session::of(credentials)));
            }
        }
    }
    if ground.is_admin {
        return;
    }
    let Ok(pods) = ground.cluster.kubernetes.list("pods") else {
        let what = format!("which service accounts' pods run on the nodes of `{}`", ground.arn.name);
        let gap =
            Gap::new(what, "pods aren't in the inventory: whoever is root on their nodes has their tokens");
        let gap = gap.filled_by("kubectl get pods --all-namespaces -o yaml");
        return steps.unknown_there(from, ground.id, [gap]);
    };
    for pod in pods {
        let spec = pod.body.at("/spec").unwrap_or_default();
        let field = |name: &str| spec.get(name)?.as_str();
        // Nodes of Fargate run one pod each, in a machine of its own.
        if field("nodeName").is_none_or(|node| node.starts_with("fargate-")) {
            continue;
        }
        let name = field("serviceAccountName").unwrap_or("default");
        let found = |to| Found::new(from, to, "node-pods", "a pod of it runs on a node").at(Some(&pod.place));
        ground.accounts_in(pod.namespace.as_deref(), Some(name), Level::Pod, &found, steps);
    }
}

fn of_node(map: &Map<'_>, role: RoleArn, region: &str) -> Credentials {
    let own = map.accounts.role(&role).ok();
    let credentials = Credentials::of_role(role, Some(region));
    let Some(own) = own else { return credentials };
    let actor = iam::Actor { tags: target(own).tags, ..credentials.actor.clone() };
    Credentials { actor, all_tags: true, ..credentials }
}

/// What Secrets hold: tokens of service accounts, and what Argo CD signs in to clusters with.
pub(super) fn secrets<'i>(
    map: &Map<'i>,
    ground: &mut Ground<'i>,
    from: NodeId,
    scope: &Scope,
    name: Option<&str>,
    steps: &mut Steps,
) {
    let all = match ground.cluster.kubernetes.list("secrets") {
        // Argo CD's own would stand there.
        Err(gap) if map.index.hubs.contains_key(&ground.id) => return steps.unknown(from, [gap]),
        Err(gap) => return steps.unknown_there(from, ground.id, [gap]),
        Ok(all) => all,
    };
    let is_read = |secret: &&KubernetesObject| {
        let there = secret.namespace.as_deref().unwrap_or_default();
        scope.covers(&Scope::of(Some(there))) && name.is_none_or(|name| name == secret.name)
    };
    let read: Vec<&KubernetesObject> = all.iter().filter(is_read).collect();
    if !ground.is_admin {
        tokens(ground, from, &read, steps);
        if all.iter().all(is_labelled) {
            let what = format!("the Secrets beside Argo CD's on `{}`", ground.arn.name);
            let gap = Gap::new(what, "not in the inventory: some may hold tokens of service accounts");
            let gap = gap.filled_by("kubectl get secrets --all-namespaces -o yaml");
            steps.unknown_there(from, ground.id, [gap]);
        }
    }
    let Some(argo) = map.index.hubs.get(&ground.id) else { return };
    for found in cluster_secret::all(all, &argo.namespace) {
        let Some(name) = found.name.as_deref() else { continue };
        let is_read = read.iter().any(|secret| {
            secret.name == name && secret.namespace.as_deref() == Some(argo.namespace.as_str())
        });
        if !is_read || !matches!(found.secret.authentication(), Authentication::Static) {
            continue;
        }
        let server = &found.secret.server;
        let gap = Gap::new(
            format!("who the credential in the cluster Secret `{name}` is on `{server}`"),
            "an inventory never has it",
        );
        let to = Principal::Credential(ground.id, format!("Secret {name} for {server}").into());
        let step = Found::new(from, to, "cluster-secret", "a token, a password or a certificate");
        let gap = gap.filled_by("kubectl auth whoami, with that credential");
        steps.found.push(step.at(found.place.as_ref()).missing([gap]));
    }
}

fn tokens(ground: &mut Ground<'_>, from: NodeId, read: &[&KubernetesObject], steps: &mut Steps) {
    for secret in read {
        let body = secret.body.value();
        if body.get("type").is_none_or(|kind| kind != "kubernetes.io/service-account-token") {
            continue;
        }
        let annotations = body.pointer("/metadata/annotations");
        let account = annotations.and_then(|all| all.get("kubernetes.io/service-account.name")?.as_str());
        let Some(account) = account else { continue };
        let by = format!("its token in Secret `{}`", secret.name);
        let found = |to| Found::new(from, to, "secret-token", by.clone()).at(Some(&secret.place));
        ground.accounts_in(secret.namespace.as_deref(), Some(account), Level::Acts, &found, steps);
    }
}

fn is_labelled(secret: &KubernetesObject) -> bool {
    let labels = secret.body.at("/metadata/labels");
    labels.is_some_and(|labels| labels.get(argocd::SECRET_TYPE_LABEL).is_some())
}

/// What Argo CD holds, for whoever may change what it does.
pub(super) fn argocd<'i>(map: &Map<'i>, ground: &Ground<'i>, from: NodeId, by: &str, steps: &mut Steps) {
    let Some(argo) = map.index.hubs.get(&ground.id) else { return };
    for component in [Component::Controller, Component::Server] {
        let account = Account::new(ground.id, &argo.namespace, argo.account_of(component));
        let there =
            ground.cluster.kubernetes.find("serviceaccounts", Some(&account.namespace), &account.name);
        if there.is_some() {
            steps.found.push(Found::new(from, Principal::Pod(account), "argocd", by));
        }
    }
    if super::is_capability(ground.cluster) {
        let arrival = capability::credentials(map.accounts, ground.arn, ground.cluster);
        steps.found.extend(aws::arrival(map, from, &arrival.hops, arrival.credentials, "argocd"));
    }
}
