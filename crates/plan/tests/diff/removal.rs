//! What the plan supersedes: after everything that replaces it, and nobody else's without `--adopt`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::ClusterArn;
use inventory::Inventory;
use oarlock_plan::{Action, Location, Owner, Plan, ROLE_ANNOTATION, ROLE_MAPPING, Step};
use serde_json::json;

use crate::{applied, fleets, is_ordered, planned, world};

pub(crate) const OLD_HUB: &str = "arn:aws:iam::111122223333:role/argocd-management";
pub(crate) const OLD_SPOKE: &str = "arn:aws:iam::444455556666:role/argocd-deployer";

/// A fleet as teams have it: one role for all, cluster-admin everywhere.
pub(crate) fn today(fleet: &fleet::Fleet) -> Inventory {
    let mut there = world::empty(fleet);
    let (hub, spoke) = (fleet.hub.arn.clone(), fleet.clusters[0].arn.clone());
    let pods = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"}}]});
    let chained = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": OLD_HUB}}]});
    for (arn, trust) in [(OLD_HUB, pods), (OLD_SPOKE, chained)] {
        let role = world::iam_role(arn, trust);
        let account = world::account_of(&mut there, &role.arn.account.clone());
        world::known(&mut account.roles).insert(role.arn.name.clone(), role);
    }
    let associations = world::known(&mut world::cluster_of(&mut there, &hub).pod_identity_associations);
    for name in ["argocd-application-controller", "argocd-server"] {
        let association = inventory::PodIdentityAssociation {
            id: "a-1".to_owned(),
            role: inventory::Known::Known(OLD_HUB.parse().unwrap()),
            target_role: None,
            session_tags_disabled: false,
            session_policy: None,
            tags: Default::default(),
            place: world::place(),
        };
        associations.insert(("argocd".to_owned(), name.to_owned()), association);
    }
    let entry = world::access_entry(OLD_SPOKE, &[], &["AmazonEKSClusterAdminPolicy"], Default::default());
    world::known(&mut world::cluster_of(&mut there, &spoke).access_entries)
        .insert(OLD_SPOKE.to_owned(), entry);
    let config = json!({"awsAuthConfig": {"clusterName": "prod", "roleARN": OLD_SPOKE}}).to_string();
    let server = fleet.clusters[0].endpoint.clone().unwrap();
    world::kubernetes(
        &mut there,
        &hub,
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "prod", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
            "stringData": {"name": "prod", "server": server, "config": config}}),
    );
    there
}

fn binding(there: &mut Inventory, arn: &ClusterArn, name: &str, subjects: &[(&str, &str)]) {
    let subjects: Vec<_> = subjects
        .iter()
        .map(|(namespace, name)| json!({"kind": "ServiceAccount", "namespace": namespace, "name": name}))
        .collect();
    world::kubernetes(
        there,
        arn,
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin-of-all"}, "subjects": subjects}),
    );
    world::kubernetes(
        there,
        arn,
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "admin-of-all"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]}),
    );
}

pub(crate) fn removed(plan: &Plan) -> Vec<(&str, &str)> {
    let deleted = plan.steps.iter().filter(|step| step.action == Action::Delete);
    deleted.map(|step| (step.object.kind.as_str(), step.object.name.as_str())).collect()
}

fn step<'p>(plan: &'p Plan, kind: &str) -> &'p Step {
    plan.steps.iter().rfind(|step| step.object.kind == kind).unwrap()
}

fn finding<'p>(plan: &'p Plan, id: &str) -> &'p str {
    &plan
        .findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap_or_else(|| panic!("{:#?}", plan.findings))
        .message
}

