//! The algebra of rules: the laws of sets, and minimal rules that grant neither more nor less.
#![no_main]

use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use facts::Verdict;
use libfuzzer_sys::fuzz_target;
use rbac::{Permission, PermissionSet, Scope, merge};

/// Few words, so that permissions meet.
const GROUPS: [&str; 3] = ["", "apps", "*"];
const RESOURCES: [&str; 6] = ["pods", "pods/log", "deployments", "deployments/scale", "*/scale", "*"];
const VERBS: [&str; 4] = ["get", "list", "create", "*"];
const NAMES: [&str; 3] = ["", "a", "b"];
const PATHS: [&str; 5] = ["/version", "/healthz", "/healthz/*", "/h*", "*"];

#[derive(Debug)]
struct Sets(PermissionSet, PermissionSet);

impl<'a> Arbitrary<'a> for Sets {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let mut set = |most| -> Result<PermissionSet> {
            let count = bytes.int_in_range(0..=most)?;
            (0..count).map(|_| permission(bytes)).collect()
        };
        Ok(Self(set(12)?, set(12)?))
    }
}

fn permission(bytes: &mut Unstructured<'_>) -> Result<Permission> {
    if bytes.ratio(1, 8)? {
        return Ok(Permission::path(bytes.choose(&VERBS)?, bytes.choose(&PATHS)?));
    }
    let scope = match bytes.int_in_range(0..=2)? {
        0 => Scope::Cluster,
        1 => Scope::Namespace(Arc::from("red")),
        _ => Scope::Namespace(Arc::from("blue")),
    };
    let (group, resource) = (bytes.choose(&GROUPS)?, bytes.choose(&RESOURCES)?);
    let any = Permission::resource(scope, group, resource, bytes.choose(&VERBS)?);
    Ok(if bytes.ratio(1, 3)? { any.named(bytes.choose(&NAMES)?) } else { any })
}

fuzz_target!(|sets: Sets| {
    let Sets(a, b) = &sets;
    let (union, both, rest) = (a.union(b), a.intersection(b), a.difference(b));
    assert!(union.covers(a).holds() && union.covers(b).holds(), "a union covers its parts");
    assert!(a.covers(&both).holds() && b.covers(&both).holds(), "both cover what they have in common");
    assert_eq!(union, b.union(a), "a union has no order");
    assert_eq!(both, b.intersection(a), "an intersection has no order");
    assert_eq!(rest.is_empty(), b.covers(a).holds(), "nothing is left exactly where all is covered");
    assert_eq!(rest.union(b), union, "what is left and the other make the union");
    assert_eq!(a.intersects(b), !both.is_empty());
    match b.covers(a) {
        Verdict::Holds => assert_eq!(union, *b),
        Verdict::Violated { witness } => {
            assert!(a.contains(&witness) && !b.contains(&witness), "{witness} is no witness");
        }
        Verdict::Unknown { .. } => panic!("sets are always comparable"),
    }
    let mut again = PermissionSet::new();
    for (scope, rules) in merge::rules(a) {
        rules.iter().for_each(|rule| again.insert_rule(&scope, rule));
    }
    assert_eq!(again, *a, "minimal rules grant exactly the set");
});
