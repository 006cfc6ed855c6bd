//! Argo CD's own: AppProjects, its RBAC; and what the inventory doesn't tell.

use super::*;

#[test]
fn a_person_gets_the_one_line_in_argo_cds_own_rbac() {
    let text = "rpc error: code = PermissionDenied desc = permission denied: applications, sync, payments/checkout, sub: ann@example.com, iat: 2026-11-02T08:12:44Z";
    let changes = broken(|_| {}, text, "argocd-rbac");
    let [Change::Policy { line, csv, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(line, "p, ann@example.com, applications, sync, payments/checkout, allow");
    assert!(csv.ends_with(&format!("{line}\n")) && csv.lines().count() > 1, "{csv}");
}

#[test]
fn an_app_project_gets_the_destination() {
    let without = |inventory: &mut Inventory| {
        body(inventory, "appprojects", "payments")["spec"]["destinations"] = json!([])
    };
    let text = format!(
        "application destination server '{}' and namespace 'checkout' do not match any of the allowed destinations in project 'payments'",
        endpoint(EU)
    );
    let changes = broken(without, &text, "project");
    assert!(matches!(&changes[..], [Change::Project { list: "destinations", .. }]), "{changes:?}");
}

#[test]
fn an_app_project_gets_the_cluster_kind() {
    let text = "resource rbac.authorization.k8s.io:ClusterRole is not permitted in project payments";
    let changes = broken(|_| {}, text, "project");
    assert!(
        matches!(&changes[..], [Change::Project { list: "clusterResourceWhitelist", .. }]),
        "{changes:?}"
    );
}

#[test]
fn the_first_item_of_a_list_comes_with_the_list() {
    let text = "resource :Namespace is not permitted in project payments";
    let without = |inventory: &mut Inventory| {
        let mut project = body(inventory, "appprojects", "payments");
        project["spec"].as_object_mut().unwrap().remove("clusterResourceWhitelist");
    };
    let patch = |changes: Vec<Change>| changes[0].text(Form::Cli, &ClusterNames::default());
    let first = patch(broken(without, text, "project"));
    assert!(first.contains(r#""path":"/spec/clusterResourceWhitelist","value":[{"#), "{first}");
    let empty = |inventory: &mut Inventory| {
        body(inventory, "appprojects", "payments")["spec"]["clusterResourceWhitelist"] = json!([])
    };
    let more = patch(broken(empty, text, "project"));
    assert!(more.contains(r#""path":"/spec/clusterResourceWhitelist/-","value":{"#), "{more}");
}

#[test]
fn an_app_project_gets_the_repository() {
    let text = "application repo https://git.example.com/other.git is not permitted in project 'payments'";
    let changes = broken(|_| {}, text, "project");
    assert!(matches!(&changes[..], [Change::Project { list: "sourceRepos", .. }]), "{changes:?}");
}

#[test]
fn what_isn_t_known_is_said() {
    let answer = asked(&ACME, "the server has asked for the client to provide credentials");
    let Passes::Unknown { missing } = &answer.passes else { panic!("{answer:#?}") };
    assert_eq!(missing[0].fill.as_deref(), Some("name it: `--cluster NAME`"));
    let answer = asked(&ACME, &refused("arn:aws:iam::999988887777:role/other", "get", "pods", "", "x"));
    assert!(matches!(answer.passes, Passes::Unknown { .. }) && answer.repair.is_none(), "{answer:#?}");
}

#[test]
fn an_application_says_which_cluster_and_project_it_is_about() {
    let text = r#"time="2026-11-02T08:12:44Z" level=error msg="the server has asked for the client to provide credentials" application=argocd/baseline-prod-eu"#;
    let gone =
        |inventory: &mut Inventory| drop(known(&mut cluster(inventory, EU).access_entries).remove(DEPLOYER));
    let changes = broken(gone, text, "cluster-identity");
    assert!(matches!(&changes[..], [Change::Entry { cluster, .. }] if *cluster == arn(EU)), "{changes:?}");
    let text = format!(
        "time=\"x\" level=error msg=\"no matching service account found for destination server {} and namespace checkout\" application=argocd/baseline-prod-eu",
        endpoint(EU)
    );
    let answer = asked(&ACME, &text);
    assert_eq!(answer.failing().map(|hop| hop.at.as_str()), Some("impersonation"));
    assert!(
        answer.repair.is_none() && answer.failing().unwrap().by.contains("AppProject `platform`"),
        "{answer:#?}"
    );
}

#[test]
fn without_an_argo_cd_it_says_so() {
    let mut inventory = ACME.clone();
    inventory.clusters.remove(&arn(HUB));
    for text in
        [exit_20(EU), NO_ROLE.to_owned(), "permission denied: applications, sync, a/b, sub: ann".to_owned()]
    {
        let answer = asked(&inventory, &text);
        let Passes::Unknown { missing } = &answer.passes else { panic!("{answer:#?}") };
        assert_eq!(missing[0].fill.as_deref(), Some("name its cluster: `--hub NAME`"), "{text}");
    }
}
