//! What `crates/rbac` answers to the questions of `tests/e2e/rbac-oracle`: both sides read the same JSON.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rbac::{Binding, Identity, Permission, Policy, PolicyRule, Request, Role};
use serde::Deserialize;
use serde_json::{Value, json};

/// All RBAC objects of a cluster.
pub(super) fn policy(objects: &Value) -> Result<Policy> {
    let list = |field: &str| objects.get(field).and_then(Value::as_array).into_iter().flatten();
    let roles = list("roles").chain(list("clusterRoles")).map(Role::deserialize);
    let bindings = list("roleBindings").chain(list("clusterRoleBindings")).map(Binding::deserialize);
    Ok(Policy::new(roles.collect::<Result<Vec<_>, _>>()?, bindings.collect::<Result<Vec<_>, _>>()?, []))
}

/// RBAC objects as the oracle takes them; others are left out.
pub(super) fn by_kind(objects: &[Value]) -> Value {
    let of = |kind: &str| -> Vec<&Value> {
        objects.iter().filter(|object| text(object, "kind") == kind).collect()
    };
    json!({
        "roles": of("Role"), "clusterRoles": of("ClusterRole"), "roleBindings": of("RoleBinding"),
        "clusterRoleBindings": of("ClusterRoleBinding"),
    })
}

/// The ClusterRoles whose rules, as the server has stored them, are others than we aggregate. In a cycle of roles the order of
/// the rules depends on which was first, so order doesn't count.
pub(super) fn aggregated_otherwise(objects: &Value, policy: &Policy) -> Result<Vec<String>> {
    let stored =
        objects.get("clusterRoles").and_then(Value::as_array).into_iter().flatten().map(Role::deserialize);
    let stored: BTreeMap<String, BTreeSet<PolicyRule>> = stored
        .map(|role| role.map(|role| (role.name, role.rules.iter().cloned().collect())))
        .collect::<Result<_, _>>()?;
    let cluster_roles = policy.roles().filter(|role| role.namespace.is_none());
    let differing =
        cluster_roles.filter(|role| stored.get(&role.name) != Some(&role.rules.iter().cloned().collect()));
    Ok(differing.map(|role| role.name.clone()).collect())
}

/// Whether a request is allowed: by the authorizer, by compiled rules, and by the set of all that is held.
pub(super) fn allowed(policy: &Policy, question: &Value) -> [bool; 3] {
    let (identity, request) = (identity(question), request(question));
    [
        rbac::authorize(policy, &identity, &request).is_allowed(),
        rbac::compile(policy, &identity).decide(&request).is_allowed(),
        policy.held(&identity).permissions.contains(&exactly(&request)),
    ]
}

/// The permission that allows a request and no other: a request without name is the one that `resourceNames: [""]` allows.
fn exactly(request: &Request) -> Permission {
    match Permission::from(request) {
        permission @ Permission::Resource { name: None, .. } => permission.named(""),
        permission => permission,
    }
}

/// What somebody holds in a namespace, as a SelfSubjectRulesReview lists it (plugin/pkg/auth/authorizer/rbac/rbac.go, RulesFor):
/// rules on resources and rules on paths apart, in no order.
pub(super) fn rules_for(policy: &Policy, question: &Value) -> Vec<PolicyRule> {
    let held = policy.rules_for(&identity(question), namespace(question));
    let mut listed: Vec<PolicyRule> = held.into_iter().flat_map(apart).collect();
    listed.sort_unstable();
    listed
}

fn apart(rule: PolicyRule) -> impl Iterator<Item = PolicyRule> {
    let paths = PolicyRule {
        non_resource_urls: rule.non_resource_urls.clone(),
        verbs: rule.verbs.clone(),
        ..PolicyRule::default()
    };
    let resources = PolicyRule { non_resource_urls: Vec::new(), ..rule };
    let resources = Some(resources).filter(|rule| !rule.resources.is_empty());
    resources.into_iter().chain(Some(paths).filter(|rule| !rule.non_resource_urls.is_empty()))
}

/// The same list as the oracle gives it.
pub(super) fn listed(theirs: &Value) -> Result<Vec<PolicyRule>> {
    let mut listed: Vec<PolicyRule> = Vec::deserialize(theirs)?;
    listed.sort_unstable();
    Ok(listed)
}

pub(super) fn rules(values: &[Value]) -> Result<Vec<PolicyRule>> {
    Ok(values.iter().map(PolicyRule::deserialize).collect::<Result<_, _>>()?)
}

/// Exactly the groups that are written: the API server adds its own when it authenticates.
pub(super) fn identity(question: &Value) -> Identity {
    let groups =
        question.get("groups").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    Identity { user: text(question, "user").to_owned(), groups: groups.map(str::to_owned).collect() }
}

fn request(question: &Value) -> Request {
    let verb = text(question, "verb");
    if !text(question, "path").is_empty() {
        return Request::path(verb, text(question, "path"));
    }
    let resource = match text(question, "subresource") {
        "" => text(question, "resource").to_owned(),
        subresource => format!("{}/{subresource}", text(question, "resource")),
    };
    let mut request = Request::resource(verb, text(question, "group"), &resource);
    if let Some(namespace) = namespace(question) {
        request = request.in_namespace(namespace);
    }
    match text(question, "name") {
        "" => request,
        name => request.named(name),
    }
}

pub(super) fn namespace(question: &Value) -> Option<&str> {
    Some(text(question, "namespace")).filter(|namespace| !namespace.is_empty())
}

pub(super) fn text<'q>(question: &'q Value, field: &str) -> &'q str {
    question.get(field).and_then(Value::as_str).unwrap_or_default()
}
