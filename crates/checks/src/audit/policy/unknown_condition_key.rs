use crate::audit::prelude::*;

about! {
    /// A condition is on a key that AWS doesn't have.
    ///
    /// A key that doesn't exist is absent from every request. With most operators the statement then never applies; with negated
    /// ones, `…IfExists` and `ForAllValues:` it always does, which is worse. Keys that are meant for a pod's service account are
    /// looked at by `service-account-condition-key`.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEquals": {"aws:PrincipalOrganizationID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgIDs": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
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
    /// References: Service Authorization Reference, "Condition keys"; IAM User Guide, "AWS global condition context keys"; EKS
    /// User Guide, "Create IAM role with trust policy required by EKS Pod Identity".
    Error, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let is = |advice: &iam::Advice| match advice {
        iam::Advice::UnknownKey { key, .. } => {
            let key = key.to_ascii_lowercase();
            !(key.starts_with("eks:") && key.contains("serviceaccount"))
        }
        _ => false,
    };
    super::mended(scene, sink, is, |remark| {
        let iam::Advice::UnknownKey { key, nearest: Some(nearest), met } = remark.advice else { return None };
        // Only where the condition so far lets everybody in, or keeps nobody out.
        let (_, keys, _, found) =
            remark.condition(key).filter(|(statement, ..)| statement.allows() == *met)?;
        // No key may stand there twice.
        if keys.entries().iter().any(|(other, _)| other.text.eq_ignore_ascii_case(nearest)) {
            return None;
        }
        super::is_misspelt(key, nearest).then(|| remark.source.write(found.at, key, nearest))?
    });
}
