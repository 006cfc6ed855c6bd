use inventory::Known;

use crate::audit::{prelude::*, subject::Of};

about! {
    /// A trust policy names an OIDC provider that its account doesn't have.
    ///
    /// STS looks the provider up in the role's own account. Each cluster needs one there, in every account whose roles its pods
    /// assume directly; without it every pod gets "No OpenIDConnect provider found in your account". A cluster that was made
    /// again has a new issuer, and takes a new provider.
    ///
    /// ```json finds
    /// ==> inventory/accounts/111122223333/iam-list-open-id-connect-providers.json <==
    /// {"OpenIDConnectProviderList": []}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd",
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
    /// }], "Policies": []}
    /// ```
    ///
    /// ```json clean
    /// ==> inventory/accounts/111122223333/iam-list-open-id-connect-providers.json <==
    /// {"OpenIDConnectProviderList": [{"Arn": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"}]}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd",
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
    /// }], "Policies": []}
    /// ```
    ///
    /// References: EKS User Guide, "Create an IAM OIDC provider for your cluster"; STS API, AssumeRoleWithWebIdentity.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("account {account} has no OIDC provider for `{issuer}`: nobody gets in by it")]
struct NoProvider<'s> {
    account: &'s str,
    issuer: &'s str,
}

impl Facts for NoProvider<'_> {
    fn help(&self) -> Vec<String> {
        let create = "aws iam create-open-id-connect-provider --client-id-list sts.amazonaws.com --url";
        vec![format!("in account {}: `{create} https://{}`", self.account, self.issuer)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // What files say may be what is still to be made.
    let (Some(inventory), Of::Account(_)) = (scene.inventory, scene.of) else { return };
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((node, issuer)) = super::irsa(&statement) else { continue };
        let account = node.text().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default();
        let Some((id, of)) = inventory.accounts.iter().find(|(id, _)| id.as_str() == account) else {
            continue;
        };
        match &of.oidc_providers {
            Known::Gap(gap) => sink.skip(gap),
            Known::Known(providers) if !providers.contains_key(issuer) => {
                sink.found(statement.at(node), &NoProvider { account: id.as_str(), issuer });
            }
            Known::Known(_) => {}
        }
    }
}
