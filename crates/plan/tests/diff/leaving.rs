//! Clusters that Argo CD leaves, and fleets that end: what Oarlock made goes, and nothing else.

use std::collections::BTreeSet;

use facts::{MANAGED_BY, Severity};
use fleet::{Fleet, Install};
use inventory::{Inventory, Known};
use oarlock_plan::{Action, Input, Object, Owner, Plan, Planned, Removal, Step, after, plan};
use serde_json::json;

use crate::{
    applied, fleets, is_ordered, planned,
    removal::{OLD_SPOKE, removed, today},
    world,
};

/// A plan where no Application is in the way.
fn without_applications(fleet: &Fleet, there: &Inventory, adopt: bool) -> Planned {
    let projects = fleets::objects(crate::PROJECT);
    let input = Input { inventory: Some(there), projects, ..fleets::input(fleet) };
    plan(input, adopt).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn leaving(fleet: &Fleet) -> Fleet {
    let mut fleet = fleet.clone();
    fleet.leaving = std::mem::take(&mut fleet.clusters);
    fleet
}

fn ended(fleet: &Fleet) -> Fleet {
    let mut fleet = fleet.clone();
    fleet.end();
    fleet
}

/// Everything that carries Oarlock's marks: `kind name`.
fn marked(there: &Inventory) -> BTreeSet<String> {
    let mut marked = BTreeSet::new();
    let is = |tags: &std::collections::BTreeMap<String, String>| tags.contains_key(MANAGED_BY);
    for account in there.accounts.values() {
        let roles = account.roles.known().into_iter().flatten();
        marked.extend(roles.filter(|(_, own)| is(&own.tags)).map(|(name, _)| format!("role {name}")));
    }
    for cluster in there.clusters.values() {
        let entries = cluster.access_entries.known().into_iter().flatten();
        marked.extend(entries.filter(|(_, own)| is(&own.tags)).map(|(arn, _)| format!("entry {arn}")));
        let associations = cluster.pod_identity_associations.known().into_iter().flatten();
        let associations = associations.filter(|(_, own)| is(&own.tags));
        marked.extend(associations.map(|((_, account), _)| format!("association {account}")));
        for object in cluster.kubernetes.objects.values().flatten() {
            let label = object.body.at("/metadata/labels").and_then(|labels| labels.get(MANAGED_BY).cloned());
            if label.is_some() {
                marked.insert(format!("{} {}", object.kind, object.name));
            }
        }
    }
    marked
}

fn at(plan: &Plan, kind: &str) -> usize {
    let found = plan.steps.iter().position(|s| s.object.kind == kind && s.action == Action::Delete);
    found.unwrap_or_else(|| panic!("no {kind} goes: {:#?}", removed(plan)))
}

fn finding<'p>(plan: &'p Plan, id: &str) -> Option<&'p facts::Finding> {
    plan.findings.iter().find(|finding| finding.id == id)
}

#[test]
fn a_fleet_that_ends_leaves_nothing_of_oarlocks_and_takes_nothing_else() {
    for fleet in fleets() {
        let mut there = applied(&fleet);
        world::known(&mut world::cluster_of(&mut there, &fleet.hub.arn.clone()).capabilities).clear();
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "backup", "namespace": "ops"}});
        world::kubernetes(&mut there, &fleet.hub.arn, account);
        assert!(!marked(&there).is_empty());
        let plan = without_applications(&ended(&fleet), &there, false).plan;
        is_ordered(&plan);
        assert!(plan.destroy && plan.complete && !plan.is_violated(), "{:#?}", plan.findings);
        assert!(plan.steps.iter().all(|step| step.action == Action::Delete && step.owner == Owner::Owned));
        let end = after(&there, &plan.steps);
        assert_eq!(marked(&end), BTreeSet::new());
        let accounts = end.clusters[&fleet.hub.arn].kubernetes.list("serviceaccounts").unwrap();
        assert!(accounts.iter().any(|account| account.name == "backup"));
        let annotated = accounts
            .iter()
            .filter(|own| own.body.at("/metadata/annotations/eks.amazonaws.com~1role-arn").is_some());
        assert_eq!(annotated.count(), 0);
        let again = without_applications(&ended(&fleet), &end, false).plan;
        assert!(!again.has_changes(), "{:#?}", removed(&again));
    }
}

#[test]
fn a_cluster_that_is_left_loses_its_secret_before_its_access_and_the_hub_stays() {
    let fleet = &fleets()[0];
    let there = applied(fleet);
    let plan = without_applications(&leaving(fleet), &there, false).plan;
    is_ordered(&plan);
    assert!(!plan.destroy && !plan.is_violated(), "{:#?}", plan.findings);
    let entry = &plan.steps[at(&plan, "access entry")];
    let secret = &plan.steps[at(&plan, "Secret")];
    assert!(entry.after.contains(&secret.object), "{entry:#?}");
    assert!(at(&plan, "Secret") < at(&plan, "access entry"), "{:#?}", removed(&plan));
    for kind in ["ClusterRole", "ClusterRoleBinding", "iam role"] {
        at(&plan, kind);
    }
    let end = after(&there, &plan.steps);
    let spoke = &fleet.clusters[0].arn;
    assert!(end.clusters[spoke].access_entries.known().unwrap().is_empty());
    assert!(!without_applications(&leaving(fleet), &end, false).plan.has_changes());
}

