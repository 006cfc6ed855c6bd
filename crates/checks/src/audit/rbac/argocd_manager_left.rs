use crate::audit::prelude::*;

about! {
    /// `argocd cluster add` has left its service account behind.
    ///
    /// The command makes the service account `argocd-manager` in `kube-system`, binds it to a ClusterRole that allows everything,
    /// and takes a token for it that never ends. Where Argo CD comes by an IAM role, none of it is needed any more; run again,
    /// the command writes the wide rules anew, whatever somebody narrowed in between.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: argocd-manager, namespace: kube-system}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: argocd-server, namespace: argocd}
    /// ```
    ///
    /// References: Argo CD, util/clusterauth/clusterauth.go; issue 6529.
    Warning, Likely, Security
}

#[derive(Debug, Error)]
#[error(
    "{account} is what `argocd cluster add` makes: administrator of the cluster, by a token that never ends"
)]
struct Manager {
    account: String,
}

impl Facts for Manager {
    fn help(&self) -> Vec<String> {
        let delete = "kubectl -n kube-system delete serviceaccount/argocd-manager secret/argocd-manager-long-lived-token";
        vec![
            format!("once the cluster Secret has `awsAuthConfig`: `{delete}`"),
            "then `kubectl delete clusterrole/argocd-manager-role clusterrolebinding/argocd-manager-role-binding`".to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for account in scene.of_kind("ServiceAccount").filter(|account| account.name == "argocd-manager") {
        sink.found(account.place(), &Manager { account: account.title() });
    }
}
