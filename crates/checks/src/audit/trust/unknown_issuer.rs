use crate::audit::prelude::*;

about! {
    /// A trust policy lets in the service accounts of a cluster that isn't in the inventory.
    ///
    /// Either the cluster is gone and the statement left over, or it is somebody else's: the ids of issuers say nothing, and a
    /// letter copied wrong is another cluster, perhaps of another company. Looked for only where every cluster of the inventory
    /// tells its issuer.
    ///
    /// ```json finds
    /// ==> inventory/clusters/111122223333/eu-west-1/hub/eks/describe-cluster.json <==
    /// {"cluster": {"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
    ///   "accessConfig": {"authenticationMode": "API"},
    ///   "identity": {"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/HUB"}}}}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/GONE"},
    ///       "Action": "sts:AssumeRoleWithWebIdentity",
    ///       "Condition": {"StringEquals": {
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/GONE:aud": "sts.amazonaws.com",
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/GONE:sub": "system:serviceaccount:argocd:argocd-server"
    ///       }}
    ///     }]
    ///   }
    /// }], "Policies": []}
    /// ```
    ///
    /// ```json clean
    /// ==> inventory/clusters/111122223333/eu-west-1/hub/eks/describe-cluster.json <==
    /// {"cluster": {"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
    ///   "accessConfig": {"authenticationMode": "API"},
    ///   "identity": {"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/HUB"}}}}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/HUB"},
    ///       "Action": "sts:AssumeRoleWithWebIdentity",
    ///       "Condition": {"StringEquals": {
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/HUB:aud": "sts.amazonaws.com",
    ///         "oidc.eks.eu-west-1.amazonaws.com/id/HUB:sub": "system:serviceaccount:argocd:argocd-server"
    ///       }}
    ///     }]
    ///   }
    /// }], "Policies": []}
    /// ```
    ///
    /// References: EKS User Guide, "Create an IAM OIDC provider for your cluster".
    Warning, Possible, Security
}

#[derive(Debug, Error)]
#[error("no cluster of the inventory has the issuer `{issuer}`: the cluster is gone, or somebody else's")]
struct UnknownIssuer<'s> {
    issuer: &'s str,
}

impl Facts for UnknownIssuer<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove the statement if the cluster is gone; else add the cluster to the inventory".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let Some(whole) = scene.whole.filter(|whole| !whole.inventory.clusters.is_empty()) else { return };
    let issuers = &whole.issuers;
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((node, issuer)) = super::irsa(&statement) else { continue };
        if issuers.clusters.contains_key(issuer) {
            continue;
        }
        match issuers.unread {
            Some(gap) => sink.skip(gap),
            None => sink.found(statement.at(node), &UnknownIssuer { issuer }),
        }
    }
}
