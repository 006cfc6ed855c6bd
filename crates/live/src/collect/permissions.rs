//! What collecting needs itself, as documents to hand out: reading, and nothing else.

use serde_json::{Value, json};

use crate::{
    Pattern,
    kubernetes::{DISCOVERY_PATHS, EVERYWHERE, ON_THE_HUB, Resource},
};

/// What the cluster roles and the group are called that the documents propose.
const NAME: &str = "oarlock-collect";
const GROUP: &str = "oarlock:collect";

/// Calls in every account with a cluster. `sts:GetCallerIdentity` takes no permission.
const IN_ACCOUNTS: [&str; 14] = [
    "eks:DescribeAccessEntry",
    "eks:DescribeCapability",
    "eks:DescribeCluster",
    "eks:DescribePodIdentityAssociation",
    "eks:ListAccessEntries",
    "eks:ListAccessPolicies",
    "eks:ListAssociatedAccessPolicies",
    "eks:ListCapabilities",
    "eks:ListPodIdentityAssociations",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetOpenIDConnectProvider",
    "iam:ListOpenIDConnectProviders",
    "iam:ListUsers",
    "secretsmanager:DescribeSecret",
];

/// What `--from-organization` asks every account, besides.
const FOR_DISCOVERY: [&str; 1] = ["eks:ListClusters"];

/// Calls by the credentials at hand, about the organisation.
const OF_THE_ORGANIZATION: [&str; 6] = [
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
];

/// What `--from-organization` asks, besides.
const ACCOUNTS: [&str; 1] = ["organizations:ListAccounts"];

/// What is wanted of a run, as far as it takes more or fewer permissions.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// Whether accounts and clusters are looked for in the organisation.
    pub from_organization: bool,
    /// The role that is assumed in each account.
    pub assume_role: Option<Pattern>,
}

/// The policy for who is asked in every account: the assumed roles, or the credentials at hand.
pub fn account_policy(extent: &Extent) -> Value {
    policy(vec![statement("OarlockCollect", &in_accounts(extent), "*")])
}

/// The policy for the credentials at hand: the organisation, and the roles that they assume. Without roles it is the
/// only one.
pub fn own_policy(extent: &Extent) -> Value {
    let mut organization = OF_THE_ORGANIZATION.to_vec();
    organization.extend(ACCOUNTS.iter().filter(|_| extent.from_organization));
    let mut statements = vec![statement("OarlockOrganization", &organization, "*")];
    match &extent.assume_role {
        Some(role) => statements.push(statement("OarlockAssume", &["sts:AssumeRole"], &role.for_any())),
        None => statements.insert(0, statement("OarlockCollect", &in_accounts(extent), "*")),
    }
    policy(statements)
}

fn in_accounts(extent: &Extent) -> Vec<&'static str> {
    let discovery = FOR_DISCOVERY.iter().filter(|_| extent.from_organization);
    IN_ACCOUNTS.iter().chain(discovery).copied().collect()
}

fn policy(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Most of these actions know no narrower resource (Service Authorization Reference).
fn statement(id: &str, actions: &[&str], resource: &str) -> Value {
    let mut actions = actions.to_vec();
    actions.sort_unstable();
    json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": resource })
}

/// The objects for every cluster: a role, and its binding to a group that an access entry gives.
pub fn of_every_cluster() -> Vec<Value> {
    let mut rules = rules(EVERYWHERE.iter());
    rules.push(json!({ "nonResourceURLs": DISCOVERY_PATHS, "verbs": ["get"] }));
    role_and_binding(NAME, None, rules).into()
}

/// The objects for the hub, besides.
pub fn of_the_hub(argocd_namespace: &str) -> Vec<Value> {
    let (of_argocd, whole): (Vec<Resource>, Vec<Resource>) =
        ON_THE_HUB.iter().partition(|resource| resource.of_argocd);
    let name = format!("{NAME}-hub");
    let objects = [(None, &whole), (Some(argocd_namespace), &of_argocd)];
    objects
        .into_iter()
        .flat_map(|(namespace, of)| role_and_binding(&name, namespace, rules(of.iter())))
        .collect()
}

fn role_and_binding(name: &str, namespace: Option<&str>, rules: Vec<Value>) -> [Value; 2] {
    let kind = if namespace.is_some() { "" } else { "Cluster" };
    let metadata = match namespace {
        Some(namespace) => json!({ "name": name, "namespace": namespace }),
        None => json!({ "name": name }),
    };
    let version = "rbac.authorization.k8s.io/v1";
    let role =
        json!({ "apiVersion": version, "kind": format!("{kind}Role"), "metadata": metadata, "rules": rules });
    let binding = json!({
        "apiVersion": version, "kind": format!("{kind}RoleBinding"), "metadata": metadata,
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": format!("{kind}Role"), "name": name },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": GROUP }],
    });
    [role, binding]
}

/// A rule for each API group. RBAC knows no labels: who lists some Secrets of a namespace may list them all.
fn rules<'r>(resources: impl Iterator<Item = &'r Resource>) -> Vec<Value> {
    let mut groups: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for resource in resources {
        groups.entry(resource.group).or_default().push(resource.plural);
    }
    let rule = |(group, plurals)| json!({ "apiGroups": [group], "resources": plurals, "verbs": ["list"] });
    groups.into_iter().map(rule).collect()
}
