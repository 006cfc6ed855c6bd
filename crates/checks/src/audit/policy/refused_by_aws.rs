use crate::audit::prelude::*;

about! {
    /// A policy can't be saved, or is read otherwise than it looks.
    ///
    /// AWS refuses it with `MalformedPolicyDocument`: an element is missing or in the wrong place, a value has the wrong form.
    /// Variables without `"Version": "2012-10-17"` are saved, and are plain text.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "role/argocd-spoke"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"}]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Grammar of the IAM JSON policy language".
    Error, Certain, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::Problem(_)));
}
