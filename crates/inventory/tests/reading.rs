//! From files as the AWS CLI and kubectl print them to an inventory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use facts::ClusterArn;
use oarlock_inventory::{Cluster, File, Inventory, Known, Reading};

const CLUSTER: &str = "clusters/111122223333/eu-west-1/hub";
const DESCRIBED: &str = r#"{"cluster": {"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
    "endpoint": "https://x.eks.amazonaws.com", "version": "1.36", "accessConfig": {"authenticationMode": "API"}}}"#;

fn read(files: &[(&str, &str)]) -> Reading {
    let files: Vec<File> = files
        .iter()
        .map(|(path, text)| File {
            path: (*path).to_owned(),
            name: (*path).into(),
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    Inventory::read(&files)
}

fn in_cluster(path: &str) -> String {
    format!("{CLUSTER}/{path}")
}

fn cluster(files: &[(&str, &str)]) -> Cluster {
    let paths: Vec<String> = files.iter().map(|(path, _)| in_cluster(path)).collect();
    let files: Vec<(&str, &str)> =
        paths.iter().zip(files).map(|(path, (_, text))| (path.as_str(), *text)).collect();
    let mut reading = read(&files);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let arn: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/hub".parse().unwrap();
    reading.inventory.clusters.remove(&arn).unwrap()
}

#[test]
fn a_missing_file_is_a_gap_with_the_command_that_fills_it() {
    let cluster = cluster(&[("eks/describe-cluster.json", DESCRIBED)]);
    let gap = cluster.access_entries.gap().unwrap();
    assert!(gap.fill.as_ref().unwrap().contains("aws eks list-access-entries"), "{gap:?}");
    let gap = cluster.kubernetes.list("clusterroles").unwrap_err();
    assert!(gap.fill.unwrap().contains("kubectl get clusterroles"));
}

#[test]
fn an_empty_list_is_an_absence() {
    let cluster = cluster(&[
        ("eks/list-access-entries.json", r#"{"accessEntries": []}"#),
        ("kubernetes/clusterroles.yaml", "apiVersion: v1\nkind: List\nitems: []\n"),
    ]);
    assert!(cluster.access_entries.known().unwrap().is_empty());
    assert!(cluster.kubernetes.list("clusterroles").unwrap().is_empty());
}

#[test]
fn a_listed_entry_that_was_not_described_is_never_taken_for_absent() {
    let cluster = cluster(&[(
        "eks/list-access-entries.json",
        r#"{"accessEntries": ["arn:aws:iam::111122223333:role/a"]}"#,
    )]);
    match &cluster.access_entries {
        Known::Gap(gap) => assert!(gap.to_string().contains("role/a"), "{gap}"),
        Known::Known(entries) => panic!("taken for known: {entries:?}"),
    }
}

#[test]
fn authorization_details_come_in_one_page_or_many_and_policies_encoded_or_not() {
    let page = |name: &str, document: &str| {
        format!(
            r#"{{"RoleDetailList": [{{"RoleName": "{name}", "Arn": "arn:aws:iam::111122223333:role/{name}",
                "AssumeRolePolicyDocument": {document}, "RolePolicyList": [], "Tags": [{{"Key": "k", "Value": "v"}}]}}]}}"#
        )
    };
    let plain = page("a", r#"{"Version": "2012-10-17", "Statement": []}"#);
    let encoded =
        page("b", r#""%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%5D%7D""#);
    let shapes = [format!("[{plain}, {encoded}]"), format!("{plain}\n{encoded}")];
    for text in shapes {
        let reading = read(&[("accounts/111122223333/iam-get-account-authorization-details.json", &text)]);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let account = reading.inventory.accounts.values().next().unwrap();
        let roles = account.roles.known().unwrap();
        assert_eq!(roles["a"].trust, roles["b"].trust);
        assert_eq!(roles["b"].trust["Version"], "2012-10-17");
        assert_eq!(roles["a"].tags["k"], "v");
        assert!(account.oidc_providers.gap().is_some());
    }
}

#[test]
fn roles_keep_the_line_at_which_they_stand() {
    let roles = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: ClusterRole\n  metadata: {name: a}\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: ClusterRole\n  metadata: {name: b}\n  rules: null\n";
    let cluster = cluster(&[("kubernetes/clusterroles.yaml", roles)]);
    let lines: Vec<_> =
        cluster.kubernetes.roles.iter().map(|role| role.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [4, 7]);
}

#[test]
fn a_folder_with_another_clusters_description_is_refused() {
    let path = "clusters/111122223333/eu-west-1/other/eks/describe-cluster.json";
    let problems = read(&[(path, DESCRIBED)]).problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("cluster/hub") && problems[0].help.is_some(), "{:?}", problems[0]);
}

