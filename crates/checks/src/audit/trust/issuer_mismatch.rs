use crate::audit::prelude::*;

about! {
    /// The conditions of a trust policy are about another issuer than its principal.
    ///
    /// The keys of a web identity begin with the issuer whose token it is. A key of another issuer is absent from every request,
    /// so that the statement never applies (or, with an operator that is met without its key, doesn't narrow anything). It
    /// happens when a policy is copied from one cluster to the next and only one of both is changed.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/NEW"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/NEW:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/OLD:sub": "system:serviceaccount:argocd:argocd-server"
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
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/NEW"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/NEW:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/NEW:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "IAM and AWS STS condition context keys", on OIDC federation.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{key}` is of another issuer than the principal, `{issuer}`: no token has it")]
struct OtherIssuer<'s> {
    key: &'s str,
    issuer: &'s str,
    claim: &'s str,
}

impl Facts for OtherIssuer<'_> {
    fn help(&self) -> Vec<String> {
        vec![format!("write `{}:{}`", self.issuer, self.claim)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((_, issuer)) = super::irsa(&statement) else { continue };
        for (_, key, _) in statement.conditions() {
            let Some((of, claim)) = key.text.rsplit_once(':') else { continue };
            if matches!(claim, "sub" | "aud" | "amr") && of.contains('.') && !of.eq_ignore_ascii_case(issuer)
            {
                sink.found(statement.at_key(key), &OtherIssuer { key: &key.text, issuer, claim });
            }
        }
    }
}
