use crate::audit::{
    prelude::*,
    source::{Content, Document},
    subject::place,
};

about! {
    /// `AmazonEKSClusterPolicy` is attached to a role that isn't a cluster's own.
    ///
    /// The name misleads: it is what EKS's control plane needs of AWS (load balancers, network interfaces, keys), for the role with which a cluster is created. It gives no access to any cluster's
    /// Kubernetes API. What does is an access entry with an access policy, `AmazonEKSClusterAdminPolicy` and the like, which is no IAM policy.
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
    for document in scene.texts.iter().flat_map(|text| &text.documents) {
        walk(document, &document.root, sink);
    }
}

/// Roles as the AWS CLI and CloudFormation have them: a trust policy and attached policies side by side.
fn walk(document: &Document, node: &Node, sink: &mut Sink) {
    let trust = ["AssumeRolePolicyDocument", "assume_role_policy"].into_iter().find_map(|key| node.get(key));
    if trust.is_some_and(|trust| !serves_cluster(trust)) {
        let attached = ["AttachedManagedPolicies", "ManagedPolicyArns", "managed_policy_arns"]
            .into_iter()
            .filter_map(|key| node.get(key));
        for policy in attached.flat_map(Node::items) {
            let arn = policy.get("PolicyArn").unwrap_or(policy);
            if arn.text().is_some_and(|arn| arn.ends_with(POLICY)) {
                sink.found(place(&document.file, arn.at), &ForControlPlane);
            }
        }
    }
    match &node.content {
        Content::Map(entries) => entries.iter().for_each(|(_, value)| walk(document, value, sink)),
        Content::List(items) => items.iter().for_each(|item| walk(document, item, sink)),
        _ => {}
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