#[test]
fn malformed_files_are_named_with_their_place() {
    let path = in_cluster("eks/describe-cluster.json");
    let problem = &read(&[(&path, "{\"cluster\": \n{\"name\": }}")]).problems[0];
    assert_eq!((&*problem.place.file, problem.place.line), (path.as_str(), 2));
}

#[test]
fn the_digest_depends_on_contents_and_not_on_order() {
    let a = ("gaps.json", "[]");
    let b = (
        "accounts/111122223333/iam-list-open-id-connect-providers.json",
        r#"{"OpenIDConnectProviderList": []}"#,
    );
    let digest = |files: &[(&str, &str)]| read(files).inventory.digest;
    assert_eq!(digest(&[a, b]), digest(&[b, a]));
    assert_ne!(digest(&[a, b]), digest(&[("gaps.json", "[ ]"), b]));
}

#[test]
fn files_that_nobody_knows_are_told_and_left_alone() {
    let reading = read(&[("notes/x.json", "not json")]);
    assert!(reading.problems.is_empty());
    assert_eq!(reading.unknown.len(), 1);
}

const CAPABILITIES: &str =
    r#"{"capabilities": [{"capabilityName": "argocd", "type": "ARGOCD", "status": "ACTIVE"}]}"#;

#[test]
fn a_capability_tells_its_role_its_namespace_and_who_signs_in() {
    let described = r#"{"capability": {"capabilityName": "argocd", "type": "ARGOCD", "status": "DEGRADED",
        "roleArn": "arn:aws:iam::111122223333:role/argocd", "tags": {"team": "platform"},
        "configuration": {"argoCd": {"namespace": "gitops", "serverUrl": "https://a.example",
            "awsIdc": {"idcInstanceArn": "arn:aws:sso:::instance/ssoins-1", "idcRegion": "eu-west-1"},
            "rbacRoleMappings": [{"role": "ADMIN", "identities": [{"id": "g-1", "type": "SSO_GROUP"}]}]}},
        "health": {"issues": [{"code": "AccessDenied", "message": "the role can't be assumed"}]}}}"#;
    let cluster = cluster(&[
        ("eks/list-capabilities.json", CAPABILITIES),
        ("eks/describe-capability-argocd.json", described),
    ]);
    let capability = &cluster.capabilities.known().unwrap()["argocd"];
    assert_eq!((capability.kind.as_str(), capability.status.as_str()), ("ARGOCD", "ACTIVE"));
    let details = capability.details.known().unwrap();
    assert_eq!(details.role.to_string(), "arn:aws:iam::111122223333:role/argocd");
    assert_eq!(details.namespace.as_deref(), Some("gitops"));
    assert_eq!(details.identity_center.as_deref(), Some("arn:aws:sso:::instance/ssoins-1"));
    assert_eq!(details.server_url.as_deref(), Some("https://a.example"));
    assert_eq!(details.role_mappings["ADMIN"], ["SSO_GROUP g-1".to_owned()].into());
    assert_eq!(details.issues, ["AccessDenied: the role can't be assumed"]);
    assert_eq!(details.tags["team"], "platform");
}

#[test]
fn a_listed_capability_that_was_not_described_has_a_role_that_is_not_known() {
    let cluster = cluster(&[("eks/list-capabilities.json", CAPABILITIES)]);
    let gap = cluster.capabilities.known().unwrap()["argocd"].details.gap().unwrap();
    let fill = gap.fill.as_ref().unwrap();
    assert!(
        fill.starts_with("aws eks describe-capability --capability-name argocd --cluster-name hub"),
        "{fill}"
    );
}

