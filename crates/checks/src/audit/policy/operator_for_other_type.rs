use super::Remark;
use crate::audit::{fix::Fix, prelude::*};

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
    /// ```json fixed
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
    let is = |advice: &iam::Advice| {
        matches!(
            advice,
            iam::Advice::WrongType { .. } | iam::Advice::SeveralValues { .. } | iam::Advice::OneValue { .. }
        )
    };
    super::mended(scene, sink, is, plain);
}

/// The operator for one value, where that lets in fewer or the same.
fn plain(remark: &Remark<'_, '_>) -> Option<Fix> {
    let iam::Advice::OneValue { key, .. } = remark.advice else { return None };
    let (statement, keys, operator, _) = remark.condition(key)?;
    let (set, plain) = operator.text.split_once(':')?;
    let operators = statement.node.get("Condition")?.entries();
    // The operator is that of all keys below it, and must not be there twice.
    let alone = keys.entries().len() == 1
        && !operators.iter().any(|(other, _)| other.text.eq_ignore_ascii_case(plain));
    // Without the key `ForAllValues:` is met and the plain operator is met at most; `ForAnyValue:` isn't, and neither is the plain
    // operator if it isn't negated.
    let needs_key = !plain.contains("Not") && !plain.contains("IfExists") && plain != "Null";
    let no_wider = match set {
        "ForAllValues" => statement.allows() && plain != "Null",
        "ForAnyValue" => needs_key,
        _ => false,
    };
    (alone && no_wider).then(|| remark.source.write(operator.at, &operator.text, plain))?
}
