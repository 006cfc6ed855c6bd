use crate::audit::prelude::*;

about! {
    /// A rule limits `create` to names.
    ///
    /// When something is created the API server authorizes without its name, so that the rule never allows it; the same holds for
    /// `deletecollection`. Where nothing else gives `create`, Argo CD's sync fails with "is forbidden" although the rule looks
    /// right. (Only a subresource has a name by then, as `serviceaccounts/token` and `pods/exec` do, and an object that
    /// server-side apply creates: a rule with `patch` is left alone.)
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     resourceNames: [settings]
    ///     verbs: [create, get, update]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     verbs: [create]
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     resourceNames: [settings]
    ///     verbs: [get, update]
    /// ```
    ///
    /// References: Kubernetes, "Using RBAC Authorization", on referring to resources.
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error(
    "{role} never allows `{verb}` on {resource}: the request has no name when it is authorized, and the rule asks for one"
)]
struct Named {
    role: String,
    verb: String,
    resource: String,
}

impl Facts for Named {
    fn help(&self) -> Vec<String> {
        vec![format!("give `{}` in a rule of its own, without `resourceNames`", self.verb)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for RoleSubject { object: role, rules } in scene.roles() {
        for (node, rule) in rules.iter().filter(|(_, rule)| !rule.resource_names.is_empty()) {
            // Server-side apply creates by a patch, whose name is known.
            if rule.verbs.iter().any(|verb| verb == "patch") {
                continue;
            }
            let verb = rule.verbs.iter().find(|verb| matches!(verb.as_str(), "create" | "deletecollection"));
            let plain = rule.resources.iter().find(|resource| !resource.contains('/') && *resource != "*");
            if let Some((verb, resource)) = verb.zip(plain) {
                let place = node.get("resourceNames").unwrap_or(node);
                let facts = Named { role: role.title(), verb: verb.clone(), resource: resource.clone() };
                sink.found(role.at(place), &facts);
            }
        }
    }
}
