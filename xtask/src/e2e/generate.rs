//! RBAC objects and requests by chance, weighted to odd corners, as JSON: both sides read the same text.

use fastrand::Rng;
use serde_json::{Value, json};

const API: &str = "rbac.authorization.k8s.io";
pub(super) const NAMESPACES: [&str; 3] = ["a", "b", "kube-system"];
const VERBS: [&str; 10] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "*", "bind", "escalate"];
const GROUPS: [&str; 4] = ["", "apps", API, "*"];
const RESOURCES: [&str; 14] = [
    "pods",
    "pods/log",
    "pods/*",
    "deployments",
    "deployments/scale",
    "*/scale",
    "*/log",
    "*",
    "*/*",
    "roles",
    "clusterroles",
    "namespaces",
    "",
    "pods/log/x",
];
const NAMES: [&str; 5] = ["x", "y", "", "*", "kube-system"];
const PATHS: [&str; 10] =
    ["/healthz", "/healthz/*", "/api", "/api/*", "/a*", "/", "*", "/apis/apps", "/api/", "/healthz/etcd"];
const ROLES: [&str; 5] = ["reader", "writer", "view", "gone", "x"];
const USERS: [&str; 4] =
    ["jane", "system:serviceaccount:a:bot", "system:serviceaccount:b:bot", "system:anonymous"];
const MEMBERS: [&str; 6] = [
    "devs",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:a",
    "system:masters",
];

/// All RBAC objects of a cluster: none of a name twice, and some that bindings name are missing.
pub(super) fn policy(rng: &mut Rng) -> Value {
    let mut roles = Vec::new();
    for namespace in NAMESPACES {
        roles.extend(ROLES.map(|name| role(rng, "Role", name, Some(namespace))));
    }
    roles.retain(|_| rng.bool());
    let mut cluster_roles = ROLES.map(|name| role(rng, "ClusterRole", name, None)).to_vec();
    cluster_roles.retain(|_| rng.u8(..4) != 0);
    json!({
        "roles": roles,
        "clusterRoles": cluster_roles,
        "roleBindings": list(rng, 0..10, |rng| binding(rng, "RoleBinding")),
        "clusterRoleBindings": list(rng, 0..5, |rng| binding(rng, "ClusterRoleBinding")),
    })
}

/// Somebody: a user and groups.
fn identity(rng: &mut Rng) -> Value {
    // Who is a master may everything, and is hardly worth a question.
    let members =
        if rng.u8(..20) == 0 { &MEMBERS[..] } else { MEMBERS.split_last().map_or(&[][..], |(_, all)| all) };
    json!({ "user": pick(rng, &USERS), "groups": some(rng, members, 3) })
}

/// One request of somebody.
pub(super) fn request(rng: &mut Rng) -> Value {
    let who = identity(rng);
    let about = if rng.u8(..5) == 0 {
        json!({ "verb": pick(rng, &["get", "post", "delete"]), "path": pick(rng, &PATHS) })
    } else {
        let (resource, subresource) = pick(
            rng,
            &[
                ("pods", ""),
                ("pods", "log"),
                ("deployments", ""),
                ("deployments", "scale"),
                ("roles", ""),
                ("clusterroles", ""),
                ("namespaces", ""),
                ("namespaces", "status"),
                ("widgets", "log"),
                ("*", ""),
            ],
        );
        json!({
            "verb": pick(rng, &VERBS), "group": pick(rng, &["", "apps", API, "example.com", "*"]), "resource": resource,
            "subresource": subresource, "namespace": pick(rng, &["", "a", "b", "c"]), "name": pick(rng, &["", "", "x", "y", "z"]),
        })
    };
    joined(who, about)
}

/// The question what somebody holds in a namespace.
pub(super) fn place(rng: &mut Rng) -> Value {
    let who = identity(rng);
    joined(who, json!({ "namespace": pick(rng, &["a", "b", "c", "kube-system"]) }))
}

/// The same question with the groups that the API server adds when somebody is impersonated who doesn't have them
/// (apiserver/pkg/endpoints/filters/impersonation): everybody may list their own rules.
pub(super) fn impersonated(mut question: Value) -> Value {
    let is_anonymous = question.get("user").is_some_and(|user| user == "system:anonymous");
    if let Some(Value::Array(groups)) = question.get_mut("groups") {
        groups.push("system:authenticated".into());
        if is_anonymous {
            groups.push("system:unauthenticated".into());
        }
        groups.sort_unstable_by_key(Value::to_string);
        groups.dedup();
    }
    question
}

/// The question whether somebody may hand out rules.
pub(super) fn gift(rng: &mut Rng) -> Value {
    let who = identity(rng);
    joined(who, json!({ "namespace": pick(rng, &["", "a", "b"]), "rules": rules(rng) }))
}

