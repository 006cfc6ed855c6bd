use crate::audit::prelude::*;

about! {
    /// A policy names an action that AWS doesn't have.
    ///
    /// AWS saves such a policy without a word, and the statement does nothing for that action: a permission that somebody counts
    /// on isn't there, or a denial isn't.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "eks:DescribeClusters", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": ["eks:DescribeCluster", "eks:ListClusters"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// References: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
    Warning, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::UnknownAction { .. }));
}