#[test]
fn ways_of_others_into_a_cluster_that_is_left_go_with_adoption_and_stay_where_a_fleet_ends() {
    let fleet = &fleets()[0];
    let there = today(fleet);
    let left = without_applications(&leaving(fleet), &there, false).plan;
    let pending: Vec<&Step> = left.steps.iter().filter(|step| step.action == Action::Delete).collect();
    assert!(pending.iter().all(|step| step.is_pending()), "{pending:#?}");
    let adopted = without_applications(&leaving(fleet), &there, true).plan;
    let entry = &adopted.steps[at(&adopted, "access entry")];
    assert_eq!((entry.object.name.as_str(), entry.owner), (OLD_SPOKE, Owner::Adopt));
    assert!(entry.reason.ends_with("it leaves this cluster"), "{}", entry.reason);
    assert!(at(&adopted, "Secret") < at(&adopted, "access entry"));
    assert_eq!(removed(&without_applications(&ended(fleet), &there, true).plan), []);
}

#[test]
fn an_application_on_a_cluster_that_is_left_is_an_error_and_a_warning_where_the_fleet_ends() {
    let fleet = &fleets()[0];
    let there = applied(fleet);
    let id = "application-on-a-cluster-that-is-left";
    let left = planned(&leaving(fleet), Some(&there), false);
    let found = finding(&left, id).unwrap();
    assert_eq!((found.severity, found.applications.as_slice()), (Severity::Error, &["shop".to_owned()][..]));
    assert!(left.is_violated());
    let end = planned(&ended(fleet), Some(&there), false);
    assert_eq!(finding(&end, id).unwrap().severity, Severity::Warning);
    assert!(!end.is_violated());
}

#[test]
fn a_capability_keeps_its_role_and_its_entry_as_long_as_it_is_there() {
    let capability = |fleet: &Fleet| fleet.hub.argocd.install == Install::EksCapability;
    let fleet = &fleets().into_iter().find(capability).unwrap();
    let there = applied(fleet);
    let plan = without_applications(&ended(fleet), &there, false).plan;
    let kinds: BTreeSet<&str> = removed(&plan).into_iter().map(|(kind, _)| kind).collect();
    assert!(!kinds.contains("iam role") && !kinds.contains("access entry"), "{kinds:?}");
    assert!(kinds.contains("Secret") && kinds.contains("ClusterRole"), "{kinds:?}");
    let told = finding(&plan, oarlock_plan::REMOVAL_LEFT_BEHIND).unwrap();
    assert!(told.message.contains("the EKS capability `argocd` has it"), "{}", told.message);

    let mut unread = there.clone();
    let gap = facts::Gap::new("the capabilities", "nobody read them");
    world::cluster_of(&mut unread, &fleet.hub.arn).capabilities = Known::Gap(gap);
    let plan = without_applications(&ended(fleet), &unread, false).plan;
    assert!(removed(&plan).iter().all(|(kind, _)| *kind != "iam role"), "what isn't known isn't a no");
}

#[test]
fn what_was_made_on_a_cluster_that_the_fleet_file_forgot_is_told_until_it_is_put_back() {
    let fleet = &fleets()[0];
    let there = applied(fleet);
    let made = planned(fleet, Some(&world::empty(fleet)), false);
    let mut forgetful = fleet.clone();
    let forgotten = forgetful.clusters.pop().unwrap();
    let removals = Removal::of_forgotten(&made, &forgetful);
    let is_there = |step: &&Step| {
        let made = step.desired.as_ref().map(|desired| &desired.object);
        matches!(made, Some(Object::AccessEntry(_))) || step.object.kind == "iam role"
    };
    assert!(made.steps.iter().filter(is_there).count() > 1);
    assert!(removals.iter().any(|own| own.object.kind == "access entry"));
    assert!(
        removals.iter().all(|own| own.object.kind != "Secret"),
        "that is on the hub, and goes by its marks"
    );
    assert_eq!(Removal::of_forgotten(&made, fleet), []);

    let mut unread = there.clone();
    unread.clusters.remove(&forgotten.arn);
    unread.accounts.remove(&forgotten.arn.account);
    let tell = |fleet: &Fleet, there: &Inventory| {
        let projects = fleets::objects(crate::PROJECT);
        let input =
            Input { inventory: Some(there), projects, removals: removals.clone(), ..fleets::input(fleet) };
        plan(input, false).unwrap_or_else(|problems| panic!("{problems:#?}"))
    };
    let told = tell(&forgetful, &unread);
    let about: Vec<&str> = told
        .plan
        .findings
        .iter()
        .filter(|own| own.id == oarlock_plan::REMOVAL_LEFT_BEHIND)
        .map(|own| own.message.as_str())
        .collect();
    assert!(about.iter().any(|message| message.starts_with(&forgotten.arn.to_string())), "{about:#?}");
    assert!(about.len() <= 3, "one for each place: {about:#?}");
    assert_eq!(told.removals.iter().filter(|own| own.reads.is_empty()).count(), removals.len());

    let back = tell(&leaving(fleet), &there);
    assert!(finding(&back.plan, oarlock_plan::REMOVAL_LEFT_BEHIND).is_none());
    let end = tell(&leaving(fleet), &after(&there, &back.plan.steps));
    assert!(end.removals.is_empty() && !end.plan.has_changes(), "{:#?}", end.removals);
}
