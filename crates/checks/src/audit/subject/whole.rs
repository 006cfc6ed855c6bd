//! The whole inventory as every scene asks it: what spans accounts and clusters is found once for all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use facts::Gap;
use inventory::{Cluster, Inventory, Known};

use super::alike::Alike;

/// An inventory, and what was found in it so far.
pub(crate) struct Whole<'i> {
    pub(crate) inventory: &'i Inventory,
    pub(crate) issuers: Issuers<'i>,
    tagged: OnceLock<BTreeSet<String>>,
    assumed: OnceLock<BTreeSet<String>>,
    alike: OnceLock<Alike>,
}

/// Clusters by the issuer of their tokens, as ARNs of providers and keys of conditions have it (host and path); and one whose issuer isn't
/// known.
#[derive(Debug)]
pub(crate) struct Issuers<'i> {
    pub(crate) clusters: BTreeMap<&'i str, &'i Cluster>,
    pub(crate) unread: Option<&'i Gap>,
}

impl<'i> Whole<'i> {
    pub(crate) fn new(inventory: &'i Inventory) -> Self {
        let (tagged, assumed, alike) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { inventory, issuers: Issuers::of(inventory), tagged, assumed, alike }
    }

    /// Which clusters have the same RBAC.
    pub(crate) fn alike(&self) -> &Alike {
        self.alike.get_or_init(|| Alike::of(self.inventory))
    }

    /// Roles that pods have by Pod Identity, with its session tags.
    pub(crate) fn tagged(&self) -> &BTreeSet<String> {
        self.tagged.get_or_init(|| {
            let clusters = self.inventory.clusters.values();
            let associations = clusters.filter_map(|cluster| cluster.pod_identity_associations.known());
            let all = associations.flat_map(BTreeMap::values);
            let tagged = all.filter(|association| !association.session_tags_disabled);
            tagged.filter_map(|association| Some(association.role.known()?.to_string())).collect()
        })
    }

    /// The roles that cluster Secrets name.
    pub(crate) fn assumed_by_argocd(&self) -> &BTreeSet<String> {
        self.assumed.get_or_init(|| {
            let clusters = self.inventory.clusters.values();
            let secrets = clusters.flat_map(|cluster| cluster.kubernetes.list("secrets").unwrap_or_default());
            let roles = secrets
                .filter_map(access::read_cluster_secret)
                .filter_map(|secret| Some(secret.config.aws_auth?.role_arn));
            roles.filter(|role| !role.is_empty()).collect()
        })
    }
}

impl<'i> Issuers<'i> {
    fn of(inventory: &'i Inventory) -> Self {
        let mut issuers = Self { clusters: BTreeMap::new(), unread: None };
        for cluster in inventory.clusters.values() {
            match &cluster.description {
                Known::Gap(gap) => issuers.unread = issuers.unread.or(Some(gap)),
                Known::Known(description) => {
                    let Some(url) = description.oidc_issuer.as_deref() else { continue };
                    let issuer = url.trim_start_matches("https://").trim_end_matches('/');
                    issuers.clusters.entry(issuer).or_insert(cluster);
                }
            }
        }
        issuers
    }
}