#[test]
fn todays_entry_and_roles_go_last_and_only_when_adopted() {
    let fleet = &fleets()[0];
    let there = today(fleet);
    let expected =
        [("access entry", OLD_SPOKE), ("iam role", "argocd-deployer"), ("iam role", "argocd-management")];
    for adopt in [false, true] {
        let plan = planned(fleet, Some(&there), adopt);
        is_ordered(&plan);
        assert_eq!(removed(&plan), expected);
        for step in plan.steps.iter().filter(|step| step.action == Action::Delete) {
            assert_eq!(step.owner, if adopt { Owner::Adopt } else { Owner::Foreign });
            assert_eq!((step.is_pending(), step.reads.len()), (!adopt, 1));
        }
        let entry = plan.steps.iter().find(|step| step.action == Action::Delete).unwrap();
        for kind in ["access entry", "ClusterRoleBinding", "Secret", "restart"] {
            assert!(entry.after.iter().any(|id| id.kind == kind), "the entry goes before the {kind}");
        }
        let role = |name: &str| plan.steps.iter().find(|step| step.object.name == name).unwrap();
        let deployer = role("argocd-deployer");
        assert!(
            deployer.after.iter().any(|id| id.kind == "Secret") && deployer.after.contains(&entry.object)
        );
        assert!(role("argocd-management").after.contains(&deployer.object), "its trust policy would change");
    }
}

#[test]
fn power_counts_what_stays_pending_and_what_adoption_takes_away() {
    let fleet = &fleets()[0];
    let there = today(fleet);
    let cluster = &planned(fleet, Some(&there), false).proof.clusters[0];
    assert!(cluster.reached_before.as_ref().unwrap().cluster_admin, "AmazonEKSClusterAdminPolicy");
    assert!(cluster.reached_after.cluster_admin, "the old entry is still there");
    assert!(!cluster.reached_with_adoption.as_ref().unwrap().cluster_admin);
    let adopted = &planned(fleet, Some(&there), true).proof.clusters[0];
    assert!(!adopted.reached_after.cluster_admin && adopted.reached_with_adoption.is_none());
}

#[test]
fn other_access_policies_count_and_unpublished_ones_are_gaps() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
    let policies = ["AmazonEKSViewPolicy", "AmazonEKSArgoCDClusterPolicy"];
    entries.insert(OLD_SPOKE.to_owned(), world::access_entry(OLD_SPOKE, &[], &policies, Default::default()));
    let power = planned(fleet, Some(&there), false).proof.clusters[0].reached_before.clone().unwrap();
    assert!(power.permissions > 50 && !power.cluster_admin, "{power:#?}");
    assert!(power.unknown.iter().any(|gap| gap.what.contains("AmazonEKSArgoCDClusterPolicy")));
}

#[test]
fn the_pods_keep_their_role_while_a_secret_that_names_the_old_one_is_pending() {
    let fleet = &fleets()[0];
    let there = today(fleet);
    // Neither the Secret nor the associations are Oarlock's: whoever changed the latter alone would lock Argo CD out.
    let plan = planned(fleet, Some(&there), false);
    for kind in ["Secret", "pod identity association", "restart"] {
        assert!(step(&plan, kind).is_pending(), "{kind}");
    }
    let waits_for = &step(&plan, "pod identity association").waits_for;
    assert_eq!(waits_for.iter().map(|id| id.kind.as_str()).collect::<Vec<_>>(), ["Secret"]);
    assert!(!step(&planned(fleet, Some(&there), true), "restart").is_pending());
}

#[test]
fn a_secret_with_a_token_waits_for_the_pods_role() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let secrets =
        world::cluster_of(&mut there, &fleet.hub.arn).kubernetes.objects.get_mut("secrets").unwrap();
    let config = STANDARD.encode(json!({"bearerToken": "x"}).to_string());
    secrets[0].body.edit()["data"]["config"] = json!(config);
    let plan = planned(fleet, Some(&there), false);
    let waits_for = &step(&plan, "Secret").waits_for;
    assert!(waits_for.iter().any(|id| id.kind == "pod identity association"), "{waits_for:?}");
    assert!(!step(&planned(fleet, Some(&there), true), "Secret").is_pending());
}

