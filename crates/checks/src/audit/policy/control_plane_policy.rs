use crate::audit::prelude::*;

about! {
    /// `AmazonEKSClusterPolicy` is attached to a role that isn't a cluster's own.
    ///
    /// The name misleads: it is what EKS's control plane needs of AWS (load balancers, network interfaces, keys), for the role
    /// with which a cluster is created. It gives no access to any cluster's Kubernetes API. What does is an access entry with an
    /// access policy, `AmazonEKSClusterAdminPolicy` and the like, which is no IAM policy.
    ///
    /// ```yaml finds
    /// Resources:
    ///   ArgoCD:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       RoleName: argocd-spoke
    ///       ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonEKSClusterPolicy]
    ///       AssumeRolePolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: "arn:aws:iam::111122223333:role/argocd-management"}
    ///             Action: sts:AssumeRole
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Cluster:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       RoleName: eks-cluster
    ///       ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonEKSClusterPolicy]
    ///       AssumeRolePolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {Service: eks.amazonaws.com}
    ///             Action: sts:AssumeRole
    /// ```
    ///
    /// References: EKS User Guide, "Amazon EKS cluster IAM role"; AWS Managed Policy Reference, "AmazonEKSClusterPolicy".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`AmazonEKSClusterPolicy` is for the control plane of a cluster, and gives no access to one")]
struct ForControlPlane;

impl Facts for ForControlPlane {
    fn help(&self) -> Vec<String> {
        vec![
            "remove it; access to a cluster comes by an access entry: `aws eks create-access-entry`"
                .to_owned(),
        ]
    }
}

const POLICY: &str = ":policy/AmazonEKSClusterPolicy";

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for attached in super::attached(scene) {
        let is_one = attached.arn.text().is_some_and(|arn| arn.ends_with(POLICY));
        // Where the trust policy isn't known, the role may be a cluster's own.
        if is_one && attached.trust.is_some_and(|trust| !serves_cluster(trust)) {
            sink.found(attached.place(), &ForControlPlane);
        }
    }
}

/// Whether EKS itself may assume the role, or it can't be told.
fn serves_cluster(trust: &Node) -> bool {
    let statements = trust.get("Statement").map(Node::each).unwrap_or_default();
    trust.has_unknown()
        || statements.iter().any(|statement| {
            let services = statement.at_path(&["Principal", "Service"]).map(Node::each).unwrap_or_default();
            let assumes = statement.get("Action").map(Node::each).unwrap_or_default();
            let assumes = assumes.iter().any(|action| action.text() == Some("sts:AssumeRole"));
            assumes
                && services
                    .iter()
                    .any(|service| service.text().is_some_and(|name| name.starts_with("eks.amazonaws.com")))
        })
}
