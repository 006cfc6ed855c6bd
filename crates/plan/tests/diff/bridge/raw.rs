//! An inventory as teams have it, file by file as the AWS CLI and kubectl print it: one role for Argo CD's pods, and
//! cluster-admin through it.

use inventory::{File, Inventory};
use serde_json::{Value, json};

pub(super) const OLD_HUB: &str = "arn:aws:iam::111122223333:role/argocd-management";
pub(super) const OLD_SPOKE: &str = "arn:aws:iam::444455556666:role/argocd-deployer";
const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/HUB";
const HUB: &str = "clusters/111122223333/eu-west-1/hub";
const SPOKE: &str = "clusters/444455556666/us-east-1/prod";
const RESOURCES: [&str; 11] = [
    "applications",
    "appprojects",
    "clusterrolebindings",
    "clusterroles",
    "configmaps",
    "customresourcedefinitions",
    "namespaces",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
];

/// How Argo CD comes to its cluster today.
#[derive(Clone)]
pub(super) struct Today {
    /// What ties the pods to their role: `irsa`, `pod-identity` or nothing.
    pub(super) identity: &'static str,
    /// `chained`, `direct` or `token`.
    pub(super) reach: &'static str,
    /// What the pods' role may do.
    pub(super) policy: Value,
}

/// The usual one: it may assume every role.
pub(super) fn today(identity: &'static str, reach: &'static str) -> Today {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}
    ]});
    Today { identity, reach, policy }
}

impl Today {
    pub(super) fn inventory(&self) -> Inventory {
        let mut files = self.hub();
        files.extend(self.spoke());
        let files: Vec<File> = files
            .into_iter()
            .map(|(path, text)| File { name: path.as_str().into(), path, bytes: text.into_bytes() })
            .collect();
        let reading = Inventory::read(&files);
        assert!(reading.problems.is_empty() && reading.unknown.is_empty(), "{reading:#?}");
        reading.inventory
    }

    fn hub(&self) -> Vec<(String, String)> {
        let irsa = json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{ISSUER}")},
            "Condition": {"StringLike": {format!("{ISSUER}:sub"): "system:serviceaccount:argocd:*"}}});
        let pods = json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {"Service": "pods.eks.amazonaws.com"}});
        let trust = json!({"Version": "2012-10-17", "Statement": [irsa, pods]});
        let mut files = account("111122223333", &[role(OLD_HUB, &trust, Some(&self.policy))]);
        files.extend(cluster(HUB, "arn:aws:eks:eu-west-1:111122223333:cluster/hub", "https://HUB.eks", &[]));
        files.extend(self.associations());
        let annotations = match self.identity {
            "irsa" => json!({"eks.amazonaws.com/role-arn": OLD_HUB}),
            _ => json!({}),
        };
        let accounts = ["argocd-application-controller", "argocd-server"].map(|name| {
            json!({"apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {"name": name, "namespace": "argocd", "annotations": annotations}})
        });
        set(&mut files, &format!("{HUB}/kubernetes/serviceaccounts.yaml"), list(&accounts));
        set(&mut files, &format!("{HUB}/kubernetes/secrets.yaml"), list(&[self.secret()]));
        files
    }

    fn associations(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut listed = Vec::new();
        if self.identity == "pod-identity" {
            for (id, account) in [("a-1", "argocd-application-controller"), ("a-2", "argocd-server")] {
                let arn = format!("arn:aws:eks:eu-west-1:111122223333:podidentityassociation/hub/{id}");
                let short = json!({"clusterName": "hub", "namespace": "argocd", "serviceAccount": account,
                    "associationArn": arn, "associationId": id});
                let mut long = short.clone();
                long["roleArn"] = json!(OLD_HUB);
                long["tags"] = json!({});
                long["disableSessionTags"] = json!(false);
                listed.push(short);
                let path = format!("{HUB}/eks/describe-pod-identity-association-{id}.json");
                files.push((path, json!({"association": long}).to_string()));
            }
        }
        let path = format!("{HUB}/eks/list-pod-identity-associations.json");
        files.push((path, json!({"associations": listed}).to_string()));
        files
    }

    fn spoke(&self) -> Vec<(String, String)> {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": OLD_HUB}}
        ]});
        let (roles, principals): (&[Value], &[&str]) = match self.reach {
            "chained" => (&[role(OLD_SPOKE, &trust, None)], &[OLD_SPOKE]),
            "direct" => (&[], &[OLD_HUB]),
            _ => (&[], &[]),
        };
        let arn = "arn:aws:eks:us-east-1:444455556666:cluster/prod";
        let endpoint = "https://PROD.gr7.us-east-1.eks.amazonaws.com";
        let mut files = account("444455556666", roles);
        files.extend(cluster(SPOKE, arn, endpoint, principals));
        let empty = json!({"associations": []}).to_string();
        files.push((format!("{SPOKE}/eks/list-pod-identity-associations.json"), empty));
        files
    }

    fn secret(&self) -> Value {
        let config = match self.reach {
            "chained" => json!({"awsAuthConfig": {"clusterName": "prod", "roleARN": OLD_SPOKE}}),
            "direct" => json!({"awsAuthConfig": {"clusterName": "prod"}}),
            _ => json!({"bearerToken": "of argocd-manager"}),
        };
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "prod", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
            "data": encoded(&[("name", "prod"), ("server", "https://PROD.gr7.us-east-1.eks.amazonaws.com"),
                ("config", &config.to_string())])})
    }
}

