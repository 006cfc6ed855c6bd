use crate::audit::prelude::*;

about! {
    /// A cluster Secret says how to come by AWS, and not to which cluster.
    ///
    /// The name is signed into every token. Without it `argocd-k8s-auth` fails, and with another cluster's name EKS refuses the
    /// token: "the server has asked for the client to provide credentials". It is the name in EKS, not the one in Argo CD, and no
    /// ARN.
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
    ///   config: '{"awsAuthConfig": {"clusterName": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
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
    /// References: aws-iam-authenticator, pkg/token/token.go; Argo CD, cmd/argocd-k8s-auth/commands/aws.go
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error(
    "`{name}` in `awsAuthConfig.clusterName` is no cluster's name in EKS, which is signed into the token"
)]
struct NoName<'s> {
    name: &'s str,
}

impl Facts for NoName<'_> {
    fn help(&self) -> Vec<String> {
        let end = self.name.rsplit('/').next().filter(|end| !end.is_empty()).unwrap_or("<name>");
        vec![format!("write `\"clusterName\": \"{end}\"`")]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene) {
        let name = cluster.config.aws_auth.as_ref().map(|aws| aws.cluster_name.as_str());
        // EKS API, CreateCluster: letters, digits, `-` and `_`.
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        if let Some(name) = name.filter(|name| !is_name(name)) {
            sink.found(secret.at("config"), &NoName { name });
        }
    }
}