#[test]
fn on_the_hub_the_old_binding_counts_until_it_is_adopted() {
    let fleet = &fleets()[7];
    let mut there = applied(fleet);
    let account = ("argocd", "argocd-application-controller");
    binding(&mut there, &fleet.hub.arn, "argocd-application-controller", &[account]);
    let plan = planned(fleet, Some(&there), false);
    assert_eq!(removed(&plan), [("ClusterRoleBinding", "argocd-application-controller")]);
    let cluster = &plan.proof.clusters[0];
    assert!(cluster.reached_before.as_ref().unwrap().cluster_admin && cluster.reached_after.cluster_admin);
    assert!(!cluster.reached_with_adoption.as_ref().unwrap().cluster_admin);
    assert_eq!(cluster.unmet, []);
}

#[test]
fn a_binding_with_other_subjects_is_told_and_stays() {
    let fleet = &fleets()[7];
    let mut there = applied(fleet);
    let subjects = [("argocd", "argocd-server"), ("ops", "backup")];
    binding(&mut there, &fleet.hub.arn, "both", &subjects);
    let plan = planned(fleet, Some(&there), true);
    assert_eq!(removed(&plan), []);
    assert!(finding(&plan, "superseded-binding-is-shared").contains("`both`"));
}

#[test]
fn a_binding_stays_that_applications_outside_argo_cds_namespace_may_be_managed_with() {
    let fleet = &fleets()[7];
    let application = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": "etl", "namespace": "team-data"}});
    let mut there = applied(fleet);
    binding(&mut there, &fleet.hub.arn, "argocd-server", &[("argocd", "argocd-server")]);
    world::kubernetes(&mut there, &fleet.hub.arn, application);
    let plan = planned(fleet, Some(&there), true);
    assert_eq!(removed(&plan), []);
    assert!(finding(&plan, "superseded-binding-serves-applications").contains("`team-data`"));
}

#[test]
fn what_application_namespaces_takes_is_planned_and_the_binding_goes() {
    let fleet = &fleets()[7];
    let params = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"application.namespaces": "team-*, ops"},
        "metadata": {"name": "argocd-cmd-params-cm", "namespace": "argocd"}});
    let mut there = applied(fleet);
    binding(&mut there, &fleet.hub.arn, "argocd-server", &[("argocd", "argocd-server")]);
    world::kubernetes(&mut there, &fleet.hub.arn, params);
    let plan = planned(fleet, Some(&there), true);
    let removed = removed(&plan);
    assert!(removed.iter().any(|(_, name)| name.contains("argocd-server")), "{removed:?}");
    let named = fleet.clusters.iter().find(|cluster| cluster.arn == fleet.hub.arn);
    let name = named.map_or("in-cluster", |cluster| &cluster.name);
    let hub = plan.proof.clusters.iter().find(|cluster| cluster.cluster == name).unwrap();
    assert_eq!(hub.unmet, []);
    let wide = hub.beyond.iter().filter(|line| line.reason.contains("`application.namespaces`"));
    assert!(
        wide.clone().any(|line| line.resources.iter().any(|r| **r == *"applications.argoproj.io")),
        "{hub:#?}"
    );
}

#[test]
fn what_argocd_cluster_add_left_goes_with_its_token() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    binding(&mut there, &arn, "argocd-manager-role-binding", &[("kube-system", "argocd-manager")]);
    let metadata = |name: &str| json!({"name": name, "namespace": "kube-system"});
    world::kubernetes(
        &mut there,
        &arn,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("argocd-manager")}),
    );
    world::kubernetes(
        &mut there,
        &arn,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("argocd-manager-long-lived-token"), "type": "x"}),
    );
    let plan = planned(fleet, Some(&there), true);
    is_ordered(&plan);
    let expected = [
        ("ClusterRoleBinding", "argocd-manager-role-binding"),
        ("ServiceAccount", "kube-system/argocd-manager"),
        ("Secret", "kube-system/argocd-manager-long-lived-token"),
    ];
    assert_eq!(removed(&plan), expected);
}

