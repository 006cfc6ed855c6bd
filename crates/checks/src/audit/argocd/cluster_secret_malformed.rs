use crate::audit::prelude::*;

about! {
    /// Argo CD can't read a cluster Secret, and doesn't know the cluster.
    ///
    /// A Secret whose `config` isn't JSON of the right form is left out with a warning in the log, "Failed to convert secret … to
    /// cluster". Its Applications say that their destination doesn't exist.
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
    ///   config: "awsAuthConfig: {clusterName: spoke}"
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
    /// References: Argo CD, util/db/cluster.go, `SecretToCluster`; Argo CD, docs/operator-manual/declarative-setup.md, "Clusters"
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("Argo CD leaves {secret} out: {why}")]
struct Malformed<'s> {
    secret: String,
    why: &'s str,
}

impl Facts for Malformed<'_> {
    fn help(&self) -> Vec<String> {
        vec!["write `config` as JSON: `{\"awsAuthConfig\": {\"clusterName\": \"…\"}, \"tlsClientConfig\": {\"caData\": \"…\"}}`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for secret in scene.cluster_secrets() {
        if let Err(why) = &secret.read {
            sink.found(secret.at("config"), &Malformed { secret: secret.object.title(), why });
        }
    }
}
