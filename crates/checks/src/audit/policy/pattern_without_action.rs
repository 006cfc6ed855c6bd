use crate::audit::prelude::*;

about! {
    /// A pattern of actions matches none that AWS has.
    ///
    /// `eks:*Fargate` looks like something, and is nothing: the actions end in `FargateProfile`. Where other
    /// actions stand beside it, it can be left out.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "Action": "eks:*Fargate", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": ["eks:DescribeCluster", "eks:Watch*"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": ["eks:DescribeCluster"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "Action": "eks:*FargateProfile", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// References: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
    Warning, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let is = |advice: &iam::Advice| matches!(advice, iam::Advice::MatchesNoAction(_));
    super::mended(scene, sink, is, |remark| {
        let iam::Advice::MatchesNoAction(pattern) = remark.advice else { return None };
        let (statement, node) = remark.action(pattern)?;
        remark.source.without(statement.node.get("Action")?, node)
    });
}
