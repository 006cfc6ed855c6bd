use crate::audit::prelude::*;

about! {
    /// Argo CD gives people a shell in pods.
    ///
    /// With `exec.enabled` whoever has `exec, create` in Argo CD's RBAC opens a terminal in the pods of every cluster, as
    /// argocd-server and never as an impersonated service account. It reads the service account's token, the AWS credentials and
    /// the Secrets that the pod has.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   exec.enabled: "true"
    /// ```
    ///
    /// ```yaml fixed
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   exec.enabled: "false"
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   exec.enabled: "false"
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/web_based_terminal.md; server/application/terminal.go
    Note, Certain, Security
}

#[derive(Debug, Error)]
#[error("Argo CD opens shells in the pods of every cluster, as argocd-server")]
struct Exec;

impl Facts for Exec {
    fn help(&self) -> Vec<String> {
        vec!["leave `exec.enabled` out or `false`, and use `kubectl exec` as oneself".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for fleet in scene.of_kind("Fleet") {
        if let Some(node) = fleet.node.at_path(&["spec", "features", "exec"]).filter(|node| node.is_true()) {
            let fix =
                scene.source(fleet.file).and_then(|source| source.write(node.at, node.text()?, "false"));
            sink.mended(fleet.at(node), &Exec, fix);
        }
    }
    for map in scene.settings("argocd-cm") {
        if let Some(node) = map.get("exec.enabled").filter(|node| node.text() == Some("true")) {
            let fix = scene.source(map.file).and_then(|source| source.write(node.at, "true", "false"));
            sink.mended(map.at(node), &Exec, fix);
        }
    }
}
