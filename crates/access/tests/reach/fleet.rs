//! Inventories of any size: a hub, its clusters, twenty of them in an account.

use inventory::{File, Inventory};
use serde_json::{Value, json};

/// How much the hub's role holds on its clusters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Everything,
    /// Deployments in one namespace.
    Deployments,
}

const HUB: &str = "100000000000";

pub(crate) fn fleet(clusters: usize, held: Held) -> Inventory {
    let mut files = Vec::new();
    let mut add = |path: String, value: Value| {
        let name = path.as_str().into();
        files.push(File { name, path, bytes: value.to_string().into_bytes() });
    };
    add(
        "organization/describe-organization.json".into(),
        json!({"Organization": {"Id": "o-1", "MasterAccountId": HUB}}),
    );
    add("organization/list-roots.json".into(), json!({"Roots": [{"Id": "r-1", "PolicyTypes": []}]}));
    let accounts: Vec<String> = (0..clusters.div_ceil(20)).map(|number| format!("2{number:011}")).collect();
    for account in &accounts {
        add(
            format!("organization/list-parents-{account}.json"),
            json!({"Parents": [{"Id": "r-1", "Type": "ROOT"}]}),
        );
        add(format!("accounts/{account}/iam-get-account-authorization-details.json"), roles(account));
        add(
            format!("accounts/{account}/iam-list-open-id-connect-providers.json"),
            json!({"OpenIDConnectProviderList": []}),
        );
    }
    add(format!("organization/list-parents-{HUB}.json"), json!({"Parents": [{"Id": "r-1", "Type": "ROOT"}]}));
    add(format!("accounts/{HUB}/iam-get-account-authorization-details.json"), hub_roles());
    add(
        format!("accounts/{HUB}/iam-list-open-id-connect-providers.json"),
        json!({"OpenIDConnectProviderList": []}),
    );
    cluster(&mut add, HUB, "hub", "argocd", Held::Everything);
    for number in 0..clusters {
        cluster(
            &mut add,
            &accounts[number / 20],
            &format!("c{number}"),
            &format!("deployer-{}", number % 20),
            held,
        );
    }
    let reading = Inventory::read(&files);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    reading.inventory
}