#[test]
fn oarlocks_own_objects_that_nobody_wants_go_without_adoption() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let labels = json!({"app.kubernetes.io/managed-by": "oarlock", "oarlock.dev/fleet": "acme"});
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "oarlock-acme-old", "labels": labels}, "rules": []});
    world::kubernetes(&mut there, &arn, role);
    let other = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "other-fleets", "labels": {"app.kubernetes.io/managed-by": "oarlock", "oarlock.dev/fleet": "other"}}, "rules": []});
    world::kubernetes(&mut there, &arn, other);
    let plan = planned(fleet, Some(&there), false);
    assert_eq!(removed(&plan), [("ClusterRole", "oarlock-acme-old")]);
    assert!(plan.has_changes() && step(&plan, "ClusterRole").owner == Owner::Owned);
}

#[test]
fn a_role_that_others_use_is_told_and_stays() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let hub = fleet.hub.arn.clone();
    world::kubernetes(
        &mut there,
        &hub,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "backup", "namespace": "ops",
            "annotations": {"eks.amazonaws.com/role-arn": OLD_HUB}}}),
    );
    let roles =
        world::known(&mut world::account_of(&mut there, &fleet.clusters[0].arn.account.clone()).roles);
    roles.get_mut("argocd-deployer").unwrap().trust["Statement"][0]["Principal"]["AWS"] =
        json!([OLD_HUB, "arn:aws:iam::999900001111:root"]);
    let plan = planned(fleet, Some(&there), true);
    assert_eq!(removed(&plan), [("access entry", OLD_SPOKE)]);
    let told: Vec<&str> = plan
        .findings
        .iter()
        .filter(|finding| finding.id == "superseded-role-is-shared")
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(told.iter().any(|message| message.contains("service account ops/backup")), "{told:#?}");
    assert!(told.iter().any(|message| message.contains("999900001111")), "{told:#?}");
}

#[test]
fn aws_auth_mappings_and_irsa_annotations_are_told() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let (hub, spoke) = (fleet.hub.arn.clone(), fleet.clusters[0].arn.clone());
    world::known(&mut world::cluster_of(&mut there, &spoke).description).authentication_mode =
        Some("API_AND_CONFIG_MAP".to_owned());
    let roles = format!("- rolearn: {OLD_SPOKE}\n  username: argocd\n  groups: [system:masters]\n");
    world::kubernetes(
        &mut there,
        &spoke,
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": {"mapRoles": roles}}),
    );
    world::kubernetes(
        &mut there,
        &hub,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "argocd-server", "namespace": "argocd",
            "annotations": {"eks.amazonaws.com/role-arn": OLD_HUB}}}),
    );
    let plan = planned(fleet, Some(&there), true);
    assert!(finding(&plan, "irsa-annotation-wins").contains("argocd-server"));
    let pending = planned(fleet, Some(&there), false);
    assert!(step(&pending, ROLE_MAPPING).is_pending(), "the ConfigMap is somebody else's");
    let reached = |plan: &Plan| plan.proof.clusters[0].reached_after.cluster_admin;
    assert!(!reached(&plan), "the mapping goes with the plan that adopts");
    assert!(reached(&pending), "and stays with the one that doesn't");
    let mapping = step(&plan, ROLE_MAPPING);
    assert_eq!((mapping.object.name.as_str(), &mapping.action), (OLD_SPOKE, &Action::Delete));
    let is_after = |kind: &str| mapping.after.iter().any(|id| id.kind == kind);
    assert!(
        is_after("access entry") && is_after("Secret") && is_after("RoleBinding"),
        "{:#?}",
        mapping.after
    );
}

fn mapped(there: &mut Inventory, cluster: &ClusterArn, mode: &str, text: &str) {
    let description = &mut world::cluster_of(there, cluster).description;
    world::known(description).authentication_mode = Some(mode.to_owned());
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"},
        "data": {"mapRoles": text}});
    world::kubernetes(there, cluster, map);
}

