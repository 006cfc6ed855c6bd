use crate::audit::prelude::*;

about! {
    /// Two cluster Secrets have the same name.
    ///
    /// An Application that names its destination by that name has an error: "there are 2 clusters with the same name".
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
    ///   name: spoke
    ///   server: https://DEF.gr7.eu-west-1.eks.amazonaws.com
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
    /// References: Argo CD, util/argo/argo.go, `GetDestinationServer`
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("{second} has the cluster name `{name}` of {first}: an Application can't name either by it")]
struct Twice<'s> {
    first: String,
    second: String,
    name: &'s str,
}

impl Facts for Twice<'_> {
    fn help(&self) -> Vec<String> {
        vec!["give one of both another `name`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let mut seen = std::collections::BTreeMap::new();
    for (secret, cluster) in super::clusters(scene).filter(|(_, cluster)| !cluster.name.is_empty()) {
        let title = secret.object.title();
        let key = (secret.object.namespace, cluster.name.as_str());
        match seen.get(&key) {
            Some(first) if *first != title => {
                let facts = Twice { first: String::clone(first), second: title, name: &cluster.name };
                sink.found(secret.at("name"), &facts);
            }
            Some(_) => {}
            None => drop(seen.insert(key, title)),
        }
    }
}
