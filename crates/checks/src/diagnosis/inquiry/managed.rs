//! What of a cluster a cluster Secret lets Argo CD manage: everything, or some namespaces (gitops-engine/pkg/cache/cluster.go,
//! `GetManagedLiveObjs`).

use access::{At, Hop, Passes};
use argocd::ClusterSecret;
use facts::{ClusterArn, Gap};
use inventory::Inventory;

use super::Inquiry;
use crate::diagnosis::{
    change::{Change, SecretField},
    diagnosed::Diagnosed,
};

/// A namespace, or what is in none, that a cluster Secret has to list.
#[derive(Clone, Debug)]
pub(crate) struct Managed {
    hub: ClusterArn,
    namespace: String,
    secret: String,
    /// None: objects of the cluster itself.
    wanted: Option<String>,
}

impl Managed {
    /// From an error.
    pub(super) fn of(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Self, Gap> {
        let argocd = inquiry.argocd()?;
        let cluster = inquiry.place(error)?;
        let (object, _) = inquiry.secret_of(&cluster).ok_or_else(|| {
            Gap::new(
                format!("the cluster Secret of `{}`", cluster.name),
                "none in the inventory has its server",
            )
        })?;
        Ok(Self {
            hub: argocd.hub.clone(),
            namespace: argocd.namespace.clone(),
            secret: object.name.clone(),
            wanted: error.part("namespace").map(str::to_owned),
        })
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let what = self
            .wanted
            .as_ref()
            .map_or_else(|| "cluster-scoped objects".to_owned(), |own| format!("namespace `{own}`"));
        format!("whether the cluster Secret `{}` has {what} managed", self.secret)
    }

    /// Whether it does.
    pub(super) fn hop(&self, inventory: &Inventory) -> Hop {
        let hop = |passes, by: String| Hop::new(At::ClusterSecret, passes, by);
        let Some(secret) = self.secret(inventory) else {
            return hop(Passes::No, format!("the Secret `{}` can't be read", self.secret));
        };
        let name = &self.secret;
        match &self.wanted {
            _ if secret.namespaces.is_empty() => {
                hop(Passes::Yes, format!("`{name}` has no `namespaces`: all is managed"))
            }
            None if secret.cluster_resources => {
                hop(Passes::Yes, format!("`clusterResources` of `{name}` is `true`"))
            }
            None => {
                hop(Passes::No, format!("`{name}` has `namespaces`, and its `clusterResources` isn't `true`"))
            }
            Some(own) if secret.namespaces.contains(own) => {
                hop(Passes::Yes, format!("`namespaces` of `{name}` has `{own}`"))
            }
            Some(own) => hop(
                Passes::No,
                format!("`namespaces` of `{name}` is `{}`, without `{own}`", secret.namespaces.join(",")),
            ),
        }
    }

    /// The field with which it is.
    pub(super) fn change(&self, inventory: &Inventory) -> Option<Change> {
        let mut namespaces = self.secret(inventory)?.namespaces;
        let (field, value) = match &self.wanted {
            None => (SecretField::ClusterResources, "true".to_owned()),
            Some(own) => {
                namespaces.push(own.clone());
                (SecretField::Namespaces, namespaces.join(","))
            }
        };
        let (hub, namespace, name) = (self.hub.clone(), self.namespace.clone(), self.secret.clone());
        Some(Change::Secret { hub, namespace, name, field, value: Some(value) })
    }

    fn secret(&self, inventory: &Inventory) -> Option<ClusterSecret> {
        let hub = inventory.clusters.get(&self.hub)?;
        access::read_cluster_secret(hub.kubernetes.find("secrets", Some(&self.namespace), &self.secret)?)
    }
}