/// Somebody who writes a role or a binding of a policy, or a new one. Half of the roles give what the writer may hold.
pub(super) fn write(rng: &mut Rng, number: usize, policy: &Value) -> Value {
    let (name, namespace) = (pick(rng, &ROLES), pick(rng, &NAMESPACES));
    let mut object = match rng.u8(..8) {
        0 | 1 => role(rng, "Role", name, Some(namespace)),
        2 | 3 => role(rng, "ClusterRole", name, None),
        4..=6 => binding(rng, "RoleBinding"),
        _ => binding(rng, "ClusterRoleBinding"),
    };
    let bindings =
        if object.pointer("/metadata/namespace").is_some() { "roleBindings" } else { "clusterRoleBindings" };
    if let Some(rules) = object.get_mut("rules").filter(|_| rng.bool()) {
        *rules = json!(list(rng, 0..3, |rng| held(rng, policy)));
    } else if let Some(existing) = one_of(rng, policy, bindings).filter(|_| rng.bool())
        && object.get("roleRef").is_some()
    {
        extend(&mut object, "", json!({ "metadata": existing.get("metadata") }));
    }
    if name == "gone" && object.get("kind").is_some_and(|kind| kind == "ClusterRole") {
        extend(&mut object, "", json!({ "aggregationRule": { "clusterRoleSelectors": [{}] } }));
    }
    // A write that changes nothing is not checked.
    extend(
        &mut object,
        "/metadata",
        json!({ "annotations": { "e2e.oarlock.dev/write": number.to_string() } }),
    );
    let operation = pick(rng, &["create", "update", "patch", "apply"]);
    joined(impersonated(identity(rng)), json!({ "operation": operation, "object": object }))
}

/// A rule of one of the policy's roles.
fn held(rng: &mut Rng, policy: &Value) -> Value {
    let field = pick(rng, &["roles", "clusterRoles"]);
    let role = one_of(rng, policy, field);
    let rule = role.and_then(|role| rng.choice(role.get("rules")?.as_array()?));
    rule.cloned().unwrap_or_else(|| self::rule(rng))
}

fn one_of<'p>(rng: &mut Rng, policy: &'p Value, field: &str) -> Option<&'p Value> {
    rng.choice(policy.get(field)?.as_array()?)
}

/// Rules of a role.
pub(super) fn rules(rng: &mut Rng) -> Vec<Value> {
    list(rng, 0..5, rule)
}

fn role(rng: &mut Rng, kind: &str, name: &str, namespace: Option<&str>) -> Value {
    json!({
        "apiVersion": format!("{API}/v1"), "kind": kind, "metadata": metadata(name, namespace), "rules": rules(rng),
    })
}

fn rule(rng: &mut Rng) -> Value {
    if rng.u8(..8) == 0 {
        return power(rng);
    }
    if rng.u8(..6) == 0 {
        // Whether a rule may have both, the API server's validation says; the authorizer doesn't ask.
        return json!({ "verbs": some(rng, &["get", "post", "*"], 2), "nonResourceURLs": some(rng, &PATHS, 2) });
    }
    let names = if rng.u8(..4) == 0 { some(rng, &NAMES, 2) } else { Vec::new() };
    json!({
        "verbs": some(rng, &VERBS, 6), "apiGroups": some(rng, &GROUPS, 4), "resources": some(rng, &RESOURCES, 6),
        "resourceNames": names,
    })
}

/// What lets somebody write more than they hold, often by name.
fn power(rng: &mut Rng) -> Value {
    let names = if rng.bool() { some(rng, &ROLES, 2) } else { Vec::new() };
    json!({
        "verbs": some(rng, &["bind", "escalate", "*"], 2), "apiGroups": some(rng, &[API, "*"], 1),
        "resources": some(rng, &["roles", "clusterroles", "*"], 2), "resourceNames": names,
    })
}

fn binding(rng: &mut Rng, kind: &str) -> Value {
    let cluster_wide = kind == "ClusterRoleBinding";
    let namespace = pick(rng, &NAMESPACES);
    let refers = if cluster_wide || rng.bool() { "ClusterRole" } else { "Role" };
    let name = format!("binding-{}", rng.u32(..));
    json!({
        "apiVersion": format!("{API}/v1"), "kind": kind,
        "metadata": metadata(&name, Some(namespace).filter(|_| !cluster_wide)),
        "roleRef": { "apiGroup": API, "kind": refers, "name": pick(rng, &ROLES) },
        "subjects": list(rng, 0..5, subject),
    })
}

fn subject(rng: &mut Rng) -> Value {
    match rng.u8(..8) {
        0..=2 => json!({ "kind": "User", "apiGroup": API, "name": pick(rng, &USERS) }),
        3..=5 => json!({ "kind": "Group", "apiGroup": API, "name": pick(rng, &MEMBERS) }),
        6 => json!({ "kind": "ServiceAccount", "name": "bot" }),
        _ => json!({ "kind": "ServiceAccount", "name": "bot", "namespace": pick(rng, &NAMESPACES) }),
    }
}

fn metadata(name: &str, namespace: Option<&str>) -> Value {
    match namespace {
        Some(namespace) => json!({ "name": name, "namespace": namespace }),
        None => json!({ "name": name }),
    }
}

pub(super) fn list<T>(
    rng: &mut Rng,
    how_many: std::ops::Range<usize>,
    mut one: impl FnMut(&mut Rng) -> T,
) -> Vec<T> {
    (0..rng.usize(how_many)).map(|_| one(rng)).collect()
}

/// At most so many, perhaps one twice; now and then none.
fn some<'a>(rng: &mut Rng, all: &[&'a str], most: usize) -> Vec<&'a str> {
    let least = usize::from(rng.u8(..12) != 0);
    list(rng, least..most + 1, |rng| pick(rng, all))
}

pub(super) fn pick<T: Copy + Default>(rng: &mut Rng, all: &[T]) -> T {
    rng.choice(all).copied().unwrap_or_default()
}

fn extend(object: &mut Value, pointer: &str, more: Value) {
    if let Some(part) = object.pointer_mut(pointer) {
        *part = joined(part.take(), more);
    }
}

fn joined(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (one, _) => one,
    }
}