#[test]
fn a_mapping_goes_and_the_others_in_its_config_map_stay() {
    let fleet = &fleets()[0];
    let spoke = &fleet.clusters[0].arn;
    let nodes = "- rolearn: arn:aws:iam::999900001111:role/nodes\n  groups: [system:nodes]\n";
    let ours = format!("- rolearn: {OLD_SPOKE}\n  username: argocd\n  groups: [system:masters]\n");
    let mut there = today(fleet);
    mapped(&mut there, spoke, "API_AND_CONFIG_MAP", &format!("{nodes}{ours}"));
    let plan = planned(fleet, Some(&there), true);
    is_ordered(&plan);
    let then = oarlock_plan::after(&there, &plan.steps);
    let map = then.clusters[spoke].kubernetes.find("configmaps", Some("kube-system"), "aws-auth").unwrap();
    assert_eq!(map.body.text("/data/mapRoles").unwrap(), nodes);
    assert!(planned(fleet, Some(&then), true).steps.iter().all(|step| step.object.kind != ROLE_MAPPING));
    let flow = format!("[{{rolearn: {OLD_SPOKE}, groups: [system:masters]}}]");
    mapped(&mut there, spoke, "API_AND_CONFIG_MAP", &flow);
    let plan = planned(fleet, Some(&there), true);
    assert!(finding(&plan, "superseded-aws-auth-mapping").contains("line by line"));
}

#[test]
fn a_mode_is_changed_only_where_the_fleet_file_asks_for_it_and_before_the_entries() {
    let mut fleet = fleets()[0].clone();
    let spoke = fleet.clusters[0].arn.clone();
    let mut there = today(&fleet);
    let ours = format!("- rolearn: {OLD_SPOKE}\n  username: argocd\n  groups: [system:masters]\n");
    mapped(&mut there, &spoke, "CONFIG_MAP", &ours);
    let unasked = planned(&fleet, Some(&there), true);
    assert!(finding(&unasked, "cluster-takes-no-access-entries").contains("CONFIG_MAP"));
    assert!(unasked.steps.iter().all(|step| step.object.kind != "authentication mode"));
    fleet.clusters[0].opens_to_entries = true;
    let plan = planned(&fleet, Some(&there), true);
    assert!(finding(&plan, "authentication-mode-changes").contains("can't be taken back"));
    assert!(plan.findings.iter().all(|finding| finding.id != "cluster-takes-no-access-entries"));
    is_ordered(&plan);
    let mode = step(&plan, "authentication mode");
    assert_eq!(mode.object.name, "API_AND_CONFIG_MAP");
    let entries = plan.steps.iter().filter(|step| step.object.location == mode.object.location);
    let entries: Vec<&Step> = entries.filter(|step| step.object.kind == "access entry").collect();
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.after.contains(&mode.object)));
    let then = oarlock_plan::after(&there, &plan.steps);
    assert!(
        !planned(&fleet, Some(&then), true)
            .steps
            .iter()
            .any(|step| step.object.kind == "authentication mode" && step.changes_something())
    );
    // What is further already isn't taken back.
    mapped(&mut there, &spoke, "API", &ours);
    let further = planned(&fleet, Some(&there), true);
    assert_eq!(step(&further, "authentication mode").action, Action::Unchanged);
}

#[test]
fn who_is_mapped_already_gets_an_entry_only_once_its_groups_hold_something() {
    let fleet = &fleets()[0];
    let spoke = &fleet.clusters[0].arn;
    let there = today(fleet);
    let entry = |there: &Inventory| {
        let plan = planned(fleet, Some(there), true);
        let is_own = |step: &&Step| {
            step.object.kind == "access entry"
                && step.desired.is_some()
                && step.object.location == Location::Eks(spoke.clone())
        };
        plan.steps.iter().find(is_own).cloned().unwrap()
    };
    let is_last = |step: &Step| step.after.iter().any(|id| id.kind == "RoleBinding");
    let unmapped = entry(&there);
    assert!(!is_last(&unmapped));
    let mut there = there;
    let text = format!("- rolearn: {}\n  groups: [system:masters]\n", unmapped.object.name);
    mapped(&mut there, spoke, "API_AND_CONFIG_MAP", &text);
    assert!(is_last(&entry(&there)), "the entry counts as soon as it is there, and the mapping no more");
}