fn role(account: &str, name: &str, trust: &Value, statements: &Value) -> Value {
    json!({"Arn": format!("arn:aws:iam::{account}:role/{name}"), "RoleName": name, "RoleId": format!("AROA{name}"),
        "CreateDate": "2025-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]})
}

/// The deployers that trust the hub, and eighty roles of applications that trust their account.
fn roles(account: &str) -> Value {
    let hub = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{HUB}:role/argocd")}, "Action": ["sts:AssumeRole", "sts:TagSession"]});
    let own = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"});
    let reads = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
    let deployers = (0..20).map(|number| role(account, &format!("deployer-{number}"), &hub, &reads));
    let others = (0..80).map(|number| role(account, &format!("app-{number}"), &own, &reads));
    json!({"RoleDetailList": deployers.chain(others).collect::<Vec<_>>()})
}

fn hub_roles() -> Value {
    let pods = json!({"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]});
    let spokes = json!([{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "arn:aws:iam::*:role/deployer-*"}]);
    json!({"RoleDetailList": [role(HUB, "argocd", &pods, &spokes)]})
}

fn cluster(add: &mut impl FnMut(String, Value), account: &str, name: &str, role: &str, held: Held) {
    let at = format!("clusters/{account}/eu-west-1/{name}");
    let arn = format!("arn:aws:iam::{account}:role/{role}");
    let list = |items: Vec<Value>| json!({"apiVersion": "v1", "kind": "List", "items": items});
    add(
        format!("{at}/eks/describe-cluster.json"),
        json!({"cluster": {"name": name, "arn": format!("arn:aws:eks:eu-west-1:{account}:cluster/{name}"),
        "version": "1.34", "endpoint": format!("https://{account}-{name}.example.com"), "accessConfig": {"authenticationMode": "API"}}}),
    );
    add(format!("{at}/eks/list-access-entries.json"), json!({"accessEntries": [arn]}));
    add(
        format!("{at}/eks/describe-access-entry-a.json"),
        json!({"accessEntry": {"principalArn": arn, "type": "STANDARD",
        "username": "deployer", "kubernetesGroups": ["deployers"], "createdAt": "2025-06-01T00:00:00+00:00"}}),
    );
    add(
        format!("{at}/eks/list-associated-access-policies-a.json"),
        json!({"principalArn": arn, "associatedAccessPolicies": []}),
    );
    add(format!("{at}/eks/list-capabilities.json"), json!({"capabilities": []}));
    let associations = match name {
        "hub" => vec![
            json!({"clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-application-controller", "associationId": "a-1"}),
        ],
        _ => Vec::new(),
    };
    add(format!("{at}/eks/list-pod-identity-associations.json"), json!({"associations": associations}));
    if name == "hub" {
        add(
            format!("{at}/eks/describe-pod-identity-association-a-1.json"),
            json!({"association": {"clusterName": "hub", "namespace": "argocd",
            "serviceAccount": "argocd-application-controller", "associationId": "a-1", "roleArn": arn, "disableSessionTags": false}}),
        );
    }
    kubernetes(add, &at, name, held, &list);
}

fn kubernetes(
    add: &mut impl FnMut(String, Value),
    at: &str,
    name: &str,
    held: Held,
    list: &dyn Fn(Vec<Value>) -> Value,
) {
    let object = |kind: &str, namespace: &str, name: &str, mut rest: Value| {
        rest["apiVersion"] = if kind.contains("Role") { "rbac.authorization.k8s.io/v1" } else { "v1" }.into();
        rest["kind"] = kind.into();
        rest["metadata"] = match namespace {
            "" => json!({"name": name}),
            namespace => json!({"name": name, "namespace": namespace}),
        };
        rest
    };
    let namespaces: Vec<String> = (0..20).map(|number| format!("team-{number}")).collect();
    let of_hub = if name == "hub" { vec!["argocd".to_owned()] } else { Vec::new() };
    let restricted = |namespace: &String| {
        let mut object = object("Namespace", "", namespace, json!({}));
        object["metadata"]["labels"] = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        object
    };
    add(
        format!("{at}/kubernetes/namespaces.json"),
        list(namespaces.iter().chain(&of_hub).map(restricted).collect()),
    );
    let accounts = namespaces.iter().flat_map(|ns| [(ns.as_str(), "default"), (ns.as_str(), "app")]);
    let accounts =
        accounts.chain([("argocd", "argocd-application-controller")].into_iter().filter(|_| name == "hub"));
    add(
        format!("{at}/kubernetes/serviceaccounts.json"),
        list(accounts.map(|(ns, name)| object("ServiceAccount", ns, name, json!({}))).collect()),
    );
    add(format!("{at}/kubernetes/secrets.json"), list(Vec::new()));
    let maps = if name == "hub" {
        vec![object("ConfigMap", "argocd", "argocd-cm", json!({"data": {}}))]
    } else {
        Vec::new()
    };
    add(format!("{at}/kubernetes/configmaps.json"), list(maps));
    // Ten rules in each of twenty Roles: two hundred on a cluster.
    let rules: Vec<Value> = [
        "pods",
        "services",
        "endpoints",
        "events",
        "configmaps",
        "limitranges",
        "resourcequotas",
        "podtemplates",
        "bindings",
        "replicationcontrollers",
    ]
    .iter()
    .map(|resource| json!({"apiGroups": [""], "resources": [resource], "verbs": ["get", "list"]}))
    .collect();
    let roles = namespaces.iter().map(|ns| object("Role", ns, "app", json!({"rules": rules})));
    let bound = |ns: &String, role: &str, subject: Value| {
        object(
            "RoleBinding",
            ns,
            role,
            json!({
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role}, "subjects": [subject]}),
        )
    };
    let bindings = namespaces
        .iter()
        .map(|ns| bound(ns, "app", json!({"kind": "ServiceAccount", "namespace": ns, "name": "app"})));
    let group = json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "deployers"});
    let deployer = object(
        "Role",
        "team-0",
        "deploy",
        json!({"rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]}]}),
    );
    add(format!("{at}/kubernetes/roles.json"), list(roles.chain([deployer]).collect()));
    let namespaced = bound(&"team-0".to_owned(), "deploy", group.clone());
    add(format!("{at}/kubernetes/rolebindings.json"), list(bindings.chain([namespaced]).collect()));
    let admin = object(
        "ClusterRoleBinding",
        "",
        "deployers",
        json!({
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [group]}),
    );
    let everything = object(
        "ClusterRole",
        "",
        "cluster-admin",
        json!({"rules": [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]}),
    );
    add(format!("{at}/kubernetes/clusterroles.json"), list(vec![everything]));
    let admins = if held == Held::Everything { vec![admin] } else { Vec::new() };
    add(format!("{at}/kubernetes/clusterrolebindings.json"), list(admins));
}
