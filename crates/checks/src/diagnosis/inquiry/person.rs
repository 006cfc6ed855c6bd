//! Whether Argo CD's own RBAC lets somebody do something (util/rbac/rbac.go, `EnforceErr`).

use std::collections::BTreeMap;

use access::{
    At, Hop, Passes,
    argocd_rbac::{ArgocdRbac, Ask, Subject},
};
use facts::{ClusterArn, Gap, Outcome};
use inventory::{Inventory, KubernetesObject};

use super::Inquiry;
use crate::diagnosis::{change::Change, diagnosed::Diagnosed};

/// Who asks Argo CD for what.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    hub: ClusterArn,
    namespace: String,
    subject: String,
    ask: Ask,
}

impl Person {
    /// From a refusal.
    pub(super) fn of(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Self, Gap> {
        let argocd = inquiry.argocd()?;
        let part = |name: &str| error.part(name).unwrap_or_default();
        let subject = error.part("subject");
        let subject = subject.ok_or_else(|| {
            Gap::new("who asked", "the message has no `sub`").filled_by("the log of argocd-server")
        })?;
        Ok(Self {
            hub: argocd.hub.clone(),
            namespace: argocd.namespace.clone(),
            subject: subject.to_owned(),
            ask: Ask::new(part("resource"), part("action"), part("object")),
        })
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let Ask { resource, action, object } = &self.ask;
        format!("whether Argo CD lets `{}` `{action}` {resource} `{object}`", self.subject)
    }

    /// By the subject alone: groups are in no message.
    pub(super) fn hop(&self, inventory: &Inventory) -> Hop {
        let hop = |passes, by| Hop::new(At::ArgocdRbac, passes, by);
        let maps = inventory.clusters.get(&self.hub).map(|hub| hub.kubernetes.list("configmaps"));
        if let Some(Err(gap)) = maps {
            return hop(Passes::Unknown { missing: vec![gap] }, "what argocd-rbac-cm allows".to_owned());
        }
        let hop =
            |passes, by| Hop { place: self.map(inventory).map(|map| map.place.clone()), ..hop(passes, by) };
        match self.rbac(inventory).decide(&Subject::new(&self.subject), &self.ask) {
            Outcome::Allowed { by } => hop(Passes::Yes, by.to_string()),
            Outcome::Denied { by } => hop(Passes::No, format!("denied by {by}")),
            Outcome::NotAllowed => {
                let who = &self.subject;
                hop(
                    Passes::No,
                    format!(
                        "no policy gives it to `{who}` itself, and none of its groups, which the message doesn't name"
                    ),
                )
            }
            Outcome::Unknown { missing } => {
                hop(Passes::Unknown { missing }, "what argocd-rbac-cm allows".to_owned())
            }
        }
    }

    /// The line that allows it and nothing else.
    pub(super) fn change(&self, inventory: &Inventory) -> Option<Change> {
        let Ask { resource, action, object } = &self.ask;
        let own = self.map(inventory)?.body.text("/data/policy.csv");
        let before = own
            .as_deref()
            .map(str::trim_end)
            .filter(|text| !text.is_empty())
            .map(|text| format!("{text}\n"))
            .unwrap_or_default();
        let line = format!("p, {}, {resource}, {action}, {object}, allow", self.subject);
        let (hub, namespace) = (self.hub.clone(), self.namespace.clone());
        Some(Change::Policy { hub, namespace, csv: format!("{before}{line}\n"), line })
    }

    fn map<'i>(&self, inventory: &'i Inventory) -> Option<&'i KubernetesObject> {
        inventory.clusters.get(&self.hub)?.kubernetes.find(
            "configmaps",
            Some(&self.namespace),
            "argocd-rbac-cm",
        )
    }

    fn rbac(&self, inventory: &Inventory) -> ArgocdRbac {
        let hub = inventory.clusters.get(&self.hub);
        hub.map_or_else(
            || ArgocdRbac::of_config(&BTreeMap::new()).0,
            |hub| access::rbac_of_argocd(hub, &self.namespace),
        )
    }
}
