use crate::audit::prelude::*;

about! {
    /// The cluster Secret of Argo CD's own cluster has settings that Argo CD ignores.
    ///
    /// For the server `https://kubernetes.default.svc` Argo CD uses its pods' own service accounts, whatever `awsAuthConfig`,
    /// `execProviderConfig` and `tlsClientConfig` say. To come to its own cluster by an IAM role, register the cluster's EKS
    /// endpoint instead.
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
    ///   server: https://kubernetes.default.svc
    ///   config: '{"awsAuthConfig": {"clusterName": "hub", "roleARN": "arn:aws:iam::111122223333:role/argocd-hub"}}'
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
    /// References: Argo CD, pkg/apis/application/v1alpha1/types.go, `RawRestConfig`
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error(
    "Argo CD ignores `{ignored}` for `https://kubernetes.default.svc`, and comes as its own service accounts"
)]
struct Ignored {
    ignored: &'static str,
}

impl Facts for Ignored {
    fn help(&self) -> Vec<String> {
        vec!["name the cluster's EKS endpoint as `server`, or remove what is ignored".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in
        super::clusters(scene).filter(|(_, cluster)| cluster.server == ::argocd::IN_CLUSTER_SERVER)
    {
        let config = &cluster.config;
        let ignored = if config.aws_auth.is_some() {
            "awsAuthConfig"
        } else if config.exec.is_some() {
            "execProviderConfig"
        } else {
            continue;
        };
        sink.found(secret.at("config"), &Ignored { ignored });
    }
}
