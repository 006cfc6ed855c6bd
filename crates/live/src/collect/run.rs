//! The run itself: the hub first, if it has to say what else there is, then everything at once.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use facts::{AccountId, ClusterArn, Gap};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    Accounts, Collection, Discover, Error, Options, Watch, cluster::Target, folder::Folder, targets,
};
use crate::{aws::Aws, cause::Cause};

/// One account or cluster may take so many times as long as one answer, and never as long as a token lasts.
const ANSWERS: u32 = 20;
const LONGEST: Duration = Duration::from_secs(13 * 60);

/// An answer for which several wait.
type AskedOnce = Arc<OnceCell<Result<Value, Cause>>>;

/// What all have in common that read something.
pub(super) struct Run<'a> {
    pub(super) options: &'a Options,
    pub(super) aws: Aws,
    pub(super) folder: Folder,
    pub(super) kubernetes_requests: AtomicUsize,
    gaps: Mutex<BTreeSet<Gap>>,
    clusters: Mutex<BTreeSet<ClusterArn>>,
    /// Of the clusters that were described.
    pub(super) endpoints: Mutex<BTreeSet<String>>,
    /// The access policies that EKS has, by the account that asked and the region: a list that its clusters share.
    pub(super) access_policies: Mutex<BTreeMap<(AccountId, String), AskedOnce>>,
}

/// What is read on its own, and whose failure is nobody else's.
enum Unit {
    Account(AccountId, String),
    Cluster(Target),
    Organization(Vec<AccountId>),
}

pub(super) async fn run(options: &Options, folder: &Path, watch: &dyn Watch) -> Result<Collection, Error> {
    let run = Run {
        options,
        aws: Aws::load(options.access.clone(), options.timeout).await?,
        folder: Folder::new(folder)?,
        kubernetes_requests: AtomicUsize::default(),
        gaps: Mutex::default(),
        clusters: Mutex::default(),
        endpoints: Mutex::default(),
        access_policies: Mutex::default(),
    };
    let accounts = run.everything(watch).await?;
    run.finish(&accounts)
}

