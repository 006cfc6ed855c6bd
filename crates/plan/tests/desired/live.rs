//! What the desired objects take from the inventory where the fleet file is silent.

use inventory::Inventory;
use oarlock_plan::desired::{Wanted, desired};
use serde_json::{Value, json};

use crate::{
    fleet::{AUTHORITY, applications, finding_ids, fleet, input, kubernetes, needs, role},
    world::{HUB, PROD, at, inventory, objects, secret},
};

const SERVER: &str = "https://PROD.gr7.us-east-1.eks.amazonaws.com";

/// A self-managed hub and a spoke of which only the ARN is given.
fn spec(identity: &str, more: &str) -> String {
    format!(
        "  hub: {{arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', argocd: {{version: '3.5'}}, identity: {identity}}}
  clusters: [{{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod'}}]
{more}"
    )
}

fn hub() -> (String, Value) {
    let issuer = json!({"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/HUB"}});
    let cluster = json!({"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
        "endpoint": "https://HUB.gr7.eu-west-1.eks.amazonaws.com", "identity": issuer});
    at(HUB, "eks/describe-cluster.json", json!({"cluster": cluster}))
}

fn prod(mode: &str) -> (String, Value) {
    let cluster = json!({"name": "prod", "arn": "arn:aws:eks:us-east-1:444455556666:cluster/prod", "endpoint": SERVER,
        "certificateAuthority": {"data": AUTHORITY}, "accessConfig": {"authenticationMode": mode}});
    at(PROD, "eks/describe-cluster.json", json!({"cluster": cluster}))
}

fn config_maps(data: Value) -> (String, Value) {
    objects("configmaps", "ConfigMap", &[json!({"metadata": {"name": "argocd-cm"}, "data": data})])
}

fn wanted(spec: &str, inventory: &Inventory) -> Wanted {
    let fleet = fleet(spec);
    let mut input = input(&fleet);
    input.inventory = Some(inventory);
    input.applications = applications(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec: {project: shop, source: {repoURL: 'https://github.com/acme/web.git', path: deploy}, destination: {name: prod, namespace: web}}
",
    );
    desired(&input, &needs(&fleet))
}

fn cluster_secret(wanted: &Wanted) -> (&oarlock_plan::KubernetesObject, Value) {
    let [secret] = kubernetes(wanted, "Secret")[..] else { panic!("{wanted:#?}") };
    (secret, serde_json::from_str(secret.body.value()["stringData"]["config"].as_str().unwrap()).unwrap())
}

#[test]
fn endpoint_and_certificate_authority_are_those_that_eks_tells() {
    let wanted = wanted(&spec("pod-identity", ""), &inventory(&[hub(), prod("API")]));
    assert!(wanted.unknown.is_empty(), "{:#?}", wanted.unknown);
    let (secret, config) = cluster_secret(&wanted);
    assert_eq!(secret.body.value()["stringData"]["server"], SERVER);
    assert_eq!(config["tlsClientConfig"]["caData"], AUTHORITY);
}

#[test]
fn without_a_description_the_secret_is_not_known_and_each_field_is_named() {
    let wanted = wanted(&spec("pod-identity", ""), &inventory(&[hub()]));
    assert!(kubernetes(&wanted, "Secret").is_empty());
    let queries = wanted.unknown.iter().filter_map(|gap| gap.fill.as_ref()?.split_once("--query "));
    assert_eq!(
        queries.map(|(_, query)| query).collect::<Vec<_>>(),
        ["cluster.certificateAuthority.data", "cluster.endpoint"]
    );
}

#[test]
fn the_issuer_of_the_hub_is_the_one_that_eks_tells() {
    let wanted = wanted(&spec("irsa", ""), &inventory(&[hub(), prod("API")]));
    let trust = role(&wanted, "oarlock-hub-controller").trust.to_json();
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/HUB";
    assert_eq!(trust["Statement"][0]["Principal"]["Federated"], provider);
}

#[test]
fn a_live_secret_keeps_its_name_its_labels_its_shard_and_its_way_through_the_network() {
    let config = json!({"bearerToken": "hunter2", "proxyUrl": "http://proxy:3128",
        "tlsClientConfig": {"serverName": "prod.internal", "caData": "b2xk", "keyData": "aHVudGVyMg=="}});
    let data =
        [("name", "old"), ("server", &format!("{SERVER}/")), ("config", &config.to_string()), ("shard", "3")];
    let mut live = secret("prod-by-hand", "cluster", &data);
    live["metadata"]["labels"]["env"] = "prod".into();
    let inventory = inventory(&[hub(), prod("API"), objects("secrets", "Secret", &[live])]);
    let wanted = wanted(&spec("pod-identity", ""), &inventory);
    let (secret, config) = cluster_secret(&wanted);
    assert_eq!(secret.name, "prod-by-hand");
    assert_eq!(
        (&secret.body.value()["stringData"]["name"], &secret.body.value()["stringData"]["shard"]),
        (&json!("prod"), &json!("3"))
    );
    assert_eq!(secret.body.value()["metadata"]["labels"]["env"], "prod");
    assert_eq!(config["proxyUrl"], "http://proxy:3128");
    let tls = json!({"insecure": false, "caData": AUTHORITY, "serverName": "prod.internal"});
    assert_eq!(config["tlsClientConfig"], tls, "the authority is the one that EKS tells");
    assert!(config.get("bearerToken").is_none());
}

#[test]
fn a_secret_whose_proxy_wants_a_password_is_not_planned_without_it() {
    let config = json!({"proxyUrl": "http://me:hunter2@proxy:3128"}).to_string();
    let live = secret("prod", "cluster", &[("name", "prod"), ("server", SERVER), ("config", &config)]);
    let inventory = inventory(&[hub(), prod("API"), objects("secrets", "Secret", &[live])]);
    let wanted = wanted(&spec("pod-identity", ""), &inventory);
    assert!(kubernetes(&wanted, "Secret").is_empty());
    assert!(wanted.unknown[0].what.contains("`proxyUrl` of Secret `prod`"), "{:#?}", wanted.unknown);
    assert!(!format!("{wanted:?}").contains("hunter2"));
}

#[test]
fn a_cluster_that_takes_no_access_entries_is_told_with_the_command_that_changes_it() {
    for (mode, expected) in [("CONFIG_MAP", true), ("API_AND_CONFIG_MAP", false), ("API", false)] {
        let wanted = wanted(&spec("pod-identity", ""), &inventory(&[hub(), prod(mode)]));
        let told = finding_ids(&wanted).contains(&"cluster-takes-no-access-entries");
        assert_eq!(told, expected, "{mode}");
    }
}

#[test]
fn the_keys_of_argocd_cm_that_the_needs_rest_on_are_kept_and_others_left_alone() {
    let live = json!({"resource.exclusions": "- kinds: [Event]\n", "resource.respectRBAC": "normal", "url": "https://cd.example"});
    let inventory = inventory(&[hub(), prod("API"), config_maps(live)]);
    let wanted = wanted(&spec("pod-identity", ""), &inventory);
    let [cm] = kubernetes(&wanted, "ConfigMap")[..] else { panic!("{wanted:#?}") };
    let expected = json!({"resource.exclusions": "- kinds: [Event]\n", "resource.respectRBAC": "normal"});
    assert_eq!(cm.body.value()["data"], expected);
    assert_eq!(wanted.helm_values.as_ref().unwrap()["configs"]["cm"], expected);
}

#[test]
fn planned_inclusions_replace_the_live_ones_and_name_each_clusters_kinds() {
    let live = json!({"resource.inclusions": "- apiGroups: ['*']\n  kinds: ['*']\n"});
    let inventory = inventory(&[hub(), prod("API"), config_maps(live)]);
    let fleet = fleet(&spec("pod-identity", "  cache: inclusions\n"));
    let mut input = input(&fleet);
    input.inventory = Some(&inventory);
    let mut needs = needs(&fleet);
    needs.iter_mut().filter(|cluster| cluster.name == "prod").for_each(|prod| {
        let config_map = argocd::CachedKind {
            group: "".into(),
            kind: "ConfigMap".into(),
            plural: "configmaps".into(),
            namespaced: true,
        };
        prod.cached_kinds.push(config_map);
    });
    let wanted = desired(&input, &needs);
    let [cm] = kubernetes(&wanted, "ConfigMap")[..] else { panic!("{wanted:#?}") };
    let body = cm.body.value();
    let inclusions = body["data"]["resource.inclusions"].as_str().unwrap();
    assert!(inclusions.contains("ConfigMap") && inclusions.contains(SERVER), "{inclusions}");
    assert!(!inclusions.contains("'*'") && !inclusions.contains("Secret"), "{inclusions}");
}

#[test]
fn the_chart_makes_no_cluster_roles_where_all_applications_certainly_are_argo_cds_own() {
    let params = |namespaces: &str| {
        let data = json!({"application.namespaces": namespaces});
        objects(
            "configmaps",
            "ConfigMap",
            &[json!({"metadata": {"name": "argocd-cmd-params-cm"}, "data": data})],
        )
    };
    let none = || objects("applications", "Application", &[]);
    for (more, expected) in [
        (vec![params(""), none()], json!(false)),
        (vec![config_maps(json!({})), none()], json!(false)),
        (vec![params("team-*"), none()], Value::Null),
        (vec![none()], Value::Null),
        (vec![params("")], Value::Null),
    ] {
        let inventory = inventory(&[vec![hub(), prod("API")], more].concat());
        let values = wanted(&spec("pod-identity", ""), &inventory).helm_values;
        assert_eq!(values.unwrap_or_default()["createClusterRoles"], expected);
    }
}
