use crate::audit::prelude::*;

about! {
    /// A cluster Secret runs a command that Argo CD's image lacks, or that it can't understand.
    ///
    /// Argo CD's image has `argocd-k8s-auth`, and neither `aws` nor `aws-iam-authenticator`: "exec: executable aws not found". An
    /// `apiVersion` of `client.authentication.k8s.io/v1alpha1` is no longer known: "no kind ExecCredential is registered". Where
    /// `awsAuthConfig` is there too, it wins.
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
    ///   config: '{"execProviderConfig": {"command": "aws", "args": ["eks", "get-token", "--cluster-name", "spoke"], "apiVersion": "client.authentication.k8s.io/v1beta1"}, "tlsClientConfig": {"caData": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}}'
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
    /// References: argo-cd issues 11048 and 13557; Argo CD, pkg/apis/application/v1alpha1/types.go, `RawRestConfig`
    Warning, Likely, Operations
}

#[derive(Debug, Error)]
enum Exec<'s> {
    #[error("`{command}` isn't in Argo CD's image")]
    NotThere { command: &'s str },
    #[error("`{version}` is no version of ExecCredential that Argo CD knows")]
    Version { version: &'s str },
    #[error("`execProviderConfig` is ignored beside `awsAuthConfig`")]
    Ignored,
}

impl Facts for Exec<'_> {
    fn help(&self) -> Vec<String> {
        vec![match self {
            Self::NotThere { .. } => {
                "write `awsAuthConfig` with the cluster's name and a role instead".to_owned()
            }
            Self::Version { .. } => "write `client.authentication.k8s.io/v1beta1`".to_owned(),
            Self::Ignored => "remove it".to_owned(),
        }]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (secret, cluster) in super::clusters(scene) {
        let Some(exec) = &cluster.config.exec else { continue };
        let command = exec.command.as_str();
        let version = exec.api_version.as_str();
        let facts = if cluster.config.aws_auth.is_some() {
            Exec::Ignored
        } else if matches!(command, "aws" | "aws-iam-authenticator") {
            Exec::NotThere { command }
        } else if version == "client.authentication.k8s.io/v1alpha1" {
            Exec::Version { version }
        } else {
            continue;
        };
        sink.found(secret.at("config"), &facts);
    }
}
