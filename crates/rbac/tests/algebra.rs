//! The algebra of permission sets, against the evaluator and against itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use facts::{Outcome, Verdict};
use oarlock_rbac::{
    Binding, Identity, Permission, PermissionSet, Policy, PolicyRule, Request, Role, Scope, Target,
    authorize, compile, escalation::uncovered, merge::rules,
};
use proptest::{collection::vec, prelude::*, sample::select};

const NAMESPACES: [&str; 2] = ["a", "b"];

fn words(all: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    vec(select(all), 1..=most).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    let names = prop_oneof![
        3 => Just(Vec::new()),
        1 => words(&["x", "y", ""], 2),
    ];
    let resources = (
        words(&["", "apps", "*"], 2),
        words(&["pods", "pods/log", "jobs", "jobs/log", "*/log", "*", "*/scale"], 3),
        names,
        words(&["get", "list", "create", "*"], 3),
    );
    let resources = resources.prop_map(|(api_groups, resources, resource_names, verbs)| PolicyRule {
        api_groups,
        resources,
        resource_names,
        verbs,
        ..PolicyRule::default()
    });
    let paths = (words(&["/a", "/a/*", "/a*", "*", "/b"], 2), words(&["get", "post", "*"], 2));
    let paths = paths.prop_map(|(non_resource_urls, verbs)| PolicyRule {
        non_resource_urls,
        verbs,
        ..PolicyRule::default()
    });
    prop_oneof![4 => resources, 1 => paths]
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        1 => Just(Scope::Cluster),
        2 => select(&NAMESPACES[..]).prop_map(|namespace| Scope::of(Some(namespace))),
    ]
}

type Bound = Vec<(Scope, PolicyRule)>;

fn bound() -> impl Strategy<Value = Bound> {
    vec((scope(), rule()), 0..6)
}

fn set(bound: &Bound) -> PermissionSet {
    let mut set = PermissionSet::new();
    for (scope, rule) in bound {
        set.insert_rule(scope, rule);
    }
    set
}

/// Every request over the words that rules use, and one more of each kind that none uses.
fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for verb in ["get", "list", "create", "post", "other"] {
        for group in ["", "apps", "other"] {
            for resource in
                ["pods", "jobs", "other", "pods/log", "jobs/log", "other/log", "pods/scale", "pods/other"]
            {
                for namespace in [None, Some("a"), Some("b"), Some("other")] {
                    for name in [None, Some("x"), Some("y"), Some("other")] {
                        let mut request = Request::resource(verb, group, resource);
                        if let Some(namespace) = namespace {
                            request = request.in_namespace(namespace);
                        }
                        requests.push(name.map_or(request.clone(), |name| request.named(name)));
                    }
                }
            }
        }
        requests.extend(["/a", "/a/", "/a/b", "/ab", "/b", "/other"].map(|path| Request::path(verb, path)));
    }
    requests
}

/// The rules, each in a role of its own, bound to the user `u` where they are bound.
fn policy(bound: &Bound) -> Policy {
    let number = |index: usize| format!("{index:02}");
    let roles = bound.iter().enumerate().map(|(index, (_, rule))| Role {
        namespace: None,
        name: number(index),
        labels: BTreeMap::new(),
        rules: [rule.clone()].into(),
        aggregation: None,
        place: None,
    });
    let bindings = bound.iter().enumerate().map(|(index, (scope, _))| {
        let mut binding: Binding = serde_saphyr::from_str(&format!(
            "{{metadata: {{name: 'b{0}'}}, roleRef: {{kind: ClusterRole, name: '{0}'}}, subjects: [{{kind: User, name: u}}]}}",
            number(index)
        ))
        .unwrap();
        binding.namespace = scope.namespace().map(str::to_owned);
        binding
    });
    Policy::new(roles, bindings, [])
}

