use crate::audit::prelude::*;

about! {
    /// A condition is on a key that none of the statement's actions has.
    ///
    /// The key exists, for other actions: in these requests it is always absent.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": "eks:DescribeCluster",
    ///     "Resource": "*",
    ///     "Condition": {"StringEquals": {"eks:policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": "eks:AssociateAccessPolicy",
    ///     "Resource": "*",
    ///     "Condition": {"StringEquals": {"eks:policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Kubernetes
    /// Service".
    Warning, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::KeyOfOtherActions { .. }));
}
