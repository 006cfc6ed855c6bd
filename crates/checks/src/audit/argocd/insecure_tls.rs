use crate::audit::prelude::*;

about! {
    /// Argo CD doesn't check a cluster's certificate.
    ///
    /// With `insecure: true` whoever is on the way can answer for the API server, take the token out of the request, and be Argo
    /// CD there for a quarter of an hour.
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
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke"}, "tlsClientConfig": {"insecure": true}}'
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
    /// References: Argo CD, pkg/apis/application/v1alpha1/types.go, `TLSClientConfig`; Argo CD,
    /// docs/operator-manual/declarative-setup.md, "Clusters"
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("the certificate of `{server}` isn't checked: who is on the way gets Argo CD's tokens")]
struct Insecure<'s> {
    server: &'s str,
}

impl Facts for Insecure<'_> {
    fn help(&self) -> Vec<String> {
        vec!["give `caData`: `aws eks describe-cluster --query cluster.certificateAuthority.data --output text`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene).filter(|(_, cluster)| cluster.config.tls.insecure) {
        sink.found(secret.at("config"), &Insecure { server: &cluster.server });
    }
}