fn expanded(merged: &BTreeMap<Scope, Vec<PolicyRule>>) -> PermissionSet {
    merged.iter().flat_map(|(scope, rules)| rules.iter().flat_map(|rule| rule.permissions(scope))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_set_the_compiled_form_and_the_authorizer_agree_on_every_request(bound in bound()) {
        let (policy, set) = (policy(&bound), set(&bound));
        let identity = Identity::user("u", [""; 0]);
        let compiled = compile(&policy, &identity);
        prop_assert_eq!(&policy.held(&identity).permissions, &set);
        for request in requests() {
            let decided = authorize(&policy, &identity, &request);
            prop_assert_eq!(set.allows(&request), decided.is_allowed(), "{}", &request);
            match (&decided, compiled.decide(&request)) {
                (Outcome::Allowed { by }, Outcome::Allowed { by: fast }) => prop_assert_eq!(by, fast),
                (slow, fast) => prop_assert_eq!(slow.is_allowed(), fast.is_allowed(), "{}", &request),
            }
        }
    }

    #[test]
    fn a_rule_is_all_its_permissions_whatever_is_held_already(bound in bound(), scope in scope(), rule in rule()) {
        let mut whole = set(&bound);
        let mut one_by_one = whole.clone();
        whole.insert_rule(&scope, &rule);
        one_by_one.extend(rule.permissions(&scope));
        prop_assert_eq!(&whole, &one_by_one);
        prop_assert!(whole.covers(&PermissionSet::of_rules(&scope, [&rule])).holds());
    }

    #[test]
    fn covers_holds_exactly_if_no_request_tells_the_sets_apart(a in bound(), b in bound()) {
        let (a, b) = (set(&a), set(&b));
        let counterexample = requests().into_iter().find(|request| b.allows(request) && !a.allows(request));
        match a.covers(&b) {
            Verdict::Holds => prop_assert_eq!(counterexample, None),
            Verdict::Violated { witness } => {
                let request = Request::from(&witness);
                prop_assert!(b.allows(&request), "{} is not in {:?}", witness, b.iter().collect::<Vec<_>>());
                prop_assert!(!a.allows(&request), "{} is in {:?}", witness, a.iter().collect::<Vec<_>>());
                let text = witness.to_string();
                prop_assert!(!text.contains('*'), "not concrete: {}", text);
            }
            Verdict::Unknown { .. } => prop_assert!(false, "sets are always known"),
        }
    }

    #[test]
    fn union_and_intersection_are_those_of_the_requests(a in bound(), b in bound()) {
        let (a, b) = (set(&a), set(&b));
        let (union, both) = (a.union(&b), a.intersection(&b));
        for request in requests() {
            let (in_a, in_b) = (a.allows(&request), b.allows(&request));
            prop_assert_eq!(union.allows(&request), in_a || in_b, "union: {}", &request);
            prop_assert_eq!(both.allows(&request), in_a && in_b, "intersection: {}", &request);
        }
        prop_assert_eq!(&union, &b.union(&a));
        prop_assert_eq!(&both, &b.intersection(&a));
        prop_assert_eq!(a.intersects(&b), !both.is_empty());
        prop_assert!(union.covers(&a).holds() && union.covers(&b).holds());
        prop_assert!(a.covers(&both).holds() && b.covers(&both).holds());
    }

    #[test]
    fn a_difference_holds_all_that_only_one_has_and_nothing_that_it_lacks(a in bound(), b in bound()) {
        let (a, b) = (set(&a), set(&b));
        let difference = a.difference(&b);
        prop_assert!(a.covers(&difference).holds());
        prop_assert_eq!(difference.is_empty(), b.covers(&a).holds());
        prop_assert_eq!(difference.union(&b), a.union(&b));
        for request in requests() {
            if a.allows(&request) && !b.allows(&request) {
                prop_assert!(difference.allows(&request), "{}", &request);
            }
        }
    }

    #[test]
    fn the_index_agrees_with_comparing_one_by_one(a in bound(), b in bound()) {
        let (a, b) = (set(&a), set(&b));
        for wanted in b.iter() {
            prop_assert_eq!(a.contains(&wanted), a.iter().any(|held| held.covers(&wanted)), "{}", &wanted);
            let mut touching = a.touching(&wanted);
            touching.sort();
            let mut expected: Vec<_> = a.iter().filter(|held| held.meet(&wanted).is_some()).collect();
            expected.sort();
            prop_assert_eq!(touching, expected, "{}", &wanted);
        }
        for held in a.iter() {
            prop_assert!(!a.iter().any(|other| other != held && other.covers(&held)), "{} is covered", held);
        }
    }

    #[test]
    fn the_order_of_insertion_is_irrelevant(bound in bound().prop_flat_map(|b| (Just(b.clone()), Just(b).prop_shuffle()))) {
        let (a, b) = (set(&bound.0), set(&bound.1));
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(rules(&a), rules(&b));
    }

    #[test]
    fn merged_rules_grant_exactly_the_set(bound in bound()) {
        let set = set(&bound);
        let merged = rules(&set);
        prop_assert_eq!(&expanded(&merged), &set);
        prop_assert_eq!(&rules(&expanded(&merged)), &merged, "merging again changes nothing");
        for (scope, index) in merged.iter().flat_map(|(scope, rules)| (0..rules.len()).map(move |at| (scope, at))) {
            let mut fewer = merged.clone();
            fewer.get_mut(scope).unwrap().remove(index);
            prop_assert_ne!(&expanded(&fewer), &set, "{:?} is needless in {:?}", &merged[scope][index], &merged);
        }
    }

    #[test]
    fn the_escalation_check_agrees_with_the_sets_at_cluster_scope(held in vec(rule(), 0..5), wanted in vec(rule(), 0..3)) {
        let missing = uncovered(&held, &wanted);
        let (held, wanted) =
            (PermissionSet::of_rules(&Scope::Cluster, &held), PermissionSet::of_rules(&Scope::Cluster, &wanted));
        prop_assert_eq!(missing.is_empty(), held.covers(&wanted).holds());
        prop_assert_eq!(PermissionSet::of_rules(&Scope::Cluster, &missing), wanted.difference(&held));
    }

    #[test]
    fn a_permission_survives_json(bound in bound()) {
        let set = set(&bound);
        let text = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<PermissionSet>(&text).unwrap(), set);
    }
}

#[test]
fn a_request_and_its_permission_are_each_others_inverse() {
    for request in requests() {
        let back = Request::from(&Permission::from(&request));
        assert_eq!(back, request);
        assert!(matches!(back.target, Target::Resource { .. } | Target::NonResource { .. }));
    }
}