impl Run<'_> {
    async fn everything(&self, watch: &dyn Watch) -> Result<Accounts, Error> {
        let given = &self.options.targets;
        let mut accounts = Accounts::new();
        let mut all: Vec<Target> = given.clusters.iter().cloned().map(Target::named).collect();
        let mut secrets = Vec::new();
        if let Some(hub) = &given.hub {
            let target = Target { is_hub: true, ..Target::named(hub.clone()) };
            watch.found(1);
            secrets = self.hub(&target).await?;
            watch.done();
            accounts.insert(hub.account.clone(), hub.region.clone());
        }
        match (&given.discover, &given.hub) {
            (Discover::ClusterSecrets, Some(hub)) => all.extend(targets::of_secrets(hub, &secrets)),
            (Discover::Organization { regions, tags }, _) => {
                self.of_organization(regions, tags, &mut all, &mut accounts).await?
            }
            _ => {}
        }
        let all = each_once(all, given.hub.as_ref());
        for target in all.values() {
            accounts.entry(target.arn.account.clone()).or_insert_with(|| target.arn.region.clone());
        }
        self.secrets(&secrets).await?;
        let mut units = vec![Unit::Organization(accounts.keys().cloned().collect())];
        units.extend(accounts.iter().map(|(id, region)| Unit::Account(id.clone(), region.clone())));
        units.extend(all.into_values().map(Unit::Cluster));
        self.all_at_once(units, watch).await?;
        if given.discover == Discover::ClusterSecrets {
            let unknown = targets::unknown(&secrets, &self.seen_clusters(), &locked(&self.endpoints));
            unknown.into_iter().for_each(|gap| self.gap(gap));
        }
        Ok(accounts)
    }

    /// Reads the hub, and gives Argo CD's Secrets as they were written down.
    async fn hub(&self, target: &Target) -> Result<Vec<Value>, Error> {
        let secrets = Mutex::new(Vec::new());
        self.in_time(&target.arn.to_string(), self.cluster(target, Some(&secrets))).await?;
        Ok(secrets.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    async fn all_at_once(&self, units: Vec<Unit>, watch: &dyn Watch) -> Result<(), Error> {
        watch.found(units.len());
        let reading = stream::iter(units.into_iter().map(Ok));
        reading
            .try_for_each_concurrent(self.options.parallelism.max(1), async |unit| {
                match &unit {
                    Unit::Account(id, region) => {
                        self.in_time(&format!("account `{id}`"), self.account(id, region)).await?;
                    }
                    Unit::Cluster(target) => {
                        self.in_time(&target.arn.to_string(), self.cluster(target, None)).await?;
                    }
                    Unit::Organization(accounts) => {
                        self.in_time("the organisation", self.organization(accounts)).await?;
                    }
                }
                watch.done();
                Ok(())
            })
            .await
    }

    /// One that hangs is given up; what it has told stays.
    async fn in_time(
        &self,
        what: &str,
        reading: impl Future<Output = Result<(), Error>>,
    ) -> Result<(), Error> {
        let limit = (self.options.timeout * ANSWERS).min(LONGEST);
        match tokio::time::timeout(limit, reading).await {
            Ok(read) => read,
            Err(_) => {
                self.gap(Gap::new(
                    format!("the rest of {what}"),
                    format!("it took longer than {} s", limit.as_secs()),
                ));
                Ok(())
            }
        }
    }

    /// Writes an answer down, or why there is none.
    pub(super) fn keep(
        &self,
        path: &str,
        answer: Result<Value, Cause>,
        gap: impl FnOnce(&Cause) -> Gap,
    ) -> Result<Option<Value>, Error> {
        match answer {
            Ok(value) => {
                self.folder.write(path, &value)?;
                Ok(Some(value))
            }
            Err(cause) => {
                self.gap(gap(&cause));
                Ok(None)
            }
        }
    }

    /// Asks the same of several, a few at once, in the order in which they are given.
    pub(super) async fn each<T, F: Future<Output = Result<(), Error>>>(
        &self,
        all: impl IntoIterator<Item = T>,
        ask: impl Fn(T) -> F,
    ) -> Result<(), Error> {
        // As many as `aws::http` lets through.
        stream::iter(all).map(ask).buffered(4).try_collect::<Vec<()>>().await.map(drop)
    }

    pub(super) fn gap(&self, gap: Gap) {
        locked(&self.gaps).insert(gap);
    }

    pub(super) fn saw(&self, arn: &ClusterArn) {
        locked(&self.clusters).insert(arn.clone());
    }

    fn seen_clusters(&self) -> BTreeSet<ClusterArn> {
        locked(&self.clusters).clone()
    }

    fn finish(self, accounts: &Accounts) -> Result<Collection, Error> {
        let gaps: Vec<Gap> = locked(&self.gaps).iter().cloned().collect();
        if !gaps.is_empty() {
            self.folder.write("gaps.json", &json!(gaps))?;
        }
        let collection = Collection {
            accounts: accounts.keys().map(ToString::to_string).collect(),
            clusters: self.seen_clusters().iter().map(ToString::to_string).collect(),
            aws_requests: self.aws.calls().len(),
            kubernetes_requests: self.kubernetes_requests.load(Ordering::Relaxed),
            gaps,
        };
        self.folder.publish()?;
        Ok(collection)
    }
}

/// The clusters but for the hub, which has been read.
fn each_once(all: Vec<Target>, hub: Option<&ClusterArn>) -> BTreeMap<ClusterArn, Target> {
    let mut once: BTreeMap<ClusterArn, Target> = BTreeMap::new();
    for target in all.into_iter().filter(|target| Some(&target.arn) != hub) {
        match once.entry(target.arn.clone()) {
            Entry::Vacant(free) => drop(free.insert(target)),
            Entry::Occupied(mut taken) => taken.get_mut().merge(target),
        }
    }
    once
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
