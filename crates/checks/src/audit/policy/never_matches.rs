use crate::audit::prelude::*;

about! {
    /// No request can meet a statement.
    ///
    /// Its conditions, actions and resources contradict each other.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": "sts:AssumeRole",
    ///     "Resource": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///     "Condition": {
    ///       "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    ///       "StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
    ///     }
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": "sts:AssumeRole",
    ///     "Resource": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Policy evaluation logic"; "IAM JSON policy elements: Condition".
    Warning, Certain, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::NeverMet));
}
