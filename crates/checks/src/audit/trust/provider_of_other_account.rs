use crate::audit::prelude::*;

about! {
    /// A trust policy names the OIDC provider of another account.
    ///
    /// STS takes a web identity only by a provider of the role's own account. For a pod in another account's cluster either
    /// create the provider here too, or let the pod's own role assume this one.
    ///
    /// ```json finds
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///       "Action": "sts:AssumeRoleWithWebIdentity",
    ///       "Condition": {"StringEquals": {
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///       }}
    ///     }]
    ///   }
    /// }]}
    /// ```
    ///
    /// ```json clean
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///       "Action": "sts:AssumeRole"
    ///     }]
    ///   }
    /// }]}
    /// ```
    ///
    /// References: IAM User Guide, "AWS JSON policy elements: Principal", on OIDC principals; EKS User Guide, "Authenticate to
    /// another account with IRSA".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error(
    "the role is of account {own}, and the provider of account {other}: STS looks for it in the role's own"
)]
struct OtherAccount<'s> {
    own: &'s str,
    other: &'s str,
    issuer: &'s str,
}

impl Facts for OtherAccount<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            format!(
                "create the provider in account {} and name `arn:aws:iam::{}:oidc-provider/{}`",
                self.own, self.own, self.issuer
            ),
            "or name the pod's own role as the principal, and allow `sts:AssumeRole`".to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for trust in scene.trusts() {
        let Some(own) = trust.account() else { continue };
        for statement in trust.allowing() {
            let Some((node, issuer)) = super::irsa(&statement) else { continue };
            let other = node.text().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default();
            let is_account = other.len() == 12 && other.chars().all(|c| c.is_ascii_digit());
            if is_account && other != own {
                sink.found(statement.at(node), &OtherAccount { own, other, issuer });
            }
        }
    }
}
