use crate::audit::prelude::*;

about! {
    /// A cluster Secret of the EKS capability has settings that the capability doesn't know.
    ///
    /// Argo CD as an EKS capability knows a cluster by its ARN, and comes to it as the capability's own role: an access entry in
    /// the target names that role, in other accounts too. A `roleARN` doesn't help: "failed to verify the access entry".
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: spoke
    ///   server: arn:aws:eks:eu-west-1:444455556666:cluster/spoke
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::444455556666:role/argocd-spoke"}}'
    /// ```
    ///
    /// ```yaml clean
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
    /// References: EKS User Guide, "Register target clusters" (Argo CD capability)
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error("the capability comes to `{server}` as its own role, and ignores `{ignored}`")]
struct Ignored<'s> {
    server: &'s str,
    ignored: &'static str,
}

impl Facts for Ignored<'_> {
    fn help(&self) -> Vec<String> {
        vec!["leave `config` out, and give the capability's role an access entry on that cluster".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene).filter(|(_, cluster)| cluster.server.starts_with("arn:"))
    {
        let ignored = if cluster.config.aws_auth.is_some() {
            "awsAuthConfig"
        } else if cluster.config.exec.is_some() {
            "execProviderConfig"
        } else {
            continue;
        };
        sink.found(secret.at("config"), &Ignored { server: &cluster.server, ignored });
    }
}
