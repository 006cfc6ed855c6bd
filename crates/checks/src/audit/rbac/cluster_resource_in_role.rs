use ::inventory::Discovery;

use crate::audit::prelude::*;

about! {
    /// A Role names a resource that has no namespace.
    ///
    /// Rules of a Role count in its namespace only, and a request for a namespace, a node, a CustomResourceDefinition or a
    /// ClusterRole is in none. (`namespaces` in a Role lets its holder read the Role's own namespace, and is left alone.)
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules:
    ///   - apiGroups: [apiextensions.k8s.io]
    ///     resources: [customresourcedefinitions]
    ///     verbs: [get, create]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: deployer}
    /// rules:
    ///   - apiGroups: [apiextensions.k8s.io]
    ///     resources: [customresourcedefinitions]
    ///     verbs: [get, create]
    /// ```
    ///
    /// References: Kubernetes, "Using RBAC Authorization", on Role and ClusterRole.
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("{role} gives nothing on `{resource}`, which has no namespace")]
struct NoNamespace {
    role: String,
    resource: String,
}

impl Facts for NoNamespace {
    fn help(&self) -> Vec<String> {
        vec!["put the rule into a ClusterRole, and bind it by a ClusterRoleBinding".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let builtin = Discovery::builtin();
    for RoleSubject { object: role, rules } in scene.roles().iter().filter(|role| role.object.kind == "Role")
    {
        // Whether a RoleBinding may refer to a ClusterRole is asked in the binding's namespace
        // (kubernetes, pkg/registry/rbac/escalation_check.go, `BindingAuthorized`).
        let asked = |rule: &::rbac::PolicyRule| rule.verbs.iter().any(|verb| verb != "bind");
        for (node, rule) in rules.iter().filter(|(_, rule)| asked(rule)) {
            let groups = &rule.api_groups;
            for each in node.get("resources").map(Node::items).unwrap_or_default() {
                let Some(resource) = each.text().filter(|resource| *resource != "namespaces") else {
                    continue;
                };
                let is_cluster_wide = builtin.iter().any(|known| {
                    known.plural == resource && !known.namespaced && groups.contains(&known.group)
                });
                if is_cluster_wide {
                    sink.found(
                        role.at(each),
                        &NoNamespace { role: role.title(), resource: resource.to_owned() },
                    );
                }
            }
        }
    }
}
