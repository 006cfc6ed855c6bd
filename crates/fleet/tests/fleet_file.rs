//! From the text of fleet files to fleets, or to what is wrong with them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use oarlock_fleet::{
    ApplicationSource, CacheWidth, CredentialUse, Features, Fleet, Granularity, Groups, IdentityKind,
    Install, Names, ShippedRbacChoice, Topology, Version,
};

const HUB: &str = "  hub: {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', argocd: {version: '3.5'}}";
const CLUSTERS: &str = "  clusters: [{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod'}]";

fn file(spec: &[&str]) -> String {
    format!(
        "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {{name: acme}}\nspec:\n{}\n",
        spec.join("\n")
    )
}

fn parse(text: &str) -> Result<Fleet, Vec<String>> {
    Fleet::parse(&"fleet.yaml".into(), text.as_bytes()).map_err(|problems| {
        problems
            .iter()
            .map(|p| format!("{p}{}", p.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"))))
            .collect()
    })
}

/// The one problem of a fleet file.
fn problem(spec: &[&str]) -> String {
    let mut problems = parse(&file(spec)).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.remove(0)
}

fn hub(fields: &str) -> String {
    format!("  hub: {{arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', {fields}}}")
}

#[test]
fn a_small_file_has_the_documented_defaults() {
    let fleet = parse(&file(&[HUB, CLUSTERS])).unwrap();
    assert_eq!(fleet.hub.argocd.version, Version { major: 3, minor: 5 });
    assert_eq!(fleet.hub.argocd.install, Install::SelfManaged);
    assert_eq!(fleet.hub.argocd.namespace, "argocd");
    assert_eq!(fleet.hub.argocd.controller_service_account, "argocd-application-controller");
    assert_eq!(fleet.hub.argocd.server_service_account, "argocd-server");
    assert_eq!(fleet.hub.identity, IdentityKind::PodIdentity);
    assert_eq!(
        (fleet.granularity, fleet.cache, fleet.names),
        (Granularity::PerCluster, None, Names::ClusterScoped)
    );
    assert_eq!(
        (fleet.features, fleet.groups, fleet.impersonation),
        (Features::default(), Groups::default(), None)
    );
    assert_eq!((fleet.clusters[0].name.as_str(), fleet.clusters[0].topology), ("prod", Topology::Chained));
    assert_eq!(fleet.clusters[0].place.to_string(), "fleet.yaml:6:14");
}

#[test]
fn the_example_of_the_reference_is_read_in_full() {
    let reference = include_str!("../../../docs/fleet-file.md");
    let example = reference.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let fleet = parse(example).unwrap();
    assert_eq!(fleet.clusters.len(), 3);
    assert_eq!(fleet.clusters[1].topology, Topology::Direct);
    assert_eq!(fleet.clusters[2].namespaces, ["reports", "ingest"]);
    assert_eq!(fleet.cache, Some(CacheWidth::Inclusions));
    assert!(matches!(&fleet.applications[1], ApplicationSource::Inventory { .. }));
    assert_eq!(fleet.shipped_rbac[0].choice, ShippedRbacChoice::Bind);
    assert!(
        matches!(&fleet.credentials[0].uses, CredentialUse::S3 { bucket, .. } if bucket == "acme-charts")
    );
    assert_eq!(fleet.limits[0].deny.except_namespaces, ["monitoring"]);
}

#[test]
fn a_version_may_be_a_number_or_have_a_patch() {
    for (text, expected) in [("3.5", "3.5"), ("'v3.5.1'", "3.5"), ("3.10", "3.10"), ("v2.14.0-rc1", "2.14")] {
        let hub = hub(&format!("argocd: {{version: {text}}}"));
        assert_eq!(parse(&file(&[&hub, CLUSTERS])).unwrap().hub.argocd.version.to_string(), expected);
    }
    for text in ["latest", "3", "v3.x"] {
        let hub = hub(&format!("argocd: {{version: {text}}}"));
        assert!(problem(&[&hub, CLUSTERS]).contains("is not a version of Argo CD"), "{text}");
    }
}

#[test]
fn another_kind_of_file_is_told_first() {
    let text =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {project: x}\n";
    let expected = "fleet.yaml:1:13: `apiVersion: argoproj.io/v1alpha1` is not a fleet file's (write `apiVersion: oarlock.dev/v1alpha1`)";
    assert_eq!(parse(text).unwrap_err(), [expected]);
    let text = "kind: Fleet\n";
    assert!(parse(text).unwrap_err()[0].contains("it has no `apiVersion`"));
}

#[test]
fn an_unknown_field_is_told_with_the_nearest() {
    let problem = problem(&[HUB, CLUSTERS, "  topologie: chained"]);
    assert!(problem.starts_with("fleet.yaml:7:") && problem.contains("`topologie`"), "{problem}");
    assert!(problem.contains("`topology`"), "{problem}");
}

#[test]
fn arns_and_account_ids_are_checked() {
    let cluster = |arn: &str| problem(&[HUB, &format!("  clusters: [{{arn: '{arn}'}}]")]);
    assert!(cluster("prod").starts_with("fleet.yaml:6:20: `prod` is not an ARN"));
    assert!(cluster("arn:aws:eks:eu-west-1:11112222333:cluster/x").contains("it has 11 digits"));
    assert!(cluster("arn:aws:iam::111122223333:role/x").contains("is not the ARN of an EKS cluster"));
}

#[test]
fn two_clusters_are_never_the_same() {
    let two = |one: &str, other: &str| {
        let arn = |n: u8| format!("arn: 'arn:aws:eks:eu-west-1:44445555666{n}:cluster/c{n}'");
        problem(&[
            HUB,
            "  clusters:",
            &format!("  - {{{}, {one}}}", arn(1)),
            &format!("  - {{{}, {other}}}", arn(2)),
        ])
    };
    assert_eq!(
        two("name: prod", "name: prod"),
        "fleet.yaml:8:66: two clusters have the name `prod`: the other is at fleet.yaml:7:66 (give each cluster its own)"
    );
    assert!(
        two("endpoint: 'https://x.example/'", "endpoint: 'https://x.example'")
            .contains("the server `https://x.example`")
    );
    let same = "  - {arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/c', name: a}";
    let other = "  - {arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/c', name: b}";
    assert!(problem(&[HUB, "  clusters:", same, other]).contains("two clusters have the ARN"));
}

#[test]
fn a_cluster_is_in_its_hubs_partition() {
    let problem = problem(&[HUB, "  clusters: [{arn: 'arn:aws-cn:eks:cn-north-1:444455556666:cluster/x'}]"]);
    assert!(problem.contains("the cluster is in the partition `aws-cn`, its hub in `aws`"), "{problem}");
}

#[test]
fn the_topology_suits_who_runs_argo_cd() {
    assert!(problem(&[HUB, CLUSTERS, "  topology: capability"]).contains("needs the EKS capability"));
    let capability = hub("argocd: {version: '3.5', install: eks-capability}");
    assert!(
        problem(&[&capability, CLUSTERS, "  topology: chained"]).contains("role of the capability alone")
    );
    let fleet = parse(&file(&[&capability, CLUSTERS])).unwrap();
    assert_eq!(fleet.clusters[0].topology, Topology::Capability);
}

#[test]
fn the_identity_suits_who_runs_argo_cd() {
    let old = hub("argocd: {version: '2.9'}, identity: pod-identity");
    assert!(problem(&[&old, CLUSTERS]).contains("Argo CD 2.9 can't use EKS Pod Identity"));
    let capability = hub("argocd: {version: '3.5', install: eks-capability}, identity: irsa");
    assert!(problem(&[&capability, CLUSTERS]).contains("`identity` has no meaning"));
    let role = hub("argocd: {version: '3.5', capabilityRole: 'arn:aws:iam::111122223333:role/x'}");
    assert!(problem(&[&role, CLUSTERS]).contains("this Argo CD is self-managed"));
}

#[test]
fn groups_never_start_with_system() {
    let problem = problem(&[HUB, CLUSTERS, "  groups: {shared: 'system:masters'}"]);
    assert_eq!(
        problem,
        "fleet.yaml:7:20: the group `system:masters` starts with `system:`, which EKS refuses (choose another, such as `oarlock:argocd`)"
    );
}

#[test]
fn names_have_the_form_that_kubernetes_wants() {
    let cluster = |fields: &str| {
        problem(&[
            HUB,
            &format!("  clusters: [{{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod', {fields}}}]"),
        ])
    };
    assert!(cluster("namespaces: ['team-*']").contains("`team-*` can't be a namespace"));
    assert!(cluster("project: Payments").contains("`Payments` can't be an AppProject"));
    assert!(cluster("labels: {env: 'a b'}").contains("can't be the value of a label"));
    assert!(cluster("endpoint: 'http://x'").contains("it should start with `https://`"));
    assert!(
        cluster("endpoint: 'https://kubernetes.default.svc'").contains("is the hub, and this cluster isn't")
    );
    assert!(cluster("name: in-cluster").contains("Argo CD's name for the hub"));
    assert!(
        cluster("certificateAuthority: '-----BEGIN CERTIFICATE-----'")
            .contains("not base64 of a PEM certificate")
    );
    assert!(cluster("clusterResources: false").contains("without `namespaces`"));
}

#[test]
fn a_fleet_has_clusters() {
    assert!(problem(&[HUB, "  clusters: []"]).contains("the fleet has no clusters"));
}

#[test]
fn applications_come_from_one_place() {
    for item in ["{manifests: x}", "{path: x, from: inventory}", "{from: inventory, manifests: x}"] {
        let problem = problem(&[HUB, CLUSTERS, &format!("  applications: [{item}]")]);
        assert!(problem.ends_with("(write `path` (and `manifests`), or `from: inventory`)"), "{problem}");
    }
}

#[test]
fn clusters_that_are_named_exist() {
    let limit = "  limits: [{name: x, deny: {resources: [secrets], clusters: [prodd]}}]";
    assert!(
        problem(&[HUB, CLUSTERS, limit]).contains("the fleet has no cluster `prodd` (did you mean `prod`?)")
    );
}

#[test]
fn a_role_is_decided_once() {
    let decisions = "  shippedRbac: [{object: ClusterRole/x, choice: bind}, {object: ClusterRole/x, choice: hold, clusters: [prod]}]";
    assert!(problem(&[HUB, CLUSTERS, decisions]).contains("`x` is decided twice"));
    assert!(
        problem(&[HUB, CLUSTERS, "  shippedRbac: [{object: x, choice: bind}]"])
            .contains("`x` doesn't name a role")
    );
}

#[test]
fn a_limit_that_denies_everything_is_a_mistake() {
    assert!(
        problem(&[HUB, CLUSTERS, "  limits: [{name: x, deny: {}}]"]).contains("the limit denies everything")
    );
}

#[test]
fn credentials_have_one_use() {
    let credential =
        |uses: &str| problem(&[HUB, CLUSTERS, &format!("  credentials: [{{serviceAccount: x{uses}}}]")]);
    assert!(credential("").contains("write exactly one of"));
    assert!(credential(", s3: {bucket: 's3://b'}").contains("can't be the name of a bucket"));
    assert!(credential(", ecr: {repositories: ['arn:aws:s3:::x']}").contains("is an ARN of something else"));
}

#[test]
fn the_capabilitys_repository_access_names_connections_secrets_and_keys() {
    let access = |text: &str| {
        hub(&format!("argocd: {{version: 3.5, install: eks-capability, repositoryAccess: {{{text}}}}}"))
    };
    let wrong = |text: &str| problem(&[&access(text), CLUSTERS]);
    let right = access(
        "connections: ['arn:aws:codestar-connections:eu-west-1:111122223333:connection/0c1d'],
        secrets: ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:git-AbCdEf'],
        kmsKeys: ['arn:aws:kms:eu-west-1:111122223333:key/1234']",
    );
    let read = parse(&file(&[&right, CLUSTERS])).unwrap().hub.argocd.repository_access;
    assert_eq!((read.connections.len(), read.secrets.len()), (1, 1));
    assert_eq!(read.kms_keys.unwrap()[0].resource, "key/1234");
    let none = parse(&file(&[&access("kmsKeys: []"), CLUSTERS])).unwrap().hub.argocd.repository_access;
    assert_eq!(none.kms_keys, Some(Vec::new()));
    assert!(wrong("kmsKeys: ['arn:aws:kms:eu-west-1:111122223333:alias/git']").contains("key/1234abcd"));
    assert!(wrong("connections: ['arn:aws:s3:::x']").contains("is an ARN of something else"));
    let self_managed = hub("argocd: {version: 3.5, repositoryAccess: {kmsKeys: []}}");
    assert!(problem(&[&self_managed, CLUSTERS]).contains("is for the EKS capability"));
}

#[test]
fn one_run_reports_all_that_is_wrong_in_the_order_of_the_file() {
    let clusters = "  clusters: [{arn: x, name: a}, {arn: y, name: b}]";
    let problems = parse(&file(&[HUB, clusters, "  organization: acme"])).unwrap_err();
    let places: Vec<&str> = problems.iter().filter_map(|p| p.split(": ").next()).collect();
    assert_eq!(places, ["fleet.yaml:6:20", "fleet.yaml:6:39", "fleet.yaml:7:17"]);
}

#[test]
fn a_fleet_file_may_be_json() {
    let text = r#"{"apiVersion": "oarlock.dev/v1alpha1", "kind": "Fleet", "metadata": {"name": "acme"}, "spec": {
        "hub": {"arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub", "argocd": {"version": "3.5"}},
        "clusters": [{"arn": "arn:aws:eks:us-east-1:444455556666:cluster/prod"}]}}"#;
    assert_eq!(parse(text).unwrap().clusters.len(), 1);
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let printed = serde_json::to_string_pretty(&oarlock_fleet::schema()).unwrap();
    let committed = include_str!("../../../docs/schema/fleet.json");
    assert_eq!(printed.trim(), committed.trim(), "run `cargo xtask schema`");
}

