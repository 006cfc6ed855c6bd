use crate::audit::prelude::*;

about! {
    /// A role that Argo CD assumes asks for an external id, which Argo CD can't send.
    ///
    /// `argocd-k8s-auth aws` has flags for the cluster's name, a role and a profile, and none for an external id. A trust policy
    /// that asks for `sts:ExternalId` refuses it, and Argo CD says "timeout while trying to get signed aws request". Ask for
    /// session tags instead, or for the caller's role alone.
    ///
    /// ```yaml finds
    /// ==> cluster.yaml <==
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: spoke
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::444455556666:role/argocd-spoke"}}'
    /// ==> role.json <==
    /// {"Role": {
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///       "Action": "sts:AssumeRole",
    ///       "Condition": {"StringEquals": {"sts:ExternalId": "argocd"}}
    ///     }]
    ///   }
    /// }}
    /// ```
    ///
    /// ```yaml clean
    /// ==> cluster.yaml <==
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: spoke
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::444455556666:role/argocd-spoke"}}'
    /// ==> role.json <==
    /// {"Role": {
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
    /// }}
    /// ```
    ///
    /// References: Argo CD, cmd/argocd-k8s-auth/commands/aws.go.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("Argo CD assumes `{role}`, and sends no external id: it is refused here")]
struct ExternalId<'s> {
    role: &'s str,
}

impl Facts for ExternalId<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove the condition on `sts:ExternalId`, and name Argo CD's role as the principal".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let here = super::assumed_here(scene);
    let is_assumed = |role: &str| {
        here.contains(role) || scene.whole.is_some_and(|whole| whole.assumed_by_argocd().contains(role))
    };
    for trust in scene.trusts() {
        let Some(role) = trust.role_arn.as_deref().filter(|role| is_assumed(role)) else { continue };
        let comes = |statement: &Statement<'_>| {
            statement.grants("sts:AssumeRole").is_some() && statement.principals("Service").is_empty()
        };
        let statements: Vec<Statement<'_>> = trust.allowing().filter(comes).collect();
        // Where another statement lets Argo CD in, this one is for others.
        if statements.iter().any(|statement| !statement.has_key("sts:externalid")) {
            continue;
        }
        for statement in statements {
            let keys =
                statement.conditions().filter(|(_, key, _)| key.text.eq_ignore_ascii_case("sts:ExternalId"));
            keys.for_each(|(_, key, _)| sink.found(statement.at_key(key), &ExternalId { role }));
        }
    }
}
