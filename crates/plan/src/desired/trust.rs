//! Trust policies: who may assume which role.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, Partition, RoleArn};
use iam::{Document, Effect, Principals, Statement};

pub(super) const ASSUME: &str = "sts:AssumeRole";
pub(super) const TAG_SESSION: &str = "sts:TagSession";

/// One service account of the hub.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceAccount {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// EKS Pod Identity (EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity").
///
/// Both actions are needed, since the agent passes session tags; the tags say which pod of which cluster asks.
pub(super) fn pod_identity(hub: &facts::ClusterArn, account: &ServiceAccount) -> Document {
    let tags = [
        ("aws:RequestTag/eks-cluster-arn", hub.to_string()),
        ("aws:RequestTag/kubernetes-namespace", account.namespace.clone()),
        ("aws:RequestTag/kubernetes-service-account", account.name.clone()),
    ];
    one(Statement {
        sid: "PodIdentity".to_owned(),
        principals: Some(Principals::Service("pods.eks.amazonaws.com".to_owned())),
        conditions: string_equals(tags),
        ..allow([ASSUME, TAG_SESSION])
    })
}

/// IAM roles for service accounts (EKS User Guide, "Assign IAM roles to Kubernetes service accounts"): one subject, exactly.
pub(super) fn irsa(
    partition: Partition,
    hub: &AccountId,
    issuer: &str,
    account: &ServiceAccount,
) -> Document {
    let issuer = issuer_path(issuer);
    let ServiceAccount { namespace, name } = account;
    let claims = [
        (format!("{issuer}:aud"), "sts.amazonaws.com".to_owned()),
        (format!("{issuer}:sub"), format!("system:serviceaccount:{namespace}:{name}")),
    ];
    one(Statement {
        sid: "ServiceAccount".to_owned(),
        principals: Some(Principals::Federated(format!("arn:{partition}:iam::{hub}:oidc-provider/{issuer}"))),
        conditions: string_equals(claims),
        ..allow(["sts:AssumeRoleWithWebIdentity"])
    })
}

/// The EKS capability for Argo CD (EKS User Guide, "Amazon EKS capability IAM role").
pub(super) fn capability() -> Document {
    one(Statement {
        sid: "Capability".to_owned(),
        principals: Some(Principals::Service("capabilities.eks.amazonaws.com".to_owned())),
        ..allow([ASSUME, TAG_SESSION])
    })
}

/// A spoke role: trusted by the hub's roles and nobody else.
///
/// Tags of Pod Identity are transitive, so the role must allow `sts:TagSession` where `tagged`.
/// No external id: argocd-k8s-auth sends none (cmd/argocd-k8s-auth/commands/aws.go), so a condition on it locks Argo CD out.
pub(super) fn spoke(hub_roles: &[RoleArn], tagged: bool) -> Document {
    one(Statement {
        sid: "ArgoCD".to_owned(),
        principals: Some(Principals::Aws(hub_roles.iter().map(ToString::to_string).collect())),
        ..allow(assume_actions(tagged).iter().copied())
    })
}

/// What a hub role does to a spoke role.
pub(super) fn assume_actions(tagged: bool) -> &'static [&'static str] {
    if tagged { &[ASSUME, TAG_SESSION] } else { &[ASSUME] }
}

/// The issuer as IAM names it: without `https://`.
pub(super) fn issuer_path(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

/// A statement that allows actions, on nothing and to nobody yet.
pub(super) fn allow<'a>(actions: impl IntoIterator<Item = &'a str>) -> Statement {
    Statement {
        sid: String::new(),
        effect: Effect::Allow,
        principals: None,
        actions: actions.into_iter().map(str::to_owned).collect(),
        resources: BTreeSet::new(),
        conditions: BTreeMap::new(),
    }
}

/// `StringEquals` on each key, one value each.
pub(super) fn string_equals(
    pairs: impl IntoIterator<Item = (impl Into<String>, String)>,
) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let keys = pairs.into_iter().map(|(key, value)| (key.into(), BTreeSet::from([value]))).collect();
    BTreeMap::from([("StringEquals".to_owned(), keys)])
}

fn one(statement: Statement) -> Document {
    Document { statements: vec![statement] }
}