#[test]
fn every_field_of_the_schema_is_described() {
    fn undescribed(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
            found.extend(
                properties
                    .iter()
                    .filter(|(_, p)| p.get("description").is_none())
                    .map(|(k, _)| format!("{path}.{k}")),
            );
        }
        if let Some(fields) = value.as_object() {
            fields.iter().for_each(|(key, inner)| undescribed(inner, &format!("{path}/{key}"), found));
        }
    }
    let mut found = Vec::new();
    undescribed(&serde_json::to_value(oarlock_fleet::schema()).unwrap(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn findings_are_left_alone_with_a_reason_and_perhaps_until_a_day() {
    let audit = |fields: &str| format!("  audit: {{suppressions: [{{check: exec-enabled, {fields}}}]}}");
    let fleet = parse(&file(&[
        HUB,
        CLUSTERS,
        &audit("reason: ' it is wanted ', until: 2027-01-31, cluster: 'prod-*'"),
    ]));
    let suppression = fleet.unwrap().suppressions.remove(0);
    assert_eq!((suppression.check.as_str(), suppression.reason.as_str()), ("exec-enabled", "it is wanted"));
    assert_eq!(suppression.until.unwrap().to_string(), "2027-01-31");
    assert_eq!((suppression.cluster.as_deref(), suppression.file), (Some("prod-*"), None));
    assert_eq!(suppression.place.to_string(), "fleet.yaml:7:34");
    let wrong = |fields: &str| problem(&[HUB, CLUSTERS, &audit(fields)]);
    assert!(wrong("reason: ''").contains("nothing says why `exec-enabled` is left alone (write the reason)"));
    assert!(
        wrong("reason: x, until: 2027-02-30").contains("`2027-02-30` is no date (write it as `2030-01-31`)")
    );
    assert!(wrong("until: 2027-01-31").contains("reason"));
}
