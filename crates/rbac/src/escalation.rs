//! Who may write roles and bindings: the API server's escalation check, and the comparison of sets beside it.
//!
//! The check sees **only RBAC**: rules held through an EKS access policy don't count in it. The verbs `escalate`
//! and `bind` are asked of all authorizers. See pkg/registry/rbac/escalation_check.go and
//! pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go.

use facts::{Gap, Outcome, Verdict};

use crate::{
    Binding, By, Identity, Permission, PermissionSet, Policy, PolicyRule, Request, Role, Scope, pattern,
};

const GROUP: &str = "rbac.authorization.k8s.io";

/// The rules in `wanted` that `held` doesn't cover, taken apart as the API server's refusal lists them.
///
/// Word for word `Covers` of k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go: each wanted rule
/// is broken down to one verb, one resource and one name (or one path), and one held rule must cover that alone.
/// It asks for neither scope nor kind of request: a path in a rule bound in a namespace counts here too, though it
/// grants nothing.
pub fn uncovered(held: &[PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    let pieces = wanted.iter().flat_map(break_down);
    pieces.filter(|piece| !held.iter().any(|rule| covers(rule, piece))).collect()
}

/// What the rules would grant in a scope and `held` doesn't: the real comparison, whatever the check above says.
pub fn lacking(held: &PermissionSet, scope: &Scope, wanted: &[PolicyRule]) -> PermissionSet {
    PermissionSet::of_rules(scope, wanted).difference(held)
}

/// What somebody holds who is never asked for the rules of the roles and bindings that he writes in a scope: of whatever authorizer,
/// the first thing that policybased/storage.go looks at (RoleEscalationAuthorized, BindingAuthorized).
pub fn frees_all(scope: &Scope) -> [Permission; 4] {
    [("roles", "escalate"), ("roles", "bind"), ("clusterroles", "escalate"), ("clusterroles", "bind")]
        .map(|(roles, verb)| Permission::resource(scope.clone(), GROUP, roles, verb))
}

/// Whether the API server lets an identity, whom it already lets create or update the object, write this role.
///
/// `sent_name` is the name in the request's URL: none for a POST, so a rule with `resourceNames` never allows
/// `escalate` there; the role's name for PUT and PATCH, server-side apply included, even if that creates the role.
/// `before` is the role that it replaces, for PUT and PATCH: taking an `aggregationRule` away demands what giving it
/// does. A write that changes nothing passes, whoever makes it (pkg/registry/rbac/helpers.go, IsOnlyMutatingGCFields).
/// `ask` is the cluster's whole chain of authorizers.
pub fn may_write_role(
    policy: &Policy,
    identity: &Identity,
    role: &Role,
    before: Option<&Role>,
    sent_name: Option<&str>,
    ask: impl FnOnce(&Request) -> Outcome<By>,
) -> Verdict<Vec<PolicyRule>> {
    if identity.is_master() {
        return Verdict::Holds;
    }
    let resource = if role.namespace.is_some() { "roles" } else { "clusterroles" };
    let request =
        addressed(Request::resource("escalate", GROUP, resource), role.namespace.as_deref(), sent_name);
    let mut wanted = role.rules.to_vec();
    // It can gather anything, and without it nothing that was gathered goes again: the API server demands everything.
    if aggregates(role) || before.is_some_and(aggregates) {
        wanted.extend(full_authority());
    }
    decide(policy, identity, role.namespace.as_deref(), ask(&request), &wanted)
}

/// Whether the API server lets an identity, whom it already lets create or update the object, write this binding.
///
/// `bind` is asked for the role by its name and in the binding's namespace, so it can be granted by name.
pub fn may_write_binding(
    policy: &Policy,
    identity: &Identity,
    binding: &Binding,
    ask: impl FnOnce(&Request) -> Outcome<By>,
) -> Verdict<Vec<PolicyRule>> {
    if identity.is_master() {
        return Verdict::Holds;
    }
    let reference = &binding.role_ref;
    let resource = if reference.kind == "ClusterRole" { "clusterroles" } else { "roles" };
    let namespace = binding.namespace.as_deref();
    let request = addressed(Request::resource("bind", GROUP, resource), namespace, Some(&reference.name));
    let asked = ask(&request);
    match (&asked, policy.role(reference, namespace)) {
        (Outcome::Allowed { .. }, _) => Verdict::Holds,
        (_, Some(role)) => decide(policy, identity, namespace, asked, &role.rules),
        // A role that doesn't exist can only be bound with `bind`: the API server answers "not found".
        (_, None) => Verdict::Unknown {
            missing: vec![Gap::new(
                format!("the rules of {} `{}`", reference.kind, reference.name),
                "no such role was read",
            )],
        },
    }
}

impl Policy {
    /// The rules that the escalation check counts as an identity's own in a namespace, or at cluster scope.
    pub fn rules_for(&self, identity: &Identity, namespace: Option<&str>) -> Vec<PolicyRule> {
        self.grants(identity)
            .filter(|grant| match grant.binding.namespace.as_deref() {
                None => true,
                bound => bound == namespace,
            })
            .flat_map(|grant| grant.role.map(|role| role.rules.to_vec()).unwrap_or_default())
            .collect()
    }
}

fn addressed(request: Request, namespace: Option<&str>, name: Option<&str>) -> Request {
    let request = match namespace {
        Some(namespace) => request.in_namespace(namespace),
        None => request,
    };
    match name {
        Some(name) => request.named(name),
        None => request,
    }
}

fn decide(
    policy: &Policy,
    identity: &Identity,
    namespace: Option<&str>,
    asked: Outcome<By>,
    wanted: &[PolicyRule],
) -> Verdict<Vec<PolicyRule>> {
    if asked.is_allowed() {
        return Verdict::Holds;
    }
    let witness = uncovered(&policy.rules_for(identity, namespace), wanted);
    if witness.is_empty() {
        return Verdict::Holds;
    }
    let mut missing = policy.unknown(identity);
    if let Outcome::Unknown { missing: more } = asked {
        missing.extend(more.into_iter().filter(|gap| !policy.gaps().contains(gap)));
    }
    if missing.is_empty() { Verdict::Violated { witness } } else { Verdict::Unknown { missing } }
}

fn aggregates(role: &Role) -> bool {
    role.aggregation.as_ref().is_some_and(|aggregation| !aggregation.cluster_role_selectors.is_empty())
}

fn full_authority() -> [PolicyRule; 2] {
    let all = || vec!["*".to_owned()];
    [
        PolicyRule { api_groups: all(), resources: all(), verbs: all(), ..PolicyRule::default() },
        PolicyRule { non_resource_urls: all(), verbs: all(), ..PolicyRule::default() },
    ]
}

fn break_down(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |word: &String| vec![word.clone()];
    let names: Vec<Vec<String>> = match rule.resource_names.as_slice() {
        [] => vec![Vec::new()],
        names => names.iter().map(one).collect(),
    };
    let mut pieces = Vec::new();
    for (group, resource) in rule.api_groups.iter().flat_map(|g| rule.resources.iter().map(move |r| (g, r))) {
        for (verb, names) in rule.verbs.iter().flat_map(|v| names.iter().map(move |n| (v, n))) {
            pieces.push(PolicyRule {
                api_groups: one(group),
                resources: one(resource),
                resource_names: names.clone(),
                verbs: one(verb),
                ..PolicyRule::default()
            });
        }
    }
    let paths =
        rule.non_resource_urls.iter().flat_map(|path| rule.verbs.iter().map(move |verb| (path, verb)));
    pieces.extend(paths.map(|(path, verb)| PolicyRule {
        non_resource_urls: one(path),
        verbs: one(verb),
        ..PolicyRule::default()
    }));
    pieces
}

/// Whether a held rule covers a piece of at most one verb, resource, name and path.
fn covers(held: &PolicyRule, piece: &PolicyRule) -> bool {
    let all = |held: &[String], wanted: &[String], covers: fn(&str, &str) -> bool| {
        wanted.iter().all(|wanted| held.iter().any(|held| covers(held, wanted)))
    };
    all(&held.verbs, &piece.verbs, pattern::word_covers)
        && all(&held.api_groups, &piece.api_groups, pattern::word_covers)
        && all(&held.resources, &piece.resources, pattern::resource_covers)
        && all(&held.non_resource_urls, &piece.non_resource_urls, |held, wanted| {
            held == wanted || pattern::prefix(held).is_some_and(|start| wanted.starts_with(start))
        })
        && match piece.resource_names.as_slice() {
            [] => held.resource_names.is_empty(),
            names => {
                held.resource_names.is_empty() || names.iter().all(|name| held.resource_names.contains(name))
            }
        }
}
