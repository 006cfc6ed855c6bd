//! One thing changed in a world that is as it should be gives exactly that one step.

use inventory::Inventory;
use oarlock_plan::{Action, Change, Location, Object, Owner, Plan, Step};
use serde_json::json;

use crate::{applied, changed, fleets, planned, world};

/// The only step that isn't unchanged.
fn only(plan: &Plan) -> &Step {
    let steps: Vec<&Step> = changed(plan).into_iter().filter(|step| step.object.kind != "restart").collect();
    assert_eq!(steps.len(), 1, "{steps:#?}");
    steps[0]
}

fn changes(step: &Step) -> &[Change] {
    match &step.action {
        Action::Update { changes } | Action::Replace { changes } => changes,
        other => panic!("{other:#?}"),
    }
}

/// Breaks the first Kubernetes object of a kind.
fn broken(fleet: &fleet::Fleet, kind: &str, how: impl FnOnce(&mut serde_json::Value)) -> Inventory {
    let desired = planned(fleet, None, false).desired();
    let mut there = world::applied(fleet, &desired);
    let (arn, wanted) = desired
        .objects
        .iter()
        .find_map(|object| match (&object.object, &object.location) {
            (Object::Kubernetes(wanted), Location::Cluster(arn)) if wanted.kind == kind => {
                Some((arn.clone(), wanted.clone()))
            }
            _ => None,
        })
        .unwrap();
    how(&mut world::body(&mut there, &arn, &wanted));
    there
}

#[test]
fn a_subject_too_few_or_a_rule_too_many_is_one_update() {
    for fleet in fleets() {
        let there = broken(&fleet, "ClusterRoleBinding", |body| body["subjects"] = json!([]));
        let plan = planned(&fleet, Some(&there), false);
        assert_eq!(changes(only(&plan))[0].field, "subjects");
        let there = broken(&fleet, "ClusterRole", |body| {
            body["rules"]
                .as_array_mut()
                .unwrap()
                .push(json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}));
        });
        let plan = planned(&fleet, Some(&there), false);
        assert_eq!(changes(only(&plan))[0].field, "rules");
        assert_eq!(only(&plan).owner, Owner::Owned);
    }
}

#[test]
fn an_aggregation_rule_that_somebody_added_goes() {
    let there = broken(&fleets()[0], "ClusterRole", |body| {
        body["aggregationRule"] = json!({"clusterRoleSelectors": []})
    });
    let plan = planned(&fleets()[0], Some(&there), false);
    assert_eq!(
        (changes(only(&plan))[0].field.as_str(), &changes(only(&plan))[0].to),
        ("aggregationRule.clusterRoleSelectors", &None)
    );
}

#[test]
fn the_order_of_rules_and_words_means_nothing() {
    let there = broken(&fleets()[0], "ClusterRole", |body| {
        let rules = body["rules"].as_array_mut().unwrap();
        rules.reverse();
        rules.iter_mut().for_each(|rule| rule["verbs"].as_array_mut().unwrap().reverse());
    });
    assert_eq!(changed(&planned(&fleets()[0], Some(&there), false)), Vec::<&Step>::new());
}

#[test]
fn a_binding_to_another_role_is_made_again() {
    let there =
        broken(&fleets()[0], "ClusterRoleBinding", |body| body["roleRef"]["name"] = json!("cluster-admin"));
    let plan = planned(&fleets()[0], Some(&there), false);
    assert!(matches!(only(&plan).action, Action::Replace { .. }));
    assert_eq!(changes(only(&plan))[0].field, "roleRef.name");
}

#[test]
fn a_secret_with_another_role_and_a_token_shows_both() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let fleet = &fleets()[0];
    let there = broken(fleet, "Secret", |body| {
        let text = STANDARD.decode(body["data"]["config"].as_str().unwrap()).unwrap();
        let mut config: serde_json::Value = serde_json::from_slice(&text).unwrap();
        config["awsAuthConfig"]["roleARN"] = json!("arn:aws:iam::444455556666:role/old");
        config["bearerToken"] = json!("replaced");
        body["data"]["config"] = json!(STANDARD.encode(config.to_string()));
        body["data"]["project"] = json!(STANDARD.encode("default"));
    });
    let plan = planned(fleet, Some(&there), false);
    let mut shown: Vec<(&str, bool)> =
        changes(only(&plan)).iter().map(|change| (change.field.as_str(), change.to.is_some())).collect();
    shown.sort();
    let expected = [
        ("data.config.awsAuthConfig.roleARN", true),
        ("data.config.bearerToken", false),
        ("data.project", false),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn an_app_project_is_somebody_elses_and_what_builds_on_it_waits() {
    let fleet = &fleets()[4];
    let there = broken(fleet, "AppProject", |body| body["spec"]["destinationServiceAccounts"] = json!([]));
    let plan = planned(fleet, Some(&there), false);
    assert_eq!((only(&plan).owner, only(&plan).is_pending()), (Owner::Foreign, true));
    assert_eq!(only(&planned(fleet, Some(&there), true)).owner, Owner::Adopt);

    let mut fresh = there.clone();
    world::cluster_of(&mut fresh, &fleet.hub.arn).kubernetes.objects.get_mut("configmaps").unwrap().clear();
    let plan = planned(fleet, Some(&fresh), false);
    let settings = plan.steps.iter().find(|step| step.object.kind == "ConfigMap").unwrap();
    assert!(settings.is_pending() && settings.waits_for[0].kind == "AppProject", "{settings:#?}");
}

#[test]
fn a_live_project_that_permits_more_than_its_file_is_told() {
    let fleet = &fleets()[0];
    let there = broken(fleet, "AppProject", |body| {
        body["spec"]["clusterResourceWhitelist"] = json!([{"group": "*", "kind": "*"}]);
    });
    let plan = planned(fleet, Some(&there), false);
    let finding = plan.findings.iter().find(|finding| finding.id == "live-project-is-wider").unwrap();
    assert!(finding.message.contains("clusterResourceWhitelist"), "{}", finding.message);
    let as_filed = planned(fleet, Some(&applied(fleet)), false);
    assert!(!as_filed.findings.iter().any(|finding| finding.id == "live-project-is-wider"));
}

#[test]
fn a_role_or_entry_of_aws_that_differs_is_one_update() {
    for fleet in &fleets()[..2] {
        let mut there = applied(fleet);
        let hub = fleet.hub.arn.account.clone();
        let roles = world::known(&mut world::account_of(&mut there, &hub).roles);
        let role = roles.values_mut().next().unwrap();
        role.inline_policies.insert("more".to_owned(), json!({"Version": "2012-10-17", "Statement": []}));
        let plan = planned(fleet, Some(&there), false);
        assert_eq!(changes(only(&plan))[0].field, "inline policies");

        let mut there = applied(fleet);
        let arn = fleet.clusters[0].arn.clone();
        let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
        entries.values_mut().next().unwrap().groups.push("admins".to_owned());
        assert_eq!(changes(only(&planned(fleet, Some(&there), false)))[0].field, "groups");
    }
}
