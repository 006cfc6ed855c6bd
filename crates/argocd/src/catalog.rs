//! Which resource a kind is: from the cluster, from the manifests' own definitions, else Kubernetes' own.

use inventory::{ApiResource, Discovery};

use crate::Deployment;

/// All that is known of kinds, in the order in which it is believed.
pub(crate) struct Catalog<'a> {
    cluster: Option<&'a Discovery>,
    shipped: Discovery,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(cluster: Option<&'a Discovery>, deployments: &[&Deployment]) -> Self {
        let mut shipped = Discovery::default();
        for resource in deployments.iter().flat_map(|deployment| &deployment.definitions) {
            shipped.insert(resource.clone());
        }
        Self { cluster, shipped }
    }

    /// The resource of a kind; `None` where nothing knows it.
    pub(crate) fn resource(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.cluster
            .and_then(|cluster| cluster.resource(group, kind))
            .or_else(|| self.shipped.resource(group, kind))
            .or_else(|| Discovery::builtin().resource(group, kind))
    }

    /// Whether a kind is one of Kubernetes' own.
    pub(crate) fn is_own(&self, group: &str, kind: &str) -> bool {
        Discovery::builtin().resource(group, kind).is_some()
    }

    /// Every kind that is known to be served, or will be once the manifests are applied.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ApiResource> {
        let cluster = self.cluster.unwrap_or_else(|| Discovery::builtin());
        cluster.iter().chain(self.shipped.iter())
    }
}
