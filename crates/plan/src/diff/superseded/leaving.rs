//! Clusters that Argo CD leaves, and what stays where a whole fleet ends.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{ClusterSecret, SECRET_TYPE_LABEL};
use facts::{ClusterArn, Finding, RoleArn, Severity};
use fleet::{Fleet, Install};
use inventory::{Cluster, Inventory, Known, KubernetesObject};

use super::{Finder, REMOVAL_LEFT_BEHIND, rbac};
use crate::{ObjectId, capability, diff::is_marked};

/// By the Secrets Argo CD knows the clusters that it leaves: while one is there, a cluster without access is an error in Argo CD.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    secrets: BTreeSet<ObjectId>,
    of: BTreeMap<ClusterArn, BTreeSet<ObjectId>>,
}

impl Leaving {
    pub(super) fn of(fleet: &Fleet, inventory: &Inventory) -> Self {
        let servers = |cluster: &fleet::Cluster| servers(cluster, inventory.clusters.get(&cluster.arn));
        let named = fleet.leaving.iter().flat_map(|own| servers(own).into_iter().map(|url| (url, &own.arn)));
        let left: BTreeMap<String, &ClusterArn> = named.collect();
        let mut leaving = Self::default();
        let hub = inventory.clusters.get(&fleet.hub.arn).filter(|_| !left.is_empty());
        let secrets = hub.and_then(|hub| hub.kubernetes.list("secrets").ok()).unwrap_or_default();
        let here = secrets.iter().filter(|s| s.namespace.as_ref() == Some(&fleet.hub.argocd.namespace));
        for (secret, read) in here.filter_map(|secret| Some((secret, read(secret)?))) {
            if let Some(cluster) = left.get(&read.server) {
                let id = rbac::id(&fleet.hub.arn, secret);
                leaving.of.entry((*cluster).clone()).or_default().insert(id.clone());
                leaving.secrets.insert(id);
            }
        }
        leaving
    }

    /// The Secrets of a cluster that Argo CD leaves.
    pub(super) fn secrets(&self, cluster: &ClusterArn) -> impl Iterator<Item = &ObjectId> {
        self.of.get(cluster).into_iter().flatten()
    }

    /// Whether this is the Secret of such a cluster.
    pub(super) fn is_secret(&self, object: &ObjectId) -> bool {
        self.secrets.contains(object)
    }
}

fn read(secret: &KubernetesObject) -> Option<ClusterSecret> {
    let labels = secret.body.at("/metadata/labels")?;
    let is_cluster = labels.get(SECRET_TYPE_LABEL).is_some_and(|kind| kind == "cluster");
    is_cluster.then(|| access::read_cluster_secret(secret)).flatten()
}

/// By these a Secret may name it.
fn servers(cluster: &fleet::Cluster, described: Option<&Cluster>) -> Vec<String> {
    let described = described.and_then(|described| described.description.known()?.endpoint.as_deref());
    let urls = [cluster.endpoint.as_deref(), described].into_iter().flatten();
    let urls = urls.map(|url| url.trim_end_matches('/').to_owned());
    urls.chain([cluster.arn.to_string()]).collect()
}

impl Finder<'_> {
    /// The Secrets of clusters that Argo CD leaves: before all else that goes there.
    pub(super) fn secrets_of_left(&mut self, inventory: &Inventory) {
        let arn = &self.fleet.hub.arn;
        let hub = inventory.clusters.get(arn);
        let secrets = hub.and_then(|hub| hub.kubernetes.list("secrets").ok()).unwrap_or_default();
        for secret in secrets {
            if self.leaving.is_secret(&rbac::id(arn, secret)) {
                self.secret(arn, secret);
            }
        }
    }

    /// What must have happened before something goes on a cluster.
    pub(super) fn before_removal(&self, arn: &ClusterArn) -> Vec<ObjectId> {
        let mut before = self.replacements.on(arn);
        before.extend(self.leaving.secrets(arn).cloned());
        before
    }

    /// Why a way by which Argo CD has come goes.
    pub(super) fn no_more(&self, arn: &ClusterArn, way: &str, replaced_by: &str) -> String {
        match self.fleet.leaves(arn) {
            true => format!("{way}; it leaves this cluster"),
            false => format!("{way}; the plan's own {replaced_by} replaces it"),
        }
    }

    /// The capability that a role or its entry on the hub can't be taken from, in words.
    pub(super) fn capability_of(&self, role: &RoleArn, inventory: &Inventory) -> Option<String> {
        let there = match capability::capabilities(self.fleet, Some(inventory)) {
            Some(Known::Known(capabilities)) => capabilities,
            _ if self.fleet.hub.argocd.install != Install::EksCapability => return None,
            _ => return Some("the EKS capability, which wasn't read, may still have it".to_owned()),
        };
        let has = |capability: &inventory::Capability| {
            capability.details.known().is_none_or(|details| details.role == *role)
        };
        let (name, _) = there.iter().find(|(_, capability)| has(capability))?;
        Some(format!("the EKS capability `{name}` has it"))
    }

    /// The same of an access entry: only on the hub a capability needs its own.
    pub(super) fn capability_on(
        &self,
        arn: &ClusterArn,
        principal: &str,
        inventory: &Inventory,
    ) -> Option<String> {
        let is_own = *arn == self.fleet.hub.arn && self.fleet.leaves(arn);
        if is_own { self.capability_of(&principal.parse().ok()?, inventory) } else { None }
    }

    /// What a capability has stays as long as the capability.
    pub(super) fn keep_for_capability(&mut self, object: &ObjectId, capability: &str) {
        let hub = &self.fleet.hub.arn;
        let message = format!("{object} of {}: {capability}, so the plan leaves it", object.location);
        let finding = Finding::new(REMOVAL_LEFT_BEHIND, Severity::Warning, message).with_help(format!(
            "delete the capability first, if nobody needs it: `aws eks delete-capability --cluster-name {} --region {} --capability-name …`, then run this again",
            hub.name, hub.region
        ));
        self.found.findings.push(finding);
    }

    /// OIDC providers stay where the fleet ends: all that uses IRSA on the hub shares them.
    pub(super) fn keep_providers(&mut self, inventory: &Inventory) {
        for (account, own) in &inventory.accounts {
            for (host, provider) in own.oidc_providers.known().into_iter().flatten() {
                if !is_marked(|key| provider.tags.get(key).map(String::as_str), &self.fleet.name) {
                    continue;
                }
                let arn = format!("arn:{}:iam::{account}:oidc-provider/{host}", self.fleet.hub.arn.partition);
                let message = format!("`{arn}` stays: all that uses IRSA on the hub shares it");
                let finding = Finding::new("oidc-provider-stays", Severity::Note, message).with_help(format!(
                    "if no role trusts it any more: `aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {arn}`"
                ));
                self.found.findings.push(finding);
            }
        }
    }
}
