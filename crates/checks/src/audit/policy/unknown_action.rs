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
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "Action": ["eks:DeleteClusters", "eks:DeleteAddon"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "Action": ["eks:DeleteCluster", "eks:DeleteAddon"], "Resource": "*"}]
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
    let is = |advice: &iam::Advice| matches!(advice, iam::Advice::UnknownAction { .. });
    super::mended(scene, sink, is, |remark| {
        let iam::Advice::UnknownAction { action, nearest: Some(nearest) } = remark.advice else {
            return None;
        };
        // A denial that comes into force gives nothing to anybody.
        let (_, node) = remark.action(action).filter(|(statement, _)| !statement.allows())?;
        super::is_misspelt(action, nearest).then(|| remark.source.write(node.at, action, nearest))?
    });
}
