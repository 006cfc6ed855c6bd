use crate::audit::prelude::*;

about! {
    /// Argo CD lets people in without a login.
    ///
    /// `users.anonymous.enabled` gives everybody who reaches Argo CD the role of `policy.default`. With `role:admin` there,
    /// everybody is administrator of every cluster; with `role:readonly` everybody reads all manifests and logs.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   users.anonymous.enabled: "true"
    /// ```
    ///
    /// ```yaml fixed
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   users.anonymous.enabled: "false"
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   url: https://argocd.example.com
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/rbac.md, "Anonymous Access"
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("whoever reaches Argo CD is let in without a login")]
struct Anonymous;

impl Facts for Anonymous {
    fn help(&self) -> Vec<String> {
        vec!["remove `users.anonymous.enabled`, or write `false`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for map in scene.settings("argocd-cm") {
        if let Some(node) = map.get("users.anonymous.enabled").filter(|node| node.text() == Some("true")) {
            let fix = scene.source(map.file).and_then(|source| source.write(node.at, "true", "false"));
            sink.mended(map.at(node), &Anonymous, fix);
        }
    }
}
