use ::rbac::{
    PermissionSet, Scope as Where,
    reach::{CATALOGUE, Entry, Power},
};

use crate::audit::prelude::*;

about! {
    /// A role lets its holder pass the escalation check, or act as somebody else.
    ///
    /// `escalate` and `bind` on roles, `impersonate` on users, groups or service accounts, and their likes: with them somebody
    /// gives himself more than the role names. Limited to names they are a tool (a ClusterRole that may `bind` only `edit`);
    /// without names they are everything.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: deployer}
    /// rules:
    ///   - apiGroups: [rbac.authorization.k8s.io]
    ///     resources: [clusterroles]
    ///     verbs: [escalate]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: deployer}
    /// rules:
    ///   - apiGroups: [rbac.authorization.k8s.io]
    ///     resources: [clusterroles]
    ///     resourceNames: [monitoring]
    ///     verbs: [bind]
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices"; "Using RBAC Authorization", on privilege escalation
    /// prevention.
    Error, Likely, Security
}

#[derive(Debug, Error)]
#[error("{role} gives `{verb}` without names, which leads to {leads_to}")]
struct Passing {
    role: String,
    verb: String,
    leads_to: &'static str,
}

impl Facts for Passing {
    fn help(&self) -> Vec<String> {
        vec![
            "limit the rule by `resourceNames`, or bind the role in a namespace instead of the cluster"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for RoleSubject { object: role, rules } in scene.roles() {
        let scope = if role.kind == "Role" { Where::of(role.namespace) } else { Where::Cluster };
        for (node, rule) in rules {
            // Wildcards are another check's.
            if rule.verbs.iter().any(|verb| verb == "*") || !rule.resource_names.is_empty() {
                continue;
            }
            // Words tell of most rules that they open nothing.
            let passing = CATALOGUE.iter().filter(|entry| matches!(entry.power, Power::Passing));
            let mut passing = passing.filter(|entry| entry.has_words_of(rule)).peekable();
            if passing.peek().is_none() {
                continue;
            }
            let held = PermissionSet::of_rules(&scope, [rule]);
            let opened =
                passing.filter_map(|entry: &Entry| Some((entry, entry.opened_by(&held).into_iter().next()?)));
            // One rule is one finding, however many entries it opens.
            if let Some((entry, by)) = opened.into_iter().next() {
                let facts =
                    Passing { role: role.title(), verb: by.verb().to_string(), leads_to: entry.leads_to };
                sink.found(role.at(node), &facts);
            }
        }
    }
}
