//! Applying a plan: each step by the calls that its object takes, make before break, and asking until what was written is seen.
//!
//! Nothing is decided here that the plan doesn't say; what is added is when: `graph` says what comes after what, `schedule` what may
//! begin, `world` does it.

mod access_entry;
mod annotation;
mod authentication_mode;
mod aws_auth;
mod connection;
mod graph;
mod iam_role;
mod journal;
mod kubernetes;
mod oidc_provider;
mod patience;
mod permitted;
mod pod_identity;
mod removals;
#[cfg(test)]
mod requests;
mod restart;
mod run;
mod schedule;
mod stale;
#[cfg(test)]
mod tests;
mod world;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use argocd::Need;
use aws_smithy_async::time::TimeSource as _;
use facts::ClusterArn;
use plan::{ObjectId, Step};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{AuthoritiesError, aws::clock::Clock, collect};
use journal::Journal;
pub use removals::removals;
pub use stale::stale;

/// What to apply, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How to get into accounts and clusters; its targets are the fleet's.
    pub way_in: collect::Options,
    /// The fleet's name, which is in the marks of what is Oarlock's.
    pub fleet: String,
    /// How long something may take to be seen.
    pub wait: Duration,
    /// Whether fields that somebody else sets are taken over.
    pub force_conflicts: bool,
    /// Whether API servers are only asked what they would do.
    pub dry_run: bool,
}

/// A cluster that Argo CD deploys to, as far as the gates ask about it.
#[derive(Clone, Debug)]
pub struct Spoke {
    /// Which.
    pub arn: ClusterArn,
    /// Its name in Argo CD.
    pub name: String,
    /// Addresses by which Applications may mean it.
    pub servers: Vec<String>,
    /// What has to be allowed, and to whom.
    pub asked: Vec<Asked>,
}

/// Who has to be allowed something.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who.
    pub who: Who,
    /// What.
    pub needs: Vec<Need>,
}

/// How a cluster knows somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By the access entry of a role, with these groups at least.
    Entry {
        /// The role's ARN.
        principal: String,
        /// Its groups.
        groups: Vec<String>,
    },
    /// As a service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// What an object was when it was read: it is deleted only if it still is that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.resourceVersion`
    pub resource_version: String,
}

/// Everything that a run goes by.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// The steps of a plan that was made just now.
    pub steps: Vec<Step>,
    /// The digest under which the journal knows the plan.
    pub plan: String,
    /// The clusters.
    pub spokes: Vec<Spoke>,
    /// Of the objects in clusters that are to go.
    pub versions: BTreeMap<ObjectId, Version>,
    /// Of the clusters whose description was read: EKS isn't asked for it again.
    pub addresses: BTreeMap<ClusterArn, Address>,
}

/// Where an API server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `endpoint`
    pub endpoint: String,
    /// `certificateAuthority.data`
    pub certificate_authority: String,
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// `+`, `~`, `-/+`, `-`, `!` as the plan has them, `-` for what an object loses, `?` for a question.
    pub sign: &'static str,
    /// The cluster or account.
    pub place: String,
    /// What was done or asked.
    pub what: String,
    /// How it ended.
    pub result: Result,
    /// Why, where it isn't simply done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What of the plan it was about; absent for questions.
    #[serde(skip)]
    pub object: Option<ObjectId>,
}

impl Item {
    /// What was removed, and seen to be gone.
    pub fn removed(&self) -> Option<&ObjectId> {
        self.object.as_ref().filter(|_| self.sign == "-" && self.result == Result::Done)
    }
}

/// How something ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Result {
    /// Done, and seen to be as it should be.
    Done,
    /// Left for another time, or not seen.
    Pending,
    /// It failed.
    Failed,
    /// It wasn't begun, since something else failed, or somebody ended the run.
    Stopped,
}

/// How often was asked, what is read before planning aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// Requests to AWS, repeated ones too; those for credentials aside.
    pub aws: usize,
    /// Those of them that are about an account, to IAM and STS, by its id.
    pub accounts: BTreeMap<String, usize>,
    /// Those that are about a cluster, to EKS and to its API server, by its ARN.
    pub clusters: BTreeMap<String, OfCluster>,
}

/// How often was asked about a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfCluster {
    /// Requests to EKS.
    pub eks: usize,
    /// Requests to its API server, reviews among them.
    pub requests: usize,
    /// Reviews of access.
    pub reviews: usize,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// How each part of it ended, in the order of the plan.
    pub items: Vec<Item>,
    /// What it took.
    pub requests: Requests,
}

/// Whoever watches it.
pub trait Watch {
    /// There are so many tasks.
    fn begin(&self, tasks: usize);
    /// One has ended.
    fn ended(&self, item: &Item);
}

/// Why nothing was applied, or why applying ended at once.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal can't be written, so nothing goes on.
    #[error("`{path}` can't be written or read: {source}")]
    Journal {
        /// The state folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Certificate authorities that can't be used.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// No async runtime.
    #[error("no requests can be made: {0}")]
    Runtime(io::Error),
}

/// A state folder with its journal, which no other run uses meanwhile.
pub struct State {
    journal: Journal,
    folder: PathBuf,
}

impl State {
    /// Opens it. `plan` is the digest of the plan that will be applied.
    ///
    /// # Errors
    /// Where it can't be written, holds no journal of ours, or another run has it.
    pub fn open(folder: &Path, plan: String) -> std::result::Result<Self, Error> {
        let journal = Journal::open(folder, plan)
            .map_err(|source| Error::Journal { path: folder.to_owned(), source })?;
        Ok(Self { journal, folder: folder.to_owned() })
    }

    /// Whether a run of this very plan has begun a step.
    pub fn has_begun(&self, object: &ObjectId) -> bool {
        self.journal.has_begun(object)
    }

    /// Makes restarts that an earlier run left behind steps again.
    pub fn revive(&self, steps: &mut [Step]) {
        self.journal.revive(steps);
    }
}

/// Does the work, and says how each part of it ended.
///
/// It may end at any point and be begun again. Ctrl-C lets what is under way end and begins nothing else.
///
/// # Errors
/// Where the journal can't be written.
pub fn apply(
    options: &Options,
    work: &Work,
    state: &mut State,
    watch: &dyn Watch,
) -> std::result::Result<Applied, Error> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let folder = state.folder.clone();
    runtime.block_on(async {
        let world = world::World::new(options, work).await?;
        let limit = options.way_in.parallelism.max(1);
        let done = run::run(&world, work, &mut state.journal, limit, options.dry_run, watch).await;
        let items = done.map_err(|source| Error::Journal { path: folder, source })?;
        Ok(Applied { items, requests: world.requests().await })
    })
}

/// The digest of a plan's steps.
pub fn digest(steps: &[Step]) -> String {
    let text = serde_json::to_string(steps).unwrap_or_default();
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `2026-01-02T03:04:05Z`, as Kubernetes writes times. What Argo CD has done since is told by its clusters' clocks, which are AWS's.
fn now() -> String {
    let now = aws_smithy_types::DateTime::from(Clock::of_this_machine().now());
    let whole = aws_smithy_types::DateTime::from_secs(now.secs());
    // Years outside of what ISO 8601 writes in four digits aren't ours.
    whole.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap_or_default()
}
