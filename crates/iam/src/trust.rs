//! The trust policies that Oarlock writes.

use std::collections::BTreeSet;

use facts::{AccountId, ClusterArn, Partition, RoleArn};

use crate::{Document, Principals, Statement};

/// The service that hands out Pod Identity's credentials (EKS User Guide, "Create IAM role with trust policy required by
/// EKS Pod Identity").
const POD_IDENTITY: &str = "pods.eks.amazonaws.com";

/// The service behind EKS capabilities (EKS User Guide, "Amazon EKS capability IAM role").
const CAPABILITIES: &str = "capabilities.eks.amazonaws.com";

/// What EKS and role chaining with session tags need: the tags can't be passed without the second.
const ASSUME_AND_TAG: [&str; 2] = ["sts:AssumeRole", "sts:TagSession"];

impl Document {
    /// Trust for one service account by IRSA. `issuer` is the cluster's OIDC issuer, with or without `https://`
    /// (EKS User Guide, "Assign IAM roles to Kubernetes service accounts").
    pub fn irsa_trust(
        partition: Partition,
        account: &AccountId,
        issuer: &str,
        namespace: &str,
        service_account: &str,
    ) -> Self {
        let issuer = issuer.trim_start_matches("https://").trim_end_matches('/');
        let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}");
        let subject = format!("system:serviceaccount:{namespace}:{service_account}");
        let statement = Statement::allow("Irsa", ["sts:AssumeRoleWithWebIdentity"])
            .to(Principals::federated(provider))
            .when("StringEquals", &format!("{issuer}:aud"), ["sts.amazonaws.com"])
            .when("StringEquals", &format!("{issuer}:sub"), [subject]);
        Self::new([statement])
    }

    /// Trust for one service account by Pod Identity: both actions, and the session tags that EKS sets.
    pub fn pod_identity_trust(cluster: &ClusterArn, namespace: &str, service_account: &str) -> Self {
        let statement = Statement::allow("PodIdentity", ASSUME_AND_TAG)
            .to(Principals::service(POD_IDENTITY))
            .when("StringEquals", "aws:RequestTag/eks-cluster-arn", [cluster.to_string()])
            .when("StringEquals", "aws:RequestTag/kubernetes-namespace", [namespace])
            .when("StringEquals", "aws:RequestTag/kubernetes-service-account", [service_account]);
        Self::new([statement])
    }

    /// Trust for exactly these roles. Roles that come by Pod Identity have transitive tags, so `with_tags` is needed.
    pub fn role_trust<'r>(roles: impl IntoIterator<Item = &'r RoleArn>, with_tags: bool) -> Self {
        let actions = ASSUME_AND_TAG.into_iter().take(if with_tags { 2 } else { 1 });
        let roles: BTreeSet<String> = roles.into_iter().map(ToString::to_string).collect();
        Self::new([Statement::allow("Hub", actions).to(Principals::aws(roles))])
    }

    /// Trust for the EKS capability.
    pub fn capability_trust() -> Self {
        let service = Principals::service(CAPABILITIES);
        Self::new([Statement::allow("Capability", ASSUME_AND_TAG).to(service)])
    }
}
