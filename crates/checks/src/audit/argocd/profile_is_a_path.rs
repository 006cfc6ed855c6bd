use crate::audit::prelude::*;

about! {
    /// The AWS profile of a cluster Secret is given as a path.
    ///
    /// `profile` is the name of a profile in the pod's AWS configuration. Argo CD's documentation shows the path of a mounted
    /// file there, which the SDK takes for a name and doesn't find: "failed to get shared config profile".
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
    ///   config: '{"awsAuthConfig": {"clusterName": "spoke", "profile": "/mount/aws/credentials"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
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
    /// References: Argo CD, cmd/argocd-k8s-auth/commands/aws.go; pull request 16767; Argo CD,
    /// docs/operator-manual/declarative-setup.md, "Clusters"
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{profile}` is a path, where the name of a profile is wanted")]
struct Path<'s> {
    profile: &'s str,
}

impl Facts for Path<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "write the profile's name, and point `AWS_SHARED_CREDENTIALS_FILE` of the pods at the file"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene) {
        let profile = cluster.config.aws_auth.as_ref().map(|aws| aws.profile.as_str());
        if let Some(profile) = profile.filter(|profile| profile.contains('/')) {
            sink.found(secret.at("config"), &Path { profile });
        }
    }
}
