//! Random worlds and requests: this crate against Kubernetes' own code, written out again in the plainest way.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use facts::{Outcome, Verdict};
use oarlock_rbac::{
    Binding, Identity, Policy, PolicyRule, Request, Role, RoleRef, Subject, Target, authorize, compile,
    escalation::{may_write_binding, may_write_role, uncovered},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// pkg/registry/rbac/validation/rule.go and plugin/pkg/auth/authorizer/rbac/rbac.go, v1.36.
mod resolver {
    use super::*;

    /// `VisitRulesFor`; the error of a role that isn't there only counts where nothing else allows the request.
    pub(super) fn rules_for(world: &World, user: &Identity, namespace: &str) -> Vec<PolicyRule> {
        let mut rules = Vec::new();
        for binding in world.bindings.iter().filter(|binding| binding.namespace.is_none()) {
            if applies_to(user, &binding.subjects, "") {
                rules.extend(role_reference_rules(world, &binding.role_ref, ""));
            }
        }
        if !namespace.is_empty() {
            let here = |binding: &&Binding| binding.namespace.as_deref() == Some(namespace);
            for binding in world.bindings.iter().filter(here) {
                if applies_to(user, &binding.subjects, namespace) {
                    rules.extend(role_reference_rules(world, &binding.role_ref, namespace));
                }
            }
        }
        rules
    }

    pub(super) fn applies_to(user: &Identity, subjects: &[Subject], namespace: &str) -> bool {
        subjects.iter().any(|subject| match subject.kind.as_str() {
            "User" => user.user == subject.name,
            "Group" => user.groups.contains(&subject.name),
            "ServiceAccount" => {
                let own = subject.namespace.clone().unwrap_or_default();
                let namespace = if own.is_empty() { namespace } else { &own };
                !namespace.is_empty()
                    && user.user == format!("system:serviceaccount:{namespace}:{}", subject.name)
            }
            _ => false,
        })
    }

    pub(super) fn role_reference_rules(
        world: &World,
        reference: &RoleRef,
        namespace: &str,
    ) -> Vec<PolicyRule> {
        let namespace = match reference.kind.as_str() {
            "Role" => Some(namespace),
            "ClusterRole" => None,
            _ => return Vec::new(),
        };
        let same = |role: &&Role| role.name == reference.name && role.namespace.as_deref() == namespace;
        world.roles.iter().find(same).map(|role| role.rules.to_vec()).unwrap_or_default()
    }

    /// `Authorize`, with `RuleAllows` and pkg/apis/rbac/v1/evaluation_helpers.go.
    pub(super) fn allows(world: &World, user: &Identity, request: &Request) -> bool {
        let namespace = match &request.target {
            Target::Resource { namespace, .. } => namespace.as_deref().unwrap_or_default(),
            Target::NonResource { .. } => "",
        };
        rules_for(world, user, namespace).iter().any(|rule| rule_allows(rule, request))
    }

    fn rule_allows(rule: &PolicyRule, request: &Request) -> bool {
        let verb = rule.verbs.iter().any(|verb| verb == "*" || **verb == *request.verb);
        match &request.target {
            Target::Resource { group, resource, subresource, name, .. } => {
                let sub = subresource.as_deref().unwrap_or_default();
                let combined =
                    if sub.is_empty() { resource.to_string() } else { format!("{resource}/{sub}") };
                let resource = rule.resources.iter().any(|written| {
                    written == "*"
                        || *written == combined
                        || (!sub.is_empty()
                            && written.len() == sub.len() + 2
                            && written.starts_with("*/")
                            && written.ends_with(sub))
                });
                let name = name.as_deref().unwrap_or_default();
                verb && resource
                    && rule.api_groups.iter().any(|written| written == "*" || **written == **group)
                    && (rule.resource_names.is_empty() || rule.resource_names.iter().any(|n| n == name))
            }
            Target::NonResource { path } => {
                verb && rule.non_resource_urls.iter().any(|written| {
                    written == "*"
                        || **written == **path
                        || (written.ends_with('*') && path.starts_with(written.trim_end_matches('*')))
                })
            }
        }
    }
}

/// component-helpers/auth/rbac/validation/policy_comparator.go, v0.36.
mod comparator {
    use super::*;

    pub(super) fn uncovered(owner: &[PolicyRule], servant: &[PolicyRule]) -> Vec<PolicyRule> {
        let pieces = servant.iter().flat_map(break_down);
        pieces.filter(|piece| !owner.iter().any(|rule| rule_covers(rule, piece))).collect()
    }

    fn break_down(rule: &PolicyRule) -> Vec<PolicyRule> {
        let mut pieces = Vec::new();
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for verb in &rule.verbs {
                    let piece = PolicyRule {
                        api_groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        verbs: vec![verb.clone()],
                        ..PolicyRule::default()
                    };
                    if rule.resource_names.is_empty() {
                        pieces.push(piece.clone());
                    }
                    for name in &rule.resource_names {
                        pieces.push(PolicyRule { resource_names: vec![name.clone()], ..piece.clone() });
                    }
                }
            }
        }
        for path in &rule.non_resource_urls {
            for verb in &rule.verbs {
                pieces.push(PolicyRule {
                    non_resource_urls: vec![path.clone()],
                    verbs: vec![verb.clone()],
                    ..PolicyRule::default()
                });
            }
        }
        pieces
    }

    fn has(set: &[String], word: &str) -> bool {
        set.iter().any(|held| held == word)
    }

    fn has_all(set: &[String], words: &[String]) -> bool {
        words.iter().all(|word| has(set, word))
    }

    fn resource_covers_all(set: &[String], wanted: &[String]) -> bool {
        has(set, "*")
            || has_all(set, wanted)
            || wanted.iter().all(|path| {
                has(set, path) || path.split_once('/').is_some_and(|(_, sub)| has(set, &format!("*/{sub}")))
            })
    }

    fn path_covers(owner: &str, path: &str) -> bool {
        owner == path || (owner.ends_with('*') && path.starts_with(owner.trim_end_matches('*')))
    }

    fn rule_covers(owner: &PolicyRule, piece: &PolicyRule) -> bool {
        let names = match piece.resource_names.is_empty() {
            true => owner.resource_names.is_empty(),
            false => owner.resource_names.is_empty() || has_all(&owner.resource_names, &piece.resource_names),
        };
        (has(&owner.verbs, "*") || has_all(&owner.verbs, &piece.verbs))
            && (has(&owner.api_groups, "*") || has_all(&owner.api_groups, &piece.api_groups))
            && resource_covers_all(&owner.resources, &piece.resources)
            && names
            && piece
                .non_resource_urls
                .iter()
                .all(|p| owner.non_resource_urls.iter().any(|o| path_covers(o, p)))
    }
}

