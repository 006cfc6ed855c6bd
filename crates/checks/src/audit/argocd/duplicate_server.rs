use crate::audit::prelude::*;

about! {
    /// Two cluster Secrets have the same server.
    ///
    /// Argo CD takes the first that it gets, which may be another one tomorrow: its role, its project and its namespaces count,
    /// and those of the other don't. A slash at the end makes no difference.
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
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::444455556666:role/argocd-spoke"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke-again
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: again
    ///   server: https://ABC.gr7.eu-west-1.eks.amazonaws.com/
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
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
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: spoke-again
    ///   namespace: argocd
    ///   labels: {argocd.argoproj.io/secret-type: cluster}
    /// stringData:
    ///   name: other
    ///   server: https://DEF.gr7.eu-west-1.eks.amazonaws.com
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
    /// ```
    ///
    /// References: Argo CD, util/db/cluster.go, `GetCluster`
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("{second} has the server of {first}: which of both counts is left to chance")]
struct Twice {
    first: String,
    second: String,
}

impl Facts for Twice {
    fn help(&self) -> Vec<String> {
        vec!["delete one of both; for two projects on one cluster, take two addresses of it".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let mut seen = std::collections::BTreeMap::new();
    for (secret, cluster) in super::clusters(scene).filter(|(_, cluster)| !cluster.server.is_empty()) {
        let title = secret.object.title();
        let key = (secret.object.namespace, cluster.server.to_ascii_lowercase());
        match seen.get(&key) {
            // The same object in two files, as it is and as it shall be, is one.
            Some(first) if *first != title => {
                sink.found(secret.at("server"), &Twice { first: String::clone(first), second: title });
            }
            Some(_) => {}
            None => drop(seen.insert(key, title)),
        }
    }
}
