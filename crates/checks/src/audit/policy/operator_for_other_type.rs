use crate::audit::prelude::*;

about! {
    /// A condition's operator is for other values than its key has.
    ///
    /// `Bool` on a text, `IpAddress` on an ARN, or an operator for one value on a key with several (and the other way round)
    /// don't compare what they seem to. `ForAllValues:` on a key with one value is met where the key is absent.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Single-valued vs. multivalued context keys"; "IAM JSON policy elements: Condition operators".
    Warning, Likely, Security
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| {
        matches!(
            advice,
            iam::Advice::WrongType { .. } | iam::Advice::SeveralValues { .. } | iam::Advice::OneValue { .. }
        )
    });
}
