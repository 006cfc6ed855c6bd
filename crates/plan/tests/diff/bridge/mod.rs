//! Argo CD keeps its clusters while its pods change their role: from the files of an inventory to the ordered steps.

mod raw;
mod running;

use fleet::Fleet;
use inventory::Inventory;
use oarlock_plan::{Action, Plan, Step};
use serde_json::json;

use crate::{applied, changed, fleets, is_ordered, planned};
use raw::{OLD_HUB, OLD_SPOKE, today};
use running::Running;

const IDENTITIES: [&str; 2] = ["irsa", "pod-identity"];

/// Every way in which it may be today, and every one in which it is wanted.
fn moves() -> Vec<(raw::Today, Fleet)> {
    let mut all = Vec::new();
    for old in IDENTITIES {
        for reach in ["chained", "direct", "token"] {
            for new in IDENTITIES {
                for topology in ["chained", "direct"] {
                    all.push((today(old, reach), fleets::fleet(&fleets::one_spoke(new, topology))));
                }
            }
        }
    }
    all
}

fn finding_ids(plan: &Plan) -> Vec<&str> {
    plan.findings.iter().map(|finding| &*finding.id).collect()
}

/// The world after a plan; panics where a cluster was lost on the way.
fn after(fleet: &Fleet, world: Inventory, adopt: bool) -> Inventory {
    let plan = planned(fleet, Some(&world), adopt);
    is_ordered(&plan);
    let mut running = Running::new(fleet, world);
    running.apply(&plan);
    assert_eq!(running.lost, Vec::<String>::new(), "{:#?}", plan.steps);
    running.world
}

#[test]
fn no_cluster_is_lost_at_any_step_and_the_next_plan_takes_the_bridge_out() {
    for (today, fleet) in moves() {
        let first = after(&fleet, today.inventory(), true);
        let second = after(&fleet, first, true);
        assert_eq!(
            changed(&planned(&fleet, Some(&second), true)),
            Vec::<&Step>::new(),
            "{} {}",
            today.identity,
            today.reach
        );
        for role in second.accounts.values().flat_map(|account| account.roles.known().unwrap().values()) {
            assert!(!role.trust.to_string().contains(OLD_HUB), "{}", role.arn);
        }
        for cluster in second.clusters.values() {
            assert!(!cluster.access_entries.known().unwrap().contains_key(OLD_HUB));
        }
    }
}

#[test]
fn without_adoption_nothing_breaks_either() {
    for (today, fleet) in moves() {
        let world = after(&fleet, today.inventory(), false);
        after(&fleet, world, true);
    }
}

#[test]
fn the_next_plan_changes_nothing_but_the_bridge() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let first = after(&fleet, today("irsa", "chained").inventory(), true);
    let plan = planned(&fleet, Some(&first), true);
    let [step] = changed(&plan)[..] else { panic!("{:#?}", changed(&plan)) };
    let Action::Update { changes } = &step.action else { panic!("{step:#?}") };
    assert_eq!(changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["trust policy"]);
    assert!(step.reason.ends_with("so the bridge goes"), "{}", step.reason);
    assert!(plan.notes.iter().any(|note| note.id == "bridge-closes"));

    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "direct"));
    let first = after(&fleet, today("irsa", "chained").inventory(), true);
    let plan = planned(&fleet, Some(&first), true);
    let [step] = changed(&plan)[..] else { panic!("{:#?}", changed(&plan)) };
    assert_eq!((&step.action, step.object.name.as_str()), (&Action::Delete, OLD_HUB));
}

/// That the test above can fail.
#[test]
fn without_the_bridge_the_cluster_is_lost() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let there = today("irsa", "chained").inventory();
    let plan = planned(&fleet, Some(&there), true);
    let mut running = Running::new(&fleet, there);
    let (roles, rest): (Vec<_>, Vec<_>) = plan
        .steps
        .iter()
        .cloned()
        .partition(|step| step.object.kind == "iam role" && step.action == Action::Create);
    running.apply(&Plan { steps: roles, ..plan.clone() });
    running::without_statement(&mut running.world, "Bridge");
    running.apply(&Plan { steps: rest, ..plan });
    assert!(!running.lost.is_empty());
}

