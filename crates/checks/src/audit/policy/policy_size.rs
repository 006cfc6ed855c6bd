use crate::audit::prelude::*;

about! {
    /// A policy is too large, or nearly.
    ///
    /// A trust policy may have 2,048 characters (4,096 by a raised quota), a managed policy 6,144, all inline policies of a role
    /// together 10,240; white space doesn't count. A trust policy that lists service accounts of many clusters comes near its
    /// limit with about eight of them; a hub's policy that lists the roles of many spokes, with about a hundred.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": [
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000001-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000002-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000003-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000004-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000005-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000006-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000007-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000008-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000009-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000010-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000011-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000012-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000013-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000014-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000015-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000016-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000017-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000018-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000019-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000020-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000021-a",
    ///       "arn:aws:iam::111122223333:role/argocd-management-of-a-very-long-name-number-000000022-a"
    ///     ]},
    ///     "Action": "sts:AssumeRole"
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
    ///     "Action": "sts:AssumeRole"
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "IAM and AWS STS quotas".
    Warning, Certain, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::Size { .. }));
}