/// The RBAC objects of one cluster, as they are written.
#[derive(Clone, Debug)]
struct World {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
}

impl World {
    fn policy(&self) -> Policy {
        Policy::new(self.roles.clone(), self.bindings.clone(), [])
    }
}

fn words(all: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    vec(select(all), 0..=most).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

/// Also rules that no API server would store, without verbs or with resources and paths: what decides is the code.
fn rule() -> impl Strategy<Value = PolicyRule> {
    let names = prop_oneof![2 => Just(Vec::new()), 1 => words(&["x", "y", "", "*"], 2)];
    let paths =
        prop_oneof![2 => Just(Vec::new()), 1 => words(&["/a", "/a/*", "/a*", "/a**", "*", "/*", ""], 2)];
    let verbs = words(&["get", "list", "create", "escalate", "bind", "*"], 3);
    let groups = words(&["", "apps", "rbac.authorization.k8s.io", "*"], 2);
    let resources = words(
        &["pods", "pods/log", "pods/*", "*", "*/log", "*/", "roles", "clusterroles", "log", "a/b/c", "*/b/c"],
        3,
    );
    (groups, resources, names, verbs, paths).prop_map(
        |(api_groups, resources, resource_names, verbs, non_resource_urls)| PolicyRule {
            api_groups,
            resources,
            resource_names,
            verbs,
            non_resource_urls,
        },
    )
}

const NAMESPACES: [&str; 2] = ["n", "m"];

fn role() -> impl Strategy<Value = Role> {
    (option::of(select(&NAMESPACES[..])), select(&["p", "q"][..]), vec(rule(), 0..4)).prop_map(
        |(namespace, name, rules)| Role {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            labels: BTreeMap::new(),
            rules: rules.into(),
            aggregation: None,
            place: None,
        },
    )
}

fn subject() -> impl Strategy<Value = Subject> {
    let kinds = select(&["User", "Group", "ServiceAccount", "Robot"][..]);
    let names = select(&["u", "g", "system:serviceaccount:n:u", "system:authenticated"][..]);
    (kinds, names, option::of(select(&["n", "m", ""][..]))).prop_map(|(kind, name, namespace)| Subject {
        kind: kind.to_owned(),
        api_group: String::new(),
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
    })
}

fn binding() -> impl Strategy<Value = Binding> {
    let reference = (select(&["Role", "ClusterRole"][..]), select(&["p", "q", "gone"][..]));
    (option::of(select(&NAMESPACES[..])), reference, vec(subject(), 0..3)).prop_map(
        |(namespace, (kind, name), subjects)| Binding {
            namespace: namespace.map(str::to_owned),
            name: String::new(),
            // The API server refuses a ClusterRoleBinding to a Role.
            role_ref: RoleRef {
                api_group: "rbac.authorization.k8s.io".to_owned(),
                kind: if namespace.is_none() { "ClusterRole" } else { kind }.to_owned(),
                name: name.to_owned(),
            },
            subjects,
            place: None,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    (vec(role(), 0..6), vec(binding(), 0..6)).prop_map(|(mut roles, mut bindings)| {
        let mut seen = BTreeSet::new();
        roles.retain(|role| seen.insert((role.namespace.clone(), role.name.clone())));
        for (index, binding) in bindings.iter_mut().enumerate() {
            binding.name = format!("b{index}");
        }
        World { roles, bindings }
    })
}

fn user() -> impl Strategy<Value = Identity> {
    select(&["u", "account", "in group"][..]).prop_map(|who| match who {
        "account" => Identity::service_account("n", "u"),
        "in group" => Identity::user("other", ["g"]),
        _ => Identity::user(who, [""; 0]),
    })
}

fn request() -> impl Strategy<Value = Request> {
    let resources = select(&["pods", "pods/log", "roles", "log", "other/log", "a/b/c", "z/b/c"][..]);
    let resource = (
        select(&["get", "list", "create", "other"][..]),
        select(&["", "apps", "other"][..]),
        resources,
        option::of(select(&["n", "m", "other"][..])),
        option::of(select(&["x", "other", "*"][..])),
    );
    let resource = resource.prop_map(|(verb, group, resource, namespace, name)| {
        let mut request = Request::resource(verb, group, resource);
        if let Some(namespace) = namespace {
            request = request.in_namespace(namespace);
        }
        name.map_or(request.clone(), |name| request.named(name))
    });
    let path = (select(&["get", "post"][..]), select(&["/a", "/a/", "/a/b", "/ab", "/", "/b"][..]));
    prop_oneof![4 => resource, 1 => path.prop_map(|(verb, path)| Request::path(verb, path))]
}

/// Nothing is unknown in a world that was read whole: a binding to a role that isn't there gives nothing.
fn agrees<By>(outcome: &Outcome<By>, allowed: bool) -> bool {
    match outcome {
        Outcome::Allowed { .. } => allowed,
        Outcome::NotAllowed => !allowed,
        Outcome::Denied { .. } | Outcome::Unknown { .. } => false,
    }
}

fn is_unknown<W>(verdict: &Verdict<W>) -> bool {
    matches!(verdict, Verdict::Unknown { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_decided_as_kubernetes_decides_it(
        world in world(), user in user(), requests in vec(request(), 24),
    ) {
        let policy = world.policy();
        let compiled = compile(&policy, &user);
        let held = policy.held(&user).permissions;
        for request in requests {
            let allowed = resolver::allows(&world, &user, &request);
            prop_assert!(agrees(&authorize(&policy, &user, &request), allowed), "{request}");
            prop_assert!(agrees(&compiled.decide(&request), allowed), "compiled: {request}");
            prop_assert_eq!(held.allows(&request), allowed, "as a set: {}", request);
        }
    }

    #[test]
    fn rules_cover_rules_as_kubernetes_compares_them(held in vec(rule(), 0..5), wanted in vec(rule(), 0..3)) {
        prop_assert_eq!(uncovered(&held, &wanted), comparator::uncovered(&held, &wanted));
    }

    #[test]
    fn who_may_write_roles_and_bindings_is_decided_as_kubernetes_decides_it(
        world in world(), user in user(), role in role(), binding in binding(), sent in any::<bool>(),
    ) {
        let policy = world.policy();
        let group = "rbac.authorization.k8s.io";
        let ask = |request: &Request| authorize(&policy, &user, request);
        let at = |request: Request, namespace: Option<&str>| match namespace {
            Some(namespace) => request.in_namespace(namespace),
            None => request,
        };
        let holds = |namespace: Option<&str>, wanted: &[PolicyRule]| {
            let owner = resolver::rules_for(&world, &user, namespace.unwrap_or_default());
            comparator::uncovered(&owner, wanted).is_empty()
        };

        // pkg/registry/rbac/escalation_check.go, RoleEscalationAuthorized.
        let plural = if role.namespace.is_some() { "roles" } else { "clusterroles" };
        let escalate = at(Request::resource("escalate", group, plural), role.namespace.as_deref());
        let name = sent.then_some(role.name.as_str());
        let escalate = name.map_or(escalate.clone(), |name| escalate.named(name));
        let may = resolver::allows(&world, &user, &escalate) || holds(role.namespace.as_deref(), &role.rules);
        let verdict = may_write_role(&policy, &user, &role, None, name, ask);
        prop_assert_eq!(matches!(verdict, Verdict::Holds), may);
        prop_assert!(!is_unknown(&verdict));

        // BindingAuthorized.
        let (namespace, reference) = (binding.namespace.as_deref(), &binding.role_ref);
        let plural = if reference.kind == "Role" { "roles" } else { "clusterroles" };
        let bind = at(Request::resource("bind", group, plural), namespace).named(&reference.name);
        let exists = policy.role(reference, namespace).is_some();
        let rules = resolver::role_reference_rules(&world, reference, namespace.unwrap_or_default());
        let may = resolver::allows(&world, &user, &bind) || exists && holds(namespace, &rules);
        let verdict = may_write_binding(&policy, &user, &binding, ask);
        prop_assert_eq!(matches!(verdict, Verdict::Holds), may);
        // The API server answers "not found".
        prop_assert!(exists || may || is_unknown(&verdict));
    }
}
