use crate::audit::prelude::*;

about! {
    /// A policy allows every action on every resource.
    ///
    /// Argo CD needs no permission of AWS at all to reach a cluster: tokens are signed locally, and `sts:GetCallerIdentity` can't
    /// be denied. It needs `sts:AssumeRole` on the roles that its cluster Secrets name, and nothing where they name none.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"}]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Security best practices in IAM"; Argo CD, cmd/argocd-k8s-auth/commands/aws.go.
    Error, Likely, Security
}

#[derive(Debug, Error)]
#[error("{title} allows everything on everything")]
struct Everything<'s> {
    title: &'s str,
}

impl Facts for Everything<'_> {
    fn help(&self) -> Vec<String> {
        vec!["list the actions that are used: CloudTrail and IAM's last-accessed data tell them".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for policy in scene.grants() {
        for statement in policy.allowing() {
            let all = statement.values("Action").iter().find(|node| matches!(node.text(), Some("*" | "*:*")));
            let (Some(action), Some(_)) = (all, super::everywhere(&statement)) else { continue };
            if statement.node.get("Condition").is_none() {
                sink.found(statement.at(action), &Everything { title: &policy.title });
            }
        }
    }
}