#[test]
fn no_list_of_capabilities_is_a_gap_and_an_empty_one_an_absence() {
    let without = cluster(&[("eks/describe-cluster.json", DESCRIBED)]);
    assert!(without.capabilities.gap().unwrap().fill.as_ref().unwrap().contains("aws eks list-capabilities"));
    let empty = cluster(&[("eks/list-capabilities.json", r#"{"capabilities": []}"#)]);
    assert!(empty.capabilities.known().unwrap().is_empty());
}

#[test]
fn a_secret_of_secrets_manager_tells_its_key_or_that_it_has_none_of_its_own() {
    let path = |key: &str| format!("accounts/111122223333/secretsmanager-describe-secret-{key}.json");
    let arn = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}");
    let file = |name: &str, key: &str| format!(r#"{{"ARN": "{}", "Name": "{name}"{key}}}"#, arn(name));
    let (a, b) = (file("a", r#", "KmsKeyId": "alias/git""#), file("b", ""));
    let reading = read(&[(&path("a"), &a), (&path("b"), &b)]);
    assert!(reading.problems.is_empty() && reading.unknown.is_empty(), "{reading:?}");
    let account = reading.inventory.accounts.values().next().unwrap();
    assert_eq!(account.secrets[&arn("a")].kms_key.as_deref(), Some("alias/git"));
    assert_eq!(account.secrets[&arn("b")].kms_key, None);
}

#[test]
fn a_list_whose_last_page_is_missing_is_a_gap() {
    for (file, page) in [
        ("eks/list-access-entries.json", r#"{"accessEntries": [], "nextToken": "x"}"#),
        ("eks/list-access-entries.json", r#"{"NextToken": "x", "accessEntries": []}"#),
        ("eks/list-pod-identity-associations.json", r#"{"associations": [], "NextToken": "x"}"#),
        ("eks/list-capabilities.json", r#"{"capabilities": [], "nextToken": "x"}"#),
    ] {
        let gaps = |text: &str| {
            let cluster = cluster(&[(file, text)]);
            [
                cluster.access_entries.gap().cloned(),
                cluster.pod_identity_associations.gap().cloned(),
                cluster.capabilities.gap().cloned(),
            ]
        };
        let cut = |gap: &facts::Gap| gap.cause.contains("last page");
        assert_eq!(gaps(page).iter().flatten().filter(|gap| cut(gap)).count(), 1, "{file}");
        let whole = format!("{page}\n{}", page.replace(r#""x""#, "null"));
        assert_eq!(gaps(&whole).iter().flatten().filter(|gap| cut(gap)).count(), 0, "{file}");
    }
}

#[test]
fn a_cluster_that_takes_no_access_entries_has_none() {
    let mode = |mode: &str| {
        let description = format!(
            r#"{{"cluster": {{"arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub", "accessConfig": {{"authenticationMode": "{mode}"}}}}}}"#
        );
        cluster(&[("eks/describe-cluster.json", &description)]).access_entries
    };
    assert!(mode("CONFIG_MAP").known().is_some_and(std::collections::BTreeMap::is_empty));
    assert!(mode("API_AND_CONFIG_MAP").gap().is_some());
}

#[test]
fn nobody_is_told_to_collect_all_secrets() {
    let describe =
        br#"{"cluster": {"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub"}}"#;
    let path = "clusters/111122223333/eu-west-1/hub/eks/describe-cluster.json";
    let file = File { path: path.to_owned(), name: path.into(), bytes: describe.to_vec() };
    let inventory = Inventory::read(&[file]).inventory;
    let hub = inventory.clusters.values().next().unwrap();
    let fill = |resource: &str| hub.kubernetes.list(resource).unwrap_err().fill.unwrap();
    assert!(fill("secrets").contains("-l argocd.argoproj.io/secret-type"), "{}", fill("secrets"));
    assert!(!fill("roles").contains("-l "));
}

#[test]
fn a_gap_has_the_cause_that_was_written_down_for_it() {
    let causes = r#"[
        {"what": "the access entries of `arn:aws:eks:eu-west-1:111122223333:cluster/hub`", "cause": "AccessDenied: no"},
        {"what": "the `roles` of `arn:aws:eks:eu-west-1:111122223333:cluster/hub`", "cause": "Forbidden: no"}
    ]"#;
    let described = in_cluster("eks/describe-cluster.json");
    let reading = read(&[("gaps.json", causes), (described.as_str(), DESCRIBED)]);
    let cluster = reading.inventory.clusters.values().next().unwrap();
    let gap = cluster.access_entries.gap().unwrap();
    assert_eq!(gap.cause, "AccessDenied: no");
    assert!(gap.fill.as_ref().unwrap().contains("list-access-entries"), "what fills it is still said");
    assert_eq!(cluster.kubernetes.list("roles").unwrap_err().cause, "Forbidden: no");
    assert_eq!(cluster.pod_identity_associations.gap().unwrap().cause, "not in the inventory");
}

const DETAILS: &str = "accounts/111122223333/iam-get-account-authorization-details.json";

#[test]
fn users_come_with_their_groups_policies_and_boundaries() {
    let text = r#"{"RoleDetailList": [], "UserDetailList": [
        {"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/team/ann", "CreateDate": "2025-01-01T00:00:00+00:00",
         "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {"Statement": [
            {"Effect": "Allow"}]}}],
         "GroupList": ["ops"], "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::111122223333:policy/p"}],
         "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/b"},
         "Tags": [{"Key": "team", "Value": "pay"}]}],
        "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
            "GroupPolicyList": [{"PolicyName": "all", "PolicyDocument": "%7B%7D"}], "AttachedManagedPolicies": []}],
        "Policies": []}"#;
    let reading = read(&[(DETAILS, text)]);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let account = reading.inventory.accounts.values().next().unwrap();
    let ann = &account.users.known().unwrap()["ann"];
    assert_eq!((ann.arn.path.as_str(), ann.groups.as_slice()), ("/team/", &["ops".to_owned()][..]));
    assert_eq!(ann.managed_policies["arn:aws:iam::111122223333:policy/p"], None);
    assert_eq!(ann.permissions_boundary.as_deref(), Some("arn:aws:iam::111122223333:policy/b"));
    assert_eq!((ann.tags["team"].as_str(), ann.place.line), ("pay", 2));
    assert_eq!(ann.places.inline["own"][0].line, 4);
    assert!(account.groups["ops"].inline_policies.known().unwrap().contains_key("all"));
}