#[test]
fn an_annotation_that_would_win_over_the_association_goes_before_the_pods_are_started_again() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let hub = fleet.hub.arn.clone();
    let account = |name: &str, annotations: serde_json::Value| {
        json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": "argocd", "annotations": annotations}})
    };
    let annotated = account("argocd-server", json!({"eks.amazonaws.com/role-arn": OLD_HUB}));
    for object in [annotated, account("argocd-application-controller", json!({}))] {
        world::kubernetes(&mut there, &hub, object);
    }
    let plan = planned(fleet, Some(&there), true);
    let place = |kind: &str| plan.steps.iter().position(|step| step.object.kind == kind).unwrap();
    let annotation = place(ROLE_ANNOTATION);
    assert!(place("pod identity association") < annotation && annotation < place("restart"));
    assert_eq!(plan.steps[annotation].object.name, "argocd/argocd-server");
    assert!(step(&plan, "restart").after.contains(&plan.steps[annotation].object));
    is_ordered(&plan);
    let unmet: Vec<_> = plan.proof.clusters.iter().flat_map(|cluster| &cluster.unmet).collect();
    assert!(unmet.is_empty(), "{:#?}", unmet[0]);
    // The next plan takes the bridge out for the pods that came by the old role, and that is all.
    let there_then = oarlock_plan::after(&there, &plan.steps);
    let then = planned(fleet, Some(&there_then), true);
    assert!(then.steps.iter().all(|step| step.object.kind == "iam role" || !step.changes_something()));
    assert!(!then.findings.iter().any(|finding| finding.id == "irsa-annotation-wins"));
    assert!(!planned(fleet, Some(&oarlock_plan::after(&there_then, &then.steps)), true).has_changes());
    let pending = planned(fleet, Some(&there), false);
    assert!(step(&pending, ROLE_ANNOTATION).is_pending() && step(&pending, "restart").is_pending());
}

#[test]
fn an_aws_auth_mapping_with_a_path_gives_nothing_and_is_told() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let spoke = fleet.clusters[0].arn.clone();
    world::known(&mut world::cluster_of(&mut there, &spoke).description).authentication_mode =
        Some("API_AND_CONFIG_MAP".to_owned());
    let roles =
        format!("- rolearn: {}\n  groups: [system:masters]\n", OLD_SPOKE.replace(":role/", ":role/team/"));
    world::kubernetes(
        &mut there,
        &spoke,
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": {"mapRoles": roles}}),
    );
    let plan = planned(fleet, Some(&there), true);
    assert!(finding(&plan, "aws-auth-mapping-with-path").contains("matches nobody"));
    assert!(!plan.findings.iter().any(|finding| finding.id == "superseded-aws-auth-mapping"));
    assert!(!plan.proof.clusters[0].reached_after.cluster_admin, "nobody holds what it maps");
}

#[test]
fn others_who_use_the_plans_own_group_are_told() {
    let fleet = &fleets()[0];
    let told = |there: &Inventory| {
        let plan = planned(fleet, Some(there), false);
        let ids = plan.findings.iter().filter(|finding| finding.id.starts_with("group-"));
        ids.map(|finding| finding.id.to_string()).collect::<Vec<_>>()
    };
    let mut there = applied(fleet);
    assert_eq!(told(&there), [""; 0], "the plan's own entry and bindings");

    let spoke = fleet.clusters[0].arn.clone();
    let group = &fleet.groups.shared;
    let other = "arn:aws:iam::444455556666:role/oarlock-other-spoke";
    let entry = world::access_entry(other, std::slice::from_ref(group), &[], Default::default());
    world::known(&mut world::cluster_of(&mut there, &spoke).access_entries).insert(other.to_owned(), entry);
    assert_eq!(told(&there), ["group-has-other-members"]);

    world::kubernetes(
        &mut there,
        &spoke,
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "other"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
            "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": group}]}),
    );
    assert_eq!(told(&there), ["group-has-other-members", "group-is-bound-by-others"]);
}

