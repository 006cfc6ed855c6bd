//! What holds of every case: what is added, removed or turned round never changes who is reached the wrong way.

use std::{collections::BTreeSet, sync::Arc};

use inventory::Inventory;
use oarlock_access::{
    Component, Installation,
    reach::{Reach, Whom, reach},
};
use serde_json::{Value, json};

use crate::{
    chain::{Change, World},
    fleet::{Held, fleet},
    scene::{Case, NAMESPACES, names, steps},
};

const DETAILS: [&str; 2] = [
    "accounts/111122223333/iam-get-account-authorization-details.json",
    "accounts/444455556666/iam-get-account-authorization-details.json",
];

/// Names without the tags of sessions: which of them count is read from policies.
fn plain(names: BTreeSet<String>) -> BTreeSet<String> {
    names.iter().map(|name| name.split(" with ").next().unwrap().to_owned()).collect()
}

fn certain(reach: &Reach) -> BTreeSet<String> {
    plain(names(reach, true))
}

fn all(reach: &Reach) -> BTreeSet<String> {
    certain(reach).union(&plain(names(reach, false))).cloned().collect()
}

/// Those whom a set lacks. Whoever may do everything on a cluster is everybody there, without naming them.
fn lacking(found: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Vec<String> {
    let is_covered = |name: &&String| {
        let admin =
            name.rsplit_once(" on ").map(|(_, cluster)| format!("cluster-admin everything on {cluster}"));
        found.contains(*name) || admin.is_some_and(|admin| found.contains(&admin))
    };
    wanted.iter().filter(|name| !is_covered(name)).cloned().collect()
}

/// One more statement in the first inline policy of every role of a case.
fn with_statement(world: &World, case: &Case, effect: &str) -> Case {
    let files = case.files();
    let mut changed = case.clone();
    for file in DETAILS.iter().filter(|file| !case.without.iter().any(|gone| gone == *file)) {
        let roles = world.value(&files, file, "/RoleDetailList").unwrap();
        for number in 0..roles.as_array().unwrap().len() {
            let at = format!("/RoleDetailList/{number}/RolePolicyList");
            let own =
                world.value(&files, file, &at).and_then(|own| own.as_array().cloned()).unwrap_or_default();
            let added = json!({"PolicyName": "added", "PolicyDocument": {"Version": "2012-10-17",
                "Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}]}});
            let to = Value::Array(own.into_iter().chain([added]).collect());
            changed.change.push(Change { file: (*file).to_owned(), at, to });
        }
    }
    changed
}

/// The same with everything for the deployer's group on prod.
fn with_binding(case: &Case) -> Case {
    let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    let own = case.cluster_rules.as_ref().and_then(|own| own.as_array().cloned()).unwrap_or_default();
    let rules = Value::Array(own.into_iter().chain(rules.as_array().cloned().unwrap()).collect());
    Case { cluster_rules: Some(rules), ..case.clone() }
}

#[test]
fn one_more_allow_never_loses_anybody() {
    let world = World::new();
    for case in Case::all() {
        let before = case.reach(&world);
        for more in [with_statement(&world, &case, "Allow"), with_binding(&case)] {
            let after = more.reach(&world);
            assert_eq!(lacking(&certain(&after), &certain(&before)), [""; 0], "{}", case.name);
            assert_eq!(lacking(&all(&after), &all(&before)), [""; 0], "{}", case.name);
        }
    }
}

#[test]
fn one_more_deny_never_reaches_anybody() {
    let world = World::new();
    for case in Case::all() {
        let before = case.reach(&world);
        let after = with_statement(&world, &case, "Deny").reach(&world);
        assert!(certain(&after).is_subset(&certain(&before)), "{}", case.name);
        assert!(all(&after).is_subset(&all(&before)), "{}", case.name);
    }
}

/// Who is certain then was certain before; who isn't any more may still be reached, or it is said what isn't known.
#[test]
fn a_gap_never_turns_an_answer_around() {
    let world = World::new();
    let gaps = [
        DETAILS[0],
        DETAILS[1],
        NAMESPACES[1],
        "organization/describe-organization.json",
        "clusters/444455556666/eu-west-1/prod/eks/describe-cluster.json",
        "clusters/444455556666/eu-west-1/prod/eks/list-access-entries.json",
        "clusters/444455556666/eu-west-1/prod/eks/list-pod-identity-associations.json",
        "clusters/444455556666/eu-west-1/prod/kubernetes/rolebindings.json",
        "clusters/444455556666/eu-west-1/prod/kubernetes/roles.json",
        "clusters/444455556666/eu-west-1/prod/kubernetes/serviceaccounts.json",
        "clusters/444455556666/eu-west-1/prod/kubernetes/configmaps.json",
        "clusters/111122223333/eu-west-1/hub/kubernetes/secrets.json",
        "clusters/111122223333/eu-west-1/hub/eks/list-pod-identity-associations.json",
        "clusters/111122223333/eu-west-1/hub/kubernetes/clusterroles.json",
    ];
    // Each case without some of them, in turn: to read an inventory takes its time.
    let cases = Case::all().into_iter().filter(|case| case.without.is_empty());
    for (number, case) in cases.enumerate() {
        let before = case.reach(&world);
        for gap in gaps.iter().cycle().skip(number * 3).take(5) {
            let without = Case { without: vec![(*gap).to_owned()], ..case.clone() };
            let after = without.reach(&world);
            let new: Vec<_> = certain(&after).difference(&certain(&before)).cloned().collect();
            assert!(new.is_empty(), "{} without {gap}: {new:?}", case.name);
            let lost = lacking(&all(&after), &certain(&before));
            assert!(lost.is_empty() || !after.unknown.is_empty(), "{} without {gap}: {lost:?}", case.name);
        }
    }
}

#[test]
fn the_order_of_roles_statements_and_objects_is_no_matter() {
    let world = World::new();
    for case in Case::all() {
        let files = case.files();
        let mut turned = files.clone();
        for file in world.names() {
            if let Some(value) = world.value(&files, file, "") {
                let to = backwards(value);
                turned.change.push(Change { file: file.to_owned(), at: String::new(), to });
            }
        }
        let inventory: Inventory = world.inventory(&turned);
        let (one, other) = (case.reach(&world), case.reach_in(&inventory));
        assert_eq!(names(&one, true), names(&other, true), "{}", case.name);
        assert_eq!(names(&one, false), names(&other, false), "{}", case.name);
        assert_eq!(steps(&one), steps(&other), "{}", case.name);
        assert_eq!(one.reached, other.reached, "{}", case.name);
    }
}

/// All lists of roles, objects, statements and rules backwards; the order of others, such as of levels, may mean something.
fn backwards(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                *field = backwards(field.take());
                let lists = ["RoleDetailList", "RolePolicyList", "Statement", "items", "rules", "subjects"];
                if let (true, Value::Array(members)) = (lists.contains(&key.as_str()), field) {
                    members.reverse();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = backwards(item.take())),
        _ => {}
    }
    value
}

fn of_hub(clusters: usize, held: Held) -> Reach {
    let inventory = fleet(clusters, held);
    let argocd = Installation::find(&inventory, None).unwrap();
    reach(&inventory, &Whom::ArgoCd(argocd, vec![Component::Controller]), None)
}

#[test]
fn the_graph_grows_with_the_fleet_and_not_with_its_square() {
    for held in [Held::Everything, Held::Deployments] {
        let (small, large) = (of_hub(20, held), of_hub(40, held));
        let each = (large.edges.len() - small.edges.len()) / 20;
        assert!(each <= 6, "{each} steps for each cluster");
        assert_eq!((small.reached.clusters, large.reached.clusters), (21, 41));
        let administered = if held == Held::Everything { 41 } else { 1 };
        assert_eq!((large.reached.cluster_admin, large.reached.roles), (administered, 41));
        assert_eq!(large.unknown.len(), 1, "the roles of accounts that nobody read: {:?}", large.unknown);
    }
}

/// What RBAC says is found once for clusters that are made from one template.
#[test]
fn a_step_on_a_cluster_stands_in_its_own_files() {
    let reach = of_hub(3, Held::Deployments);
    let mut placed = BTreeSet::new();
    for edge in &reach.edges {
        let [from, to] = [edge.from, edge.to].map(|at| reach.principals[at].principal.cluster());
        let (Some(on), true, Some(place)) = (from, from == to, &edge.place) else { continue };
        let arn = &reach.clusters[on.index()];
        let folder = format!("clusters/{}/{}/{}/", arn.account, arn.region, arn.name);
        assert!(place.file.contains(&folder), "{} on {arn}: {place}", edge.by);
        placed.insert(arn.name.to_string());
    }
    assert_eq!(placed.len(), 4, "{placed:?}");
}

#[test]
fn clusters_that_differ_in_one_rule_or_one_subject_are_not_taken_for_the_same() {
    let mut inventory = fleet(4, Held::Deployments);
    for (arn, cluster) in &mut inventory.clusters {
        match &*arn.name {
            "c1" => cluster.kubernetes.roles.iter_mut().for_each(|role| {
                Arc::make_mut(&mut role.rules)
                    .iter_mut()
                    .for_each(|rule| rule.verbs = vec!["get".to_owned()]);
            }),
            "c2" => cluster.kubernetes.bindings.iter_mut().for_each(|binding| {
                binding.subjects.iter_mut().for_each(|subject| subject.name = "somebody".to_owned());
            }),
            _ => {}
        }
    }
    let argocd = Installation::find(&inventory, None).unwrap();
    let reach = reach(&inventory, &Whom::ArgoCd(argocd, vec![Component::Controller]), None);
    let pods = names(&reach, true).into_iter().filter(|name| name.starts_with("pod team-0/app on c"));
    let on: Vec<String> = pods.map(|name| name.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(on, ["c0", "c3"]);
}
