//! What somebody has to hold by RBAC to write a role or a binding (pkg/registry/rbac/validation/rule.go, `ConfirmNoEscalation`).

use access::{
    At, Hop, Passes, Who,
    authorization::Authorizers,
    cluster_identity::{self, Name, Resolved},
};
use facts::{ClusterArn, Gap};
use inventory::Inventory;
use rbac::{Identity, PolicyRule, Scope, escalation::lacking};

use super::{Inquiry, rules, who::Comer};
use crate::diagnosis::{
    change::{Change, Rules},
    diagnosed::Diagnosed,
};

/// Rules that somebody would hand on.
#[derive(Clone, Debug)]
pub(crate) struct Escalation {
    pub(crate) cluster: ClusterArn,
    by: Comer,
    namespace: Option<String>,
    name: String,
    rules: Vec<PolicyRule>,
}

impl Escalation {
    /// From a refusal. Of a Role or RoleBinding it doesn't say the namespace: that of the Application's destination is taken.
    pub(super) fn of(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Self, Gap> {
        let cluster = inquiry.place(error)?;
        let own = inquiry.inventory.clusters.get(&cluster);
        let own = own.ok_or_else(|| Gap::new(format!("`{cluster}`"), "it isn't in the inventory"))?;
        let rules = parsed(error.part("rules").unwrap_or_default());
        if rules.is_empty() {
            return Err(Gap::new(
                "which rules are lacking",
                "the message has been cut: it lists them, one a line",
            ));
        }
        let is_wide = error.part("of").is_none_or(|of| of.starts_with("cluster"));
        let namespace = error.part("namespace").or_else(|| error.part("destination")).filter(|_| !is_wide);
        if namespace.is_none() && !is_wide {
            let gap = Gap::new("which namespace the object is in", "the message doesn't say it");
            return Err(gap.filled_by("the Application with its conditions: argocd app get -o json"));
        }
        Ok(Self {
            by: Comer::of(own, error)?,
            namespace: namespace.map(str::to_owned),
            name: error.part("name").unwrap_or("rules").to_owned(),
            cluster,
            rules,
        })
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        format!("whether it holds by RBAC what `{}` has in it on `{}`", self.name, self.cluster.name)
    }

    /// Whether all of it is held.
    pub(super) fn hops(&self, inventory: &Inventory) -> Vec<Hop> {
        let hop = |passes, by| vec![Hop::new(At::Escalation, passes, by)];
        let Some(cluster) = inventory.clusters.get(&self.cluster) else { return Vec::new() };
        let identity = match self.by.who(inventory) {
            Err(why) => return hop(Passes::No, why),
            Ok(Who::Kubernetes(identity)) => identity,
            Ok(Who::Iam(caller)) => match cluster_identity::resolve(cluster, &caller) {
                Resolved::Identity(own) => Identity {
                    user: own.username.fixed().unwrap_or_default().to_owned(),
                    groups: own.groups.iter().filter_map(Name::fixed).map(str::to_owned).collect(),
                },
                Resolved::Nobody { why } => {
                    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
                    return hop(Passes::No, why.join("; "));
                }
                Resolved::Unknown { missing } => {
                    return hop(Passes::Unknown { missing }, "who it is".to_owned());
                }
            },
        };
        let held = Authorizers::of(cluster).held_by_rbac(&identity);
        let lacking = lacking(&held.permissions, &Scope::of(self.namespace.as_deref()), &self.rules);
        let listed: Vec<String> = lacking.iter().take(3).map(|own| own.to_string()).collect();
        match (lacking.is_empty(), held.unknown.is_empty()) {
            (true, _) => hop(Passes::Yes, "RBAC gives all of it".to_owned()),
            (false, true) => hop(Passes::No, format!("by RBAC it doesn't hold: {}", listed.join(", "))),
            (false, false) => {
                hop(Passes::Unknown { missing: held.unknown }, "what it holds by RBAC".to_owned())
            }
        }
    }

    /// The same rules, given by RBAC.
    pub(super) fn candidates(&self, inquiry: &Inquiry<'_>) -> Vec<Vec<Change>> {
        let Ok(who) = self.by.who(inquiry.inventory) else { return Vec::new() };
        rules::bound(inquiry, &self.cluster, &who, |subject| {
            Change::Rules(Rules {
                cluster: Some(self.cluster.clone()),
                namespace: self.namespace.clone(),
                name: format!("argocd-{}", self.name),
                rules: self.rules.clone(),
                subject,
            })
        })
    }
}

/// `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}`, one after the other (`CompactString`).
fn parsed(text: &str) -> Vec<PolicyRule> {
    let rule = |piece: &str| {
        let list = |key: &str| {
            let values = piece.split_once(&format!("{key}:["))?.1;
            let values = values.split_once(']').map_or(values, |(values, _)| values);
            Some(values.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        };
        PolicyRule {
            api_groups: list("APIGroups").unwrap_or_default(),
            resources: list("Resources").unwrap_or_default(),
            resource_names: list("ResourceNames").unwrap_or_default(),
            non_resource_urls: list("NonResourceURLs").unwrap_or_default(),
            verbs: list("Verbs").unwrap_or_default(),
        }
    };
    text.split('{').skip(1).map(rule).filter(|rule| !rule.verbs.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_the_api_server_lists_them() {
        let text = "\n{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"a\"], Verbs:[\"get\" \"list\"]}\n{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}";
        let rules = parsed(text);
        assert_eq!(
            (&rules[0].verbs[..], &rules[0].resource_names[..]),
            (&["get".to_owned(), "list".to_owned()][..], &["a".to_owned()][..])
        );
        assert_eq!(rules[1].non_resource_urls, ["/metrics"]);
    }
}
