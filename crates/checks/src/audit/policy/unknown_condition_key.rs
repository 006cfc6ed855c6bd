use crate::audit::prelude::*;

about! {
    /// A condition is on a key that AWS doesn't have.
    ///
    /// A key that doesn't exist is absent from every request. With most operators the statement then never applies; with negated ones, `…IfExists` and `ForAllValues:` it always does, which is worse.
    /// `eks:awsserviceaccount.name` is one that an article made known. For a pod's service account there are `<issuer>:sub` (IRSA) and `aws:RequestTag/kubernetes-service-account` (Pod Identity).
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {
    ///       "aws:RequestTag/kubernetes-namespace": "argocd",
    ///       "eks:awsserviceaccount.name": "argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {
    ///       "aws:RequestTag/kubernetes-namespace": "argocd",
    ///       "aws:RequestTag/kubernetes-service-account": "argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: Service Authorization Reference, "Condition keys"; IAM User Guide, "AWS global condition context keys"; EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity".
    Error, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::UnknownKey { .. }));
}