#[test]
fn the_bridge_is_a_statement_of_its_own_with_its_own_reason() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let plan = planned(&fleet, Some(&today("pod-identity", "chained").inventory()), true);
    let step = plan.steps.iter().find(|step| step.object.name == "oarlock-hub-us-east-1-prod").unwrap();
    assert!(step.reason.contains("bridge: it also trusts") && step.reason.contains(OLD_HUB));
    let text = serde_json::to_value(step).unwrap()["desired"]["object"]["trust"]["Statement"].clone();
    let expected = json!({"Sid": "Bridge", "Effect": "Allow", "Principal": {"AWS": OLD_HUB},
        "Action": ["sts:AssumeRole", "sts:TagSession"]});
    assert_eq!(text[1], expected, "the pods of today have session tags, which need a right of their own");
    assert!(plan.notes.iter().any(|note| note.id == "bridge" && note.message.contains("prod")));
    assert!(!finding_ids(&plan).iter().any(|id| id.starts_with("bridge")), "{:#?}", plan.findings);
}

#[test]
fn a_token_needs_no_bridge() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let plan = planned(&fleet, Some(&today("irsa", "token").inventory()), true);
    assert!(!serde_json::to_string(&plan.steps).unwrap().contains("bridge"));
    let at = |kind| plan.steps.iter().position(|step| step.object.kind == kind).unwrap();
    assert!(at("restart") < at("Secret"));
}

#[test]
fn nobody_is_let_in_who_cannot_come_today() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let mut world = applied(&fleet);
    // Somebody ties the pods to a role of his: the Secret names the spoke role, which doesn't know that one.
    let there = crate::world::cluster_of(&mut world, &fleet.hub.arn);
    for account in there.kubernetes.objects.get_mut("serviceaccounts").unwrap() {
        account.body.edit()["metadata"]["annotations"] = json!({"eks.amazonaws.com/role-arn": OLD_HUB});
    }
    let plan = planned(&fleet, Some(&world), true);
    assert!(!serde_json::to_string(&plan).unwrap().contains("Bridge"));
}

#[test]
fn a_role_that_may_not_assume_the_new_one_is_an_error_with_the_window_and_the_cure() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let named = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": OLD_SPOKE}
    ]});
    let there = raw::Today { policy: named, ..today("irsa", "chained") };
    let plan = planned(&fleet, Some(&there.inventory()), true);
    let finding = plan.findings.iter().find(|finding| finding.id == "bridge-needs-permission").unwrap();
    assert!(finding.message.contains("from the change of the cluster Secrets until the restart"));
    assert!(finding.help[0].contains("aws iam put-role-policy --role-name argocd-management"));
    assert!(plan.is_violated());
}

#[test]
fn whether_a_role_with_conditions_may_assume_the_new_one_is_not_guessed() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let conditional = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-1"}}}
    ]});
    let there = raw::Today { policy: conditional, ..today("irsa", "chained") };
    let plan = planned(&fleet, Some(&there.inventory()), true);
    let finding = plan.findings.iter().find(|finding| finding.id == "bridge-permission-unknown").unwrap();
    assert!(finding.help[0].contains("aws iam simulate-principal-policy"), "{finding:#?}");
}

#[test]
fn pods_without_a_role_of_their_own_have_a_window_that_is_named() {
    let fleet = fleets::fleet(&fleets::one_spoke("irsa", "chained"));
    let plan = planned(&fleet, Some(&today("nodes", "chained").inventory()), true);
    let messages: Vec<&str> = plan
        .findings
        .iter()
        .filter(|finding| finding.id == "bridge-has-no-start")
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(messages.len(), 2, "{:#?}", plan.findings);
    assert!(messages[0].contains("from their restart until the cluster Secrets have been changed"));
}

#[test]
fn oarlocks_own_roles_change_without_a_gap() {
    let spec = fleets::one_spoke("irsa", "chained");
    let per_cluster = fleets::fleet(&spec);
    let per_account = fleets::fleet(&format!("{spec}  roles: per-account\n"));
    let first = after(&per_account, applied(&per_cluster), false);
    let second = after(&per_account, first, false);
    assert_eq!(changed(&planned(&per_account, Some(&second), false)), Vec::<&Step>::new());

    for (from, to) in [("irsa", "pod-identity"), ("pod-identity", "irsa")] {
        let from = fleets::fleet(&fleets::one_spoke(from, "chained"));
        let to = fleets::fleet(&fleets::one_spoke(to, "chained"));
        let mut world = applied(&from);
        let described = &mut crate::world::cluster_of(&mut world, &from.hub.arn).description;
        crate::world::known(described).oidc_issuer =
            Some("https://oidc.eks.eu-west-1.amazonaws.com/id/HUB".to_owned());
        let first = after(&to, world, false);
        let second = after(&to, first, false);
        assert_eq!(changed(&planned(&to, Some(&second), false)), Vec::<&Step>::new());
    }
}
