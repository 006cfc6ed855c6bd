use crate::audit::prelude::*;

about! {
    /// Argo CD comes to a cluster by a token that is kept in a Secret.
    ///
    /// It is what `argocd cluster add` makes: a token of the service account `argocd-manager`, which never ends, is administrator
    /// of the cluster, and works for whoever reads the Secret from wherever the API server is reachable. With `awsAuthConfig`
    /// there is nothing to steal.
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
    ///   config: '{"bearerToken": "abc", "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
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
    /// References: Argo CD, util/clusterauth/clusterauth.go; Argo CD, docs/operator-manual/declarative-setup.md, "Clusters"
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("{secret} holds a {what} for `{server}`")]
struct Kept<'s> {
    secret: String,
    what: &'static str,
    server: &'s str,
}

impl Facts for Kept<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "give the cluster an access entry for Argo CD's role, and the Secret `awsAuthConfig` instead"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene) {
        let config = &cluster.config;
        let what = if !config.bearer_token.expose().is_empty() {
            "bearer token"
        } else if !config.password.expose().is_empty() {
            "password"
        } else {
            continue;
        };
        let facts = Kept { secret: secret.object.title(), what, server: &cluster.server };
        sink.found(secret.at("config"), &facts);
    }
}
