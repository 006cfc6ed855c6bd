//! The calls to AWS, by what they are for, and the resources that they are limited to.

use std::collections::BTreeSet;

use facts::{ClusterArn, Partition};
use serde_json::{Value, json};

use super::{Extent, MOST_CLUSTERS, Reach, statement};

/// Calls in every account with a cluster. `sts:GetCallerIdentity` takes no permission.
pub(super) const COLLECTING: [&str; 14] = [
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
pub(super) const DISCOVERING: [&str; 1] = ["eks:ListClusters"];

/// Calls by the credentials at hand, about the organisation.
pub(super) const OF_THE_ORGANIZATION: [&str; 6] = [
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
];

/// What `--from-organization` asks, besides.
pub(super) const ACCOUNTS: [&str; 1] = ["organizations:ListAccounts"];

/// What verifying asks in every account, besides. Neither SimulatePrincipalPolicy nor LookupEvents is limited to what is asked about.
pub(super) const VERIFYING: [&str; 3] =
    ["cloudtrail:LookupEvents", "iam:GetRole", "iam:SimulatePrincipalPolicy"];

/// Calls about roles that applying makes, changes and removes.
pub(super) const ROLES: [&str; 13] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    PASSING,
];

/// Asked of whoever gives a role to Pod Identity, and by no call of its own.
pub(super) const PASSING: &str = "iam:PassRole";

/// Calls about these roles' managed policies.
pub(super) const POLICIES: [&str; 8] = [
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
];

/// Calls about OIDC providers. `TagOpenIDConnectProvider` is asked of whoever makes one with tags, and by no call of its own.
pub(super) const PROVIDERS: [&str; 4] = [
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:CreateOpenIDConnectProvider",
    "iam:GetOpenIDConnectProvider",
    TAGGING_PROVIDERS,
];

pub(super) const TAGGING_PROVIDERS: &str = "iam:TagOpenIDConnectProvider";

/// Calls about access entries and associations of clusters, and about the clusters that they are made in.
pub(super) const CLUSTERS: [&str; 8] = [
    "eks:CreateAccessEntry",
    "eks:CreatePodIdentityAssociation",
    "eks:DeleteAccessEntry",
    "eks:DeletePodIdentityAssociation",
    "eks:DisassociateAccessPolicy",
    "eks:TagResource",
    "eks:UpdateAccessEntry",
    "eks:UpdatePodIdentityAssociation",
];

/// Calls that change a cluster's authentication mode.
pub(super) const MODES: [&str; 1] = ["eks:UpdateClusterConfig"];

pub(super) fn in_accounts(extent: &Extent) -> Vec<&'static str> {
    let discovery = DISCOVERING.iter().filter(|_| extent.from_organization);
    COLLECTING.iter().chain(discovery).copied().collect()
}

pub(super) fn of_the_organization(extent: &Extent) -> Vec<&'static str> {
    let accounts = ACCOUNTS.iter().filter(|_| extent.from_organization);
    OF_THE_ORGANIZATION.iter().chain(accounts).copied().collect()
}

/// What applying takes besides collecting.
pub(super) fn writing(fleet: Option<&Reach>) -> Vec<Value> {
    let roles = of_roles(fleet, "role");
    let policies: Vec<String> =
        of_roles(fleet, "policy").iter().map(|arn| format!("{}*", arn.trim_end_matches('*'))).collect();
    let (passing, calls): (Vec<&str>, Vec<&str>) = ROLES.iter().partition(|action| **action == PASSING);
    // EKS User Guide, "Grant Pods access to AWS resources": to whom a role of an association is passed.
    let to = ("iam:PassedToService", "pods.eks.amazonaws.com");
    let pass = only(statement("OarlockPass", &passing, json!(roles)), to);
    let mut statements = vec![
        statement("OarlockRoles", &calls, json!(roles)),
        pass,
        statement("OarlockPolicies", &POLICIES, json!(policies)),
        statement("OarlockClusters", &CLUSTERS, of_clusters(fleet)),
    ];
    if fleet.is_none_or(|fleet| fleet.irsa) {
        let providers = json!(format!("arn:{}:iam::*:oidc-provider/*", partition(fleet)));
        statements.push(statement("OarlockProviders", &PROVIDERS, providers));
    }
    statements.extend(fleet.filter(|fleet| !fleet.opened.is_empty()).map(|fleet| {
        // Nothing else of a cluster's configuration may be changed by this: such a request has no such key.
        let [clusters, ..] = of_some(fleet, &fleet.opened);
        only(
            statement("OarlockModes", &MODES, json!(clusters)),
            ("eks:authenticationMode", "API_AND_CONFIG_MAP"),
        )
    }));
    statements
}

fn only(mut statement: Value, (key, value): (&str, &str)) -> Value {
    if let Some(statement) = statement.as_object_mut() {
        statement.insert("Condition".to_owned(), json!({ "StringEquals": { key: value } }));
    }
    statement
}

/// What verifying takes besides collecting: the roles by which Argo CD comes are assumed.
pub(super) fn verifying(fleet: Option<&Reach>) -> Vec<Value> {
    vec![
        statement("OarlockAsk", &VERIFYING, json!("*")),
        statement("OarlockBecome", &["sts:AssumeRole"], json!(of_roles(fleet, "role"))),
    ]
}

/// The fleet's roles, or what is called by them, in any account. A role may have a path: IAM's `*` takes slashes, too.
fn of_roles(fleet: Option<&Reach>, kind: &str) -> Vec<String> {
    let names = fleet.map_or_else(|| BTreeSet::from(["*".to_owned()]), |fleet| fleet.roles.clone());
    names.iter().map(|name| format!("arn:{}:iam::*:{kind}/{name}", partition(fleet))).collect()
}

/// The fleet's clusters, their access entries and their associations.
fn of_clusters(fleet: Option<&Reach>) -> Value {
    match fleet {
        Some(fleet) => json!(of_some(fleet, &fleet.clusters).concat()),
        None => json!(resources("*", "*", "*", "*").concat()),
    }
}

/// Clusters, access entries and associations; all there are, if too many would have to be named.
fn of_some(fleet: &Reach, clusters: &BTreeSet<ClusterArn>) -> [Vec<String>; 3] {
    let partition = partition(Some(fleet));
    if clusters.len() > MOST_CLUSTERS {
        return resources(&partition, "*", "*", "*");
    }
    let mut all: [Vec<String>; 3] = Default::default();
    for arn in clusters {
        let own = resources(&partition, &arn.region, arn.account.as_str(), &arn.name);
        all.iter_mut().zip(own).for_each(|(all, own)| all.extend(own));
    }
    all
}

fn resources(partition: &str, region: &str, account: &str, name: &str) -> [Vec<String>; 3] {
    let at = format!("arn:{partition}:eks:{region}:{account}");
    [
        vec![format!("{at}:cluster/{name}")],
        vec![format!("{at}:access-entry/{name}/*")],
        vec![format!("{at}:podidentityassociation/{name}/*")],
    ]
}

fn partition(fleet: Option<&Reach>) -> String {
    let known: Option<Partition> = fleet.and_then(|fleet| Some(fleet.clusters.iter().next()?.partition));
    known.map_or_else(|| "*".to_owned(), |partition| partition.to_string())
}
