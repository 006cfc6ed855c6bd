use ::rbac::{PermissionSet, PolicyRule, Request, Scope as Where};

use crate::audit::prelude::*;

about! {
    /// Sync impersonation is on, and argocd-server may not impersonate.
    ///
    /// Since v3.5 argocd-server acts as the impersonated service account too: logs, events, deleting and patching resources,
    /// actions. The ClusterRole that Argo CD and its chart ship for it lacks the verb `impersonate` on `serviceaccounts`, so that
    /// all of these are forbidden on Argo CD's own cluster.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   application.sync.impersonation.enabled: "true"
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: argocd-server}
    /// rules:
    ///   - {apiGroups: ["*"], resources: ["*"], verbs: [delete, get, patch]}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-cm, namespace: argocd}
    /// data:
    ///   application.sync.impersonation.enabled: "true"
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: argocd-server}
    /// rules:
    ///   - {apiGroups: ["*"], resources: ["*"], verbs: [delete, get, patch]}
    ///   - {apiGroups: [""], resources: [serviceaccounts], resourceNames: [deployer], verbs: [impersonate]}
    /// ```
    ///
    /// References: argo-helm issue 4028; Argo CD, docs/operator-manual/app-sync-using-impersonation.md
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error(
    "{role} has no `impersonate` on service accounts, and impersonation is on: logs, events and actions are forbidden"
)]
struct NoVerb {
    role: String,
}

impl Facts for NoVerb {
    fn help(&self) -> Vec<String> {
        vec!["add `{apiGroups: [\"\"], resources: [serviceaccounts], resourceNames: [<accounts>], verbs: [impersonate]}`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let is_on = scene
        .settings("argocd-cm")
        .iter()
        .any(|map| map.get("application.sync.impersonation.enabled").and_then(Node::text) == Some("true"));
    if !is_on {
        return;
    }
    for role in scene.of_kind("ClusterRole").filter(|role| role.name.ends_with("argocd-server")) {
        let rules: Vec<PolicyRule> = role
            .node
            .get("rules")
            .and_then(|rules| serde_json::from_value(rules.to_value()).ok())
            .unwrap_or_default();
        // Limited to names it is enough.
        let unnamed = rules.iter().map(|rule| PolicyRule { resource_names: Vec::new(), ..rule.clone() });
        let unnamed: Vec<PolicyRule> = unnamed.collect();
        let held = PermissionSet::of_rules(&Where::Cluster, &unnamed);
        if !held.allows(&Request::resource("impersonate", "", "serviceaccounts")) {
            sink.found(role.place(), &NoVerb { role: role.title() });
        }
    }
}
