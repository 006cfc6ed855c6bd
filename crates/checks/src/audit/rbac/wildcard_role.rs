use crate::audit::prelude::*;

about! {
    /// A role allows everything.
    ///
    /// Every verb on every resource of every group. A ClusterRole of that kind is `cluster-admin` under another name; a Role of
    /// that kind holds the Secrets and the service accounts of its namespace, and with them whatever those may do. Kinds that
    /// somebody installs tomorrow are in it, too.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules:
    ///   - apiGroups: ["*"]
    ///     resources: ["*"]
    ///     verbs: ["*"]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules:
    ///   - apiGroups: [apps]
    ///     resources: [deployments]
    ///     verbs: [get, list, watch, create, patch, delete]
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices"; Argo CD, util/clusterauth/clusterauth.go.
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("{role} allows every verb on every resource{scope}")]
struct Everything {
    role: String,
    scope: &'static str,
}

impl Facts for Everything {
    fn help(&self) -> Vec<String> {
        vec!["list what is needed: `oarlock needs` works it out from what Argo CD deploys".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // The one that Kubernetes ships may come without its label.
    for RoleSubject { object: role, rules } in
        scene.roles().iter().filter(|role| role.object.name != "cluster-admin")
    {
        let is_all = |list: &[String]| list.iter().any(|word| word == "*");
        let all = rules.iter().find(|(_, rule)| {
            is_all(&rule.api_groups)
                && is_all(&rule.resources)
                && is_all(&rule.verbs)
                && rule.resource_names.is_empty()
        });
        if let Some((node, _)) = all {
            let scope = if role.kind == "Role" { " of its namespace" } else { "" };
            sink.found(role.at(node), &Everything { role: role.title(), scope });
        }
    }
}