#[test]
fn every_plan_is_ordered() {
    for fleet in fleets() {
        for there in [world::empty(&fleet), applied(&fleet)] {
            is_ordered(&planned(&fleet, Some(&there), true));
        }
        is_ordered(&planned(&fleet, None, false));
    }
}

#[test]
fn associations_go_once_argo_cds_pods_come_by_irsa_and_their_role_after_them() {
    let fleet = &fleets()[2];
    assert_eq!(fleet.hub.identity, fleet::IdentityKind::Irsa);
    let there = today(fleet);
    let plan = planned(fleet, Some(&there), true);
    let place = |kind: &str, name: &str| {
        let gone = |step: &Step| step.action == Action::Delete;
        plan.steps.iter().position(|step| gone(step) && step.object.kind == kind && step.object.name == name)
    };
    let association = place("pod identity association", "argocd/argocd-server").unwrap();
    assert!(association < place("iam role", "argocd-management").unwrap());
    is_ordered(&plan);
    let restarts = plan.steps[association].after.iter().filter(|id| id.kind == "restart");
    assert_eq!(restarts.count(), 1);
    let pending = planned(fleet, Some(&there), false);
    let step = pending.steps.iter().find(|step| step.object == plan.steps[association].object).unwrap();
    assert!(step.is_pending());
}

#[test]
fn a_session_policy_of_an_association_is_a_difference() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let hub = world::cluster_of(&mut there, &fleet.hub.arn);
    for association in world::known(&mut hub.pod_identity_associations).values_mut() {
        association.session_policy = Some("{}".to_owned());
    }
    let plan = planned(fleet, Some(&there), false);
    let changed = plan.steps.iter().filter(|step| matches!(step.action, Action::Update { .. }));
    assert_eq!(changed.filter(|step| step.object.kind == "pod identity association").count(), 2);
}

#[test]
fn workloads_of_other_names_are_restarted_where_the_inventory_tells_them() {
    let fleet = &fleets()[0];
    let mut there = world::empty(fleet);
    let workload = |kind: &str, name: &str, account: &str| {
        json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "argocd"},
            "spec": {"template": {"spec": {"serviceAccountName": account}}}})
    };
    world::kubernetes(&mut there, &fleet.hub.arn, workload("Deployment", "cd-server", "argocd-server"));
    world::kubernetes(&mut there, &fleet.hub.arn, workload("Deployment", "cd-redis", "cd-redis"));
    let plan = planned(fleet, Some(&there), false);
    let restart = plan.steps.iter().find(|step| step.object.kind == "restart").unwrap();
    assert_eq!(restart.object.name, "statefulset/argocd-application-controller, deployment/cd-server");
}

#[test]
fn groups_that_eks_refuses_or_does_not_give_are_told() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let spoke = fleet.clusters[0].arn.clone();
    let entry = world::access_entry(OLD_SPOKE, &["system:masters".to_owned()], &[], Default::default());
    let cluster = world::cluster_of(&mut there, &spoke);
    world::known(&mut cluster.access_entries).insert(OLD_SPOKE.to_owned(), entry);
    let implied = json!({"kind": "Group", "name": format!("eks-access-entry:{OLD_SPOKE}"), "apiGroup": "rbac.authorization.k8s.io"});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "argocd-by-role"},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": [implied]});
    world::kubernetes(&mut there, &spoke, binding);
    let plan = planned(fleet, Some(&there), false);
    assert!(finding(&plan, "access-entry-with-system-group").contains("`system:masters`"));
    assert!(finding(&plan, "binding-to-implied-group").contains("`argocd-by-role`"));
}
