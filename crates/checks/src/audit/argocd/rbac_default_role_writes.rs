use access::argocd_rbac::{ArgocdRbac, Ask, Subject};

use crate::audit::prelude::*;

about! {
    /// Everybody who is logged in may change things in Argo CD.
    ///
    /// `policy.default` is the role of everybody, beside their own. `role:admin` there, or a role of one's own that may sync or
    /// create, makes each account of the company's sign-on a deployer to every cluster. What the role may do is decided as Argo
    /// CD decides it.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.default: role:admin
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.default: role:readonly
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/rbac.md; util/rbac/rbac.go
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("whoever is logged in may `{action}` {resource}, by `{role}`")]
struct Writes<'s> {
    role: &'s str,
    resource: &'static str,
    action: &'static str,
}

impl Facts for Writes<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "write `policy.default: role:readonly`, or leave it out, and give groups what they need"
                .to_owned(),
        ]
    }
}

/// What nobody should have only by being there, the worst first.
const ASKED: [(&str, &str, &str); 6] = [
    ("clusters", "create", "https://any.example.com"),
    ("projects", "create", "any"),
    ("applications", "create", "any/any"),
    ("exec", "create", "any/any"),
    ("applications", "sync", "any/any"),
    ("applications", "delete", "any/any"),
];

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for map in scene.settings("argocd-rbac-cm") {
        let Some((node, role)) = map.get("policy.default").and_then(|node| Some((node, node.text()?))) else {
            continue;
        };
        let (rbac, _) = ArgocdRbac::of_config(&map.texts());
        let nobody = Subject::new("oarlock:nobody");
        let allowed = |(resource, action, object): &&(&'static str, &'static str, &str)| {
            rbac.decide(&nobody, &Ask::new(*resource, *action, *object)).is_allowed()
        };
        if let Some((resource, action, _)) = ASKED.iter().find(allowed) {
            sink.found(map.at(node), &Writes { role, resource, action });
        }
    }
}
