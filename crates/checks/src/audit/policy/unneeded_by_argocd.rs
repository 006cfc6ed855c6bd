use crate::audit::prelude::*;

about! {
    /// A policy of Argo CD's role allows what Argo CD never asks for.
    ///
    /// To reach a cluster Argo CD signs a token for itself: no action of EKS is involved, and endpoint and certificate authority
    /// stand in the cluster Secret. What its roles need is `sts:AssumeRole` (and `sts:TagSession` with Pod Identity) on the roles
    /// of the spokes; those of the spokes need nothing. Other actions are for other tools that share the role, or a leftover.
    ///
    /// Roles count as Argo CD's that Argo CD's service accounts may assume, and those with `argocd` or `argo-cd` in their name.
    ///
    /// ```json finds
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-management",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd-management",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "RolePolicyList": [{"PolicyName": "clusters", "PolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [
    ///       {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"},
    ///       {"Effect": "Allow", "Action": ["eks:DescribeCluster"], "Resource": "*"}
    ///     ]
    ///   }}]
    /// }]}
    /// ```
    ///
    /// ```json clean
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-management",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd-management",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "RolePolicyList": [{"PolicyName": "clusters", "PolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"}]
    ///   }}]
    /// }]}
    /// ```
    ///
    /// References: Argo CD, cmd/argocd-k8s-auth/commands/aws.go; aws-iam-authenticator, pkg/token/token.go.
    Note, Possible, Security
}

/// Services that Argo CD itself uses somewhere: registries and CodeCommit for sources, keys and secrets of plugins.
const USED: [&str; 6] = ["sts", "ecr", "codecommit", "kms", "secretsmanager", "ssm"];

#[derive(Debug, Error)]
#[error("Argo CD never asks for `{action}`")]
struct Unneeded<'s> {
    action: &'s str,
}

impl Facts for Unneeded<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove it, unless something else uses this role, which then should have its own".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let pods: Vec<&str> = scene
        .trusts()
        .filter(|trust| lets_argocd_in(trust.node))
        .filter_map(|trust| trust.role_arn.as_deref())
        .collect();
    for policy in scene.grants() {
        let is_named = policy.role_arn.as_deref().is_some_and(|arn| {
            let name = arn.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            name.contains("argocd") || name.contains("argo-cd")
        });
        if !is_named && !policy.role_arn.as_deref().is_some_and(|arn| pods.contains(&arn)) {
            continue;
        }
        for statement in policy.allowing() {
            for (node, action) in
                statement.values("Action").iter().filter_map(|node| Some((node, node.text()?)))
            {
                let service = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
                if !USED.contains(&service.as_str()) && action != "*" && !action.ends_with(":*") {
                    sink.found(statement.at(node), &Unneeded { action });
                }
            }
        }
    }
}

fn lets_argocd_in(trust: &Node) -> bool {
    let mut found = false;
    let mut open = vec![trust];
    while let Some(node) = open.pop() {
        found |= node.text().is_some_and(|text| {
            text.ends_with(":argocd-application-controller")
                || text.ends_with(":argocd-server")
                || text == "argocd-application-controller"
        });
        open.extend(node.items());
        open.extend(node.entries().iter().map(|(_, value)| value));
    }
    found
}
