use crate::audit::prelude::*;

about! {
    /// A Secret holds a service account's token that never ends.
    ///
    /// Tokens of Secrets of type `kubernetes.io/service-account-token` are good until the Secret or the service account is
    /// deleted, from wherever somebody reaches the API server. Pods don't need them since Kubernetes 1.24.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: Secret
    /// type: kubernetes.io/service-account-token
    /// metadata:
    ///   name: deployer-token
    ///   namespace: ci
    ///   annotations: {kubernetes.io/service-account.name: deployer}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: Secret
    /// type: Opaque
    /// metadata: {name: settings, namespace: ci}
    /// ```
    ///
    /// References: Kubernetes, "Service Accounts", on long-lived tokens; Argo CD, util/clusterauth/clusterauth.go.
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("{secret} holds a token of service account `{account}` that never ends")]
struct Eternal<'s> {
    secret: String,
    account: &'s str,
}

impl Facts for Eternal<'_> {
    fn help(&self) -> Vec<String> {
        vec!["ask for tokens that end (`kubectl create token`), or come by an IAM role; then delete the Secret".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for secret in scene.of_kind("Secret") {
        if secret.node.text_at("type") == Some("kubernetes.io/service-account-token") {
            let account = secret.annotation("kubernetes.io/service-account.name").and_then(Node::text);
            sink.found(secret.place(), &Eternal { secret: secret.title(), account: account.unwrap_or("?") });
        }
    }
}