fn encoded(pairs: &[(&str, &str)]) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    pairs.iter().map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text)))).collect()
}

fn role(arn: &str, trust: &Value, policy: Option<&Value>) -> Value {
    let policies: Vec<Value> = policy
        .map(|document| json!({"PolicyName": "assume", "PolicyDocument": document}))
        .into_iter()
        .collect();
    json!({"RoleName": arn.rsplit('/').next(), "RoleId": "AROAEXAMPLE", "Arn": arn, "Path": "/",
        "CreateDate": "2026-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": trust,
        "RolePolicyList": policies, "AttachedManagedPolicies": [], "Tags": []})
}

fn account(id: &str, roles: &[Value]) -> Vec<(String, String)> {
    let details =
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []});
    vec![
        (format!("accounts/{id}/iam-get-account-authorization-details.json"), details.to_string()),
        (
            format!("accounts/{id}/iam-list-open-id-connect-providers.json"),
            json!({"OpenIDConnectProviderList": []}).to_string(),
        ),
    ]
}

/// A cluster without Kubernetes objects; `principals` have entries as administrators.
fn cluster(folder: &str, arn: &str, endpoint: &str, principals: &[&str]) -> Vec<(String, String)> {
    let described = json!({"cluster": {"name": arn.rsplit('/').next(), "arn": arn, "endpoint": endpoint, "version": "1.36",
        "identity": {"oidc": {"issuer": format!("https://{ISSUER}")}}, "accessConfig": {"authenticationMode": "API"}}});
    let mut files = vec![
        (format!("{folder}/eks/describe-cluster.json"), described.to_string()),
        (format!("{folder}/eks/list-access-entries.json"), json!({"accessEntries": principals}).to_string()),
    ];
    for principal in principals {
        let entry = json!({"accessEntry": {"clusterName": "prod", "principalArn": principal, "kubernetesGroups": [],
            "tags": {}, "type": "STANDARD"}});
        let policies = json!({"clusterName": "prod", "principalArn": principal, "associatedAccessPolicies": [
            {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                "accessScope": {"type": "cluster", "namespaces": []}}]});
        files.push((format!("{folder}/eks/describe-access-entry-1.json"), entry.to_string()));
        files.push((format!("{folder}/eks/list-associated-access-policies-1.json"), policies.to_string()));
    }
    files.extend(RESOURCES.map(|resource| (format!("{folder}/kubernetes/{resource}.yaml"), list(&[]))));
    files
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn set(files: &mut [(String, String)], path: &str, text: String) {
    files.iter_mut().find(|(known, _)| known == path).unwrap().1 = text;
}
