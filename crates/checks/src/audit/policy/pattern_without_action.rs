use crate::audit::prelude::*;

about! {
    /// A pattern of actions matches none that AWS has.
    ///
    /// `eks:*Fargate` looks like something, and is nothing: the actions end in `FargateProfile`.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "Action": "eks:*Fargate", "Resource": "*"}]
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
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::MatchesNoAction(_)));
}
