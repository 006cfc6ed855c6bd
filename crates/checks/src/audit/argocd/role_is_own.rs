use crate::audit::prelude::*;

about! {
    /// The role of a cluster Secret is the one that Argo CD's pods have already.
    ///
    /// `argocd-k8s-auth` assumes `roleARN` with the pod's own credentials. Where it is the same role, that role must be allowed
    /// to assume itself, and by default isn't: AccessDenied on `sts:AssumeRole`. Leave `roleARN` out, and the pod's role is used
    /// as it is.
    ///
    /// ```yaml finds
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-application-controller",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> secret.yaml <==
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: spoke
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::111122223333:role/argocd-management"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
    /// ```
    ///
    /// ```yaml clean
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-application-controller",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> secret.yaml <==
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: spoke
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::444455556666:role/argocd-spoke"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
    /// ```
    ///
    /// References: argo-cd issue 17064; AWS Security Blog, "Announcing an update to IAM role trust policy behavior"
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error("the pods of Argo CD have `{role}` already, and would have to assume it from itself")]
struct Own<'s> {
    role: &'s str,
}

impl Facts for Own<'_> {
    fn help(&self) -> Vec<String> {
        vec!["leave `roleARN` out of this Secret".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let is_argocd = |name: &str| name.ends_with("application-controller") || name.ends_with("argocd-server");
    let associated = scene.pod_identities().iter().filter(|of| of.service_account().is_some_and(is_argocd));
    let associated = associated.filter_map(|of| of.role().and_then(Node::text));
    let annotated = scene.of_kind("ServiceAccount").filter(|account| is_argocd(account.name));
    let annotated = annotated.filter_map(|account| account.annotation(access::ROLE_ANNOTATION)?.text());
    let own: Vec<&str> = associated.chain(annotated).collect();
    for (secret, cluster) in super::clusters(scene) {
        let role = cluster.config.aws_auth.as_ref().map(|aws| aws.role_arn.as_str());
        if let Some(role) = role.filter(|role| own.contains(role)) {
            sink.found(secret.at("config"), &Own { role });
        }
    }
}
