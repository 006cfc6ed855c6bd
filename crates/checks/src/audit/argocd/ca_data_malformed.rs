use base64::Engine as _;

use crate::audit::prelude::*;

about! {
    /// The certificate authority of a cluster Secret is base64 of something else than PEM.
    ///
    /// `caData` is what `aws eks describe-cluster` prints as `certificateAuthority.data`, as it stands. Encoded once more, it is
    /// refused: "unable to load root certificates: unable to parse bytes as PEM block".
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
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke"}, "tlsClientConfig": {"caData": "TFMwdExTMUNSVWRKVGlCRFJWSlVTVVpKUTBGVVJTMHRMUzB0Q2s="}}'
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
    /// References: Argo CD, pkg/apis/application/v1alpha1/types.go, `TLSClientConfig`; client-go, transport/transport.go
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`caData` of {secret} is base64 of something else than PEM")]
struct NoPem {
    secret: String,
}

impl Facts for NoPem {
    fn help(&self) -> Vec<String> {
        vec!["take `aws eks describe-cluster --query cluster.certificateAuthority.data --output text` as it stands".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in
        super::clusters(scene).filter(|(_, cluster)| !cluster.config.tls.ca_data.is_empty())
    {
        let encoded = &cluster.config.tls.ca_data;
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded);
        // Of what isn't base64 another check says that Argo CD leaves the Secret out.
        let is_other = decoded
            .is_ok_and(|bytes| !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----"));
        if is_other && encoded != inventory::REPLACED {
            sink.found(secret.at("config"), &NoPem { secret: secret.object.title() });
        }
    }
}
