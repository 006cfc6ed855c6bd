use crate::audit::prelude::*;

about! {
    /// The subject of a trust policy has capital letters, which no namespace and no service account has.
    ///
    /// Names in Kubernetes are in lower case, and `StringEquals` compares exactly: the statement lets nobody in.
    /// `StringEqualsIgnoreCase` would.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:ArgoCD:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: Kubernetes, "Object Names and IDs"; IAM User Guide, "IAM JSON policy elements: Condition operators".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{subject}` has capital letters, and no token's subject has")]
struct Uppercase<'s> {
    subject: &'s str,
}

impl Facts for Uppercase<'_> {
    fn help(&self) -> Vec<String> {
        vec![format!("write `{}`", self.subject.to_lowercase())]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (statement, node, subject) in super::subjects(scene) {
        if subject.starts_with("system:serviceaccount:") && subject.chars().any(char::is_uppercase) {
            // Of a pattern nobody knows whom it was meant for.
            let source = scene.source(statement.file).filter(|_| !subject.contains(['*', '?']));
            let fix = source.and_then(|source| source.write(node.at, subject, &subject.to_lowercase()));
            sink.mended(statement.at(node), &Uppercase { subject }, fix);
        }
    }
}
