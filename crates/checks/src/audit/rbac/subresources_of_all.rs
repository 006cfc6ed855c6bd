use crate::audit::prelude::*;

about! {
    /// A rule names all subresources of a resource, which matches none.
    ///
    /// `*/scale` is the scale of every resource, and `*` is everything; `pods/*` is neither: RBAC compares it letter by letter.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: operator, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: ["pods/*"]
    ///     verbs: [get]
    /// ```
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: reader, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources:
    ///       - pods
    ///       - pods/*
    ///     verbs: [get]
    /// ```
    ///
    /// ```yaml fixed
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: reader, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources:
    ///       - pods
    ///     verbs: [get]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: operator, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [pods, pods/log, pods/status]
    ///     verbs: [get]
    /// ```
    ///
    /// References: Kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go, `ResourceMatches`.
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{resource}` matches nothing: there is no wildcard for subresources of one resource")]
struct Nothing {
    resource: String,
}

impl Facts for Nothing {
    fn help(&self) -> Vec<String> {
        vec!["leave it out, or list the subresources".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for RoleSubject { object: role, rules } in scene.roles() {
        let lists = rules.iter().filter_map(|(node, _)| node.get("resources"));
        for (list, node) in lists.flat_map(|list| list.items().iter().map(move |node| (list, node))) {
            let Some(resource) = node.text().filter(|text| text.ends_with("/*")) else { continue };
            let fix = scene.source(role.file).and_then(|source| source.without(list, node));
            sink.mended(role.at(node), &Nothing { resource: resource.to_owned() }, fix);
        }
    }
}
