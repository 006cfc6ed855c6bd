use crate::audit::prelude::*;

about! {
    /// The subject that a trust policy asks for is none that a cluster signs.
    ///
    /// A token's subject is `system:serviceaccount:<namespace>:<name>`. `argocd/argocd-server`, or the name alone, matches no
    /// token, and every pod gets "Not authorized to perform sts:AssumeRoleWithWebIdentity".
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
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "argocd/argocd-server"
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
    /// References: EKS User Guide, "Assign IAM roles to Kubernetes service accounts"; Kubernetes, pkg/serviceaccount/claims.go.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("no token has the subject `{subject}`")]
struct Malformed<'s> {
    subject: &'s str,
}

impl Facts for Malformed<'_> {
    fn help(&self) -> Vec<String> {
        let guess = match self.subject.split_once(['/', ':']) {
            Some((namespace, name)) if !namespace.contains(':') && !name.contains([':', '/']) => {
                format!("system:serviceaccount:{namespace}:{name}")
            }
            _ => "system:serviceaccount:<namespace>:<name>".to_owned(),
        };
        vec![format!("write `{guess}`")]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (statement, node, subject) in super::subjects(scene) {
        let parts: Vec<&str> = subject.split(':').collect();
        let is_one = matches!(*parts, ["system", "serviceaccount", namespace, name] if !namespace.is_empty() && !name.is_empty());
        // A pattern may stand for the colons.
        if !is_one && !subject.contains('*') {
            sink.found(statement.at(node), &Malformed { subject });
        }
    }
}