/// An account without users, and one whose users were filtered out, have the same details.
#[test]
fn no_user_among_the_details_is_none_only_where_the_list_says_so() {
    let details = r#"{"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": []}"#;
    let users = |listed: Option<&str>| {
        let list = listed.map(|text| ("accounts/111122223333/iam-list-users.json", text));
        let files: Vec<(&str, &str)> = [(DETAILS, details)].into_iter().chain(list).collect();
        let reading = read(&files);
        assert!(reading.unknown.is_empty() && reading.problems.is_empty());
        reading.inventory.accounts.values().next().unwrap().users.clone()
    };
    assert_eq!(users(Some(r#"{"Users": []}"#)), Known::Known(BTreeMap::new()));
    let some = r#"{"Users": [{"Arn": "arn:aws:iam::111122223333:user/ann"}]}"#;
    for listed in [None, Some(some)] {
        let gap = users(listed).gap().unwrap().clone();
        assert!(gap.fill.as_ref().unwrap().contains("list-users"), "{gap}");
    }
}

#[test]
fn a_user_that_can_not_be_read_makes_users_unknown_and_is_a_problem() {
    let text = r#"{"RoleDetailList": [], "UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/ann",
        "UserPolicyList": [{"PolicyName": "own"}]}]}"#;
    let reading = read(&[(DETAILS, text)]);
    assert_eq!(reading.problems.len(), 1);
    let account = reading.inventory.accounts.values().next().unwrap();
    assert!(account.users.gap().is_some() && account.roles.known().is_some());
}

/// Every region has some, so that an empty list says nothing.
#[test]
fn access_policies_are_those_that_eks_lists() {
    let list = r#"{"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}]}"#;
    let known = cluster(&[("eks/list-access-policies.json", list)]).access_policies;
    assert_eq!(known.known().unwrap().len(), 1);
    let gap = cluster(&[("eks/describe-cluster.json", DESCRIBED)]).access_policies.gap().unwrap().clone();
    assert!(gap.fill.as_ref().unwrap().contains("list-access-policies"), "{gap}");
    let path = in_cluster("eks/list-access-policies.json");
    assert_eq!(read(&[(&path, r#"{"accessPolicies": []}"#)]).problems.len(), 1);
}
