//! Collecting an inventory: which accounts and clusters, what of each, and what couldn't be read.

mod account;
mod cluster;
mod folder;
mod iam;
mod kubernetes;
mod organization;
mod run;
mod secrets;
mod tags;
mod targets;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use facts::{AccountId, ClusterArn, Gap};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Access, AuthoritiesError, Kubeconfig};
pub(crate) use kubernetes::enter;
pub use tags::{Tag, TagError};

/// What to collect, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which clusters; their accounts come with them.
    pub targets: Targets,
    /// Whose credentials are used in which account.
    pub access: Access,
    /// How to get into clusters where tokens of EKS aren't wanted.
    pub kubeconfig: Option<Kubeconfig>,
    /// Whether the hub is the cluster that this runs in, as whichever service account it runs.
    pub in_cluster: bool,
    /// Argo CD's namespace on the hub.
    pub argocd_namespace: String,
    /// How many accounts and clusters are read at once.
    pub parallelism: usize,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// Which clusters, as far as that is known before anything is read.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// The cluster that runs Argo CD.
    pub hub: Option<ClusterArn>,
    /// Clusters that somebody named.
    pub clusters: BTreeSet<ClusterArn>,
    /// Where to look for more.
    pub discover: Discover,
}

impl Targets {
    /// The account of one of them, the hub's first.
    fn account(&self) -> Option<&AccountId> {
        self.hub.iter().chain(&self.clusters).map(|arn| &arn.account).next()
    }

    /// A region of one of them.
    fn region(&self) -> Option<String> {
        let named = self.hub.iter().chain(&self.clusters).map(|arn| arn.region.clone()).next();
        match &self.discover {
            Discover::Organization { regions, .. } => named.or_else(|| regions.first().cloned()),
            _ => named,
        }
    }
}

/// Where clusters are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Discover {
    /// Nowhere: all are named.
    #[default]
    Nothing,
    /// Among the cluster Secrets of Argo CD on the hub.
    ClusterSecrets,
    /// In all accounts of the organisation, in these regions.
    Organization {
        /// For example `eu-west-1`; none means the one that the environment or the profile names.
        regions: Vec<String>,
        /// What a cluster has to be tagged with, all of it.
        tags: Vec<Tag>,
    },
}

/// What was collected.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// The accounts whose IAM was asked for.
    pub accounts: Vec<String>,
    /// The clusters, by ARN.
    pub clusters: Vec<String>,
    /// How many requests to AWS it took, with those that were repeated.
    pub aws_requests: usize,
    /// How many requests to API servers it took.
    pub kubernetes_requests: usize,
    /// What couldn't be read; the same stands in `gaps.json`.
    pub gaps: Vec<Gap>,
}

/// Whoever watches it.
pub trait Watch: Sync {
    /// There are so many more accounts and clusters to read.
    fn found(&self, more: usize);
    /// One of them is done.
    fn done(&self);
}

/// Why nothing was collected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else's folder.
    #[error("`{folder}` holds `{file}`, which is no part of an inventory")]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// What is in it.
        file: String,
    },
    /// A folder or file that can't be written.
    #[error("`{path}` can't be written: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No list of accounts, so nothing to go by.
    #[error("the organisation's accounts can't be listed: {0}")]
    Organization(String),
    /// Certificate authorities that can't be used.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// Nothing says where to look for clusters.
    #[error("neither `--region` nor the environment or the profile names a region to look for clusters in")]
    Region,
    /// Somebody ended it.
    #[error("interrupted: nothing was written")]
    Interrupted,
    /// No async runtime.
    #[error("no requests can be made: {0}")]
    Runtime(io::Error),
}

/// Reads everything and puts the inventory in the place of the one that was there; nothing is changed anywhere else.
///
/// What can't be read is a gap. Nothing is written where nothing could be.
///
/// # Errors
/// Where the folder can't be written, or where it isn't known what to read.
pub fn collect(options: &Options, folder: &Path, watch: &dyn Watch) -> Result<Collection, Error> {
    to_the_end(run::run(options, folder, watch))
}

/// Waits for all that is asked, unless somebody ends it.
pub(crate) fn to_the_end<T>(asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(async {
        tokio::select! {
            answered = asking => answered,
            Ok(()) = tokio::signal::ctrl_c() => Err(Error::Interrupted),
        }
    })
}

/// Accounts in the order of their ids, each with a region in which it has a cluster.
type Accounts = std::collections::BTreeMap<AccountId, String>;
