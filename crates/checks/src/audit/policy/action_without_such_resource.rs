use crate::audit::prelude::*;

about! {
    /// A statement lists resources that its action is never asked of.
    ///
    /// `sts:AssumeRole` is asked of roles, `eks:DescribeCluster` of clusters, `eks:ListClusters` of nothing that could be named.
    /// For an action with another kind of resource the statement doesn't apply at all.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:eks:eu-west-1:111122223333:cluster/spoke"}]
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
    /// References: Service Authorization Reference, "Actions, resources, and condition keys for AWS services", on the actions
    /// table.
    Warning, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| {
        matches!(advice, iam::Advice::NoSuchResource { .. } | iam::Advice::TakesAllResources(_))
    });
}
