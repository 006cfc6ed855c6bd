//! AWS and the clusters as those who do the tasks: one file for each kind of object says by which calls.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use facts::{AccountId, ClusterArn};
use plan::{Action, Location, Object, Owner, ROLE_ANNOTATION, ROLE_MAPPING, Step};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};

use super::{
    Address, Options, Requests, Spoke, Work, access_entry, annotation, authentication_mode, aws_auth,
    connection,
    graph::Task,
    iam_role, kubernetes, oidc_provider,
    patience::{Patience, Trouble},
    permitted, pod_identity, restart,
    run::Perform,
};
use crate::{
    aws::{AuthoritiesError, Aws, Session, answer::answer},
    cause::Cause,
    collect::enter,
    kubernetes::{Api, Counts},
};

/// For so long a way into a cluster is used: its token lasts a quarter of an hour.
const WAY_LASTS: Duration = Duration::from_secs(8 * 60);

/// For so long a list of Applications is as good as a new one: nobody who waits for Argo CD is kept longer by it.
const LIST_LASTS: Duration = Duration::from_secs(2);

const APPLICATIONS: &str = "/apis/argoproj.io/v1alpha1/applications";

/// An API server as it is reached, and since when; none before somebody has.
type Way = Option<(Instant, Arc<Api>)>;

pub(crate) struct World<'a> {
    pub(crate) options: &'a Options,
    pub(crate) work: &'a Work,
    pub(crate) patience: Patience,
    aws: Aws,
    ways: Mutex<HashMap<ClusterArn, Arc<Mutex<Way>>>>,
    applications: Mutex<Option<(Instant, Arc<Value>)>>,
    /// How often each way that was made was asked, those that are used no more as well.
    asked: Mutex<Vec<(ClusterArn, Arc<Counts>)>>,
}

impl<'a> World<'a> {
    pub(crate) async fn new(options: &'a Options, work: &'a Work) -> Result<Self, AuthoritiesError> {
        let aws = Aws::load(options.way_in.access.clone(), options.way_in.timeout).await?;
        Ok(Self::with(options, work, aws))
    }

    pub(super) fn with(options: &'a Options, work: &'a Work, aws: Aws) -> Self {
        Self {
            options,
            work,
            patience: Patience::new(options.wait),
            aws,
            ways: Mutex::default(),
            applications: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    pub(crate) async fn account(&self, account: &AccountId) -> Result<Session, Cause> {
        let targets = &self.options.way_in.targets;
        let known = targets.hub.iter().chain(&targets.clusters);
        let there = known.clone().find(|arn| arn.account == *account);
        // IAM is one for a partition: any of its regions says which.
        let region = there.or_else(|| known.clone().next()).map(|arn| arn.region.clone());
        self.aws.session(account, &region.unwrap_or_default()).await
    }

    pub(crate) async fn eks(&self, cluster: &ClusterArn) -> Result<aws_sdk_eks::Client, Cause> {
        Ok(self.aws.session(&cluster.account, &cluster.region).await?.eks_of(cluster))
    }

    /// The API server of a cluster. Whoever comes while somebody else looks for the way waits for that one.
    pub(crate) async fn api(&self, cluster: &ClusterArn) -> Result<Arc<Api>, Cause> {
        let way = Arc::clone(self.ways.lock().await.entry(cluster.clone()).or_default());
        let mut way = way.lock().await;
        if let Some((_, api)) = way.as_ref().filter(|(made, _)| made.elapsed() < WAY_LASTS) {
            return Ok(Arc::clone(api));
        }
        let api = Arc::new(self.enter(cluster).await?);
        self.asked.lock().await.push((cluster.clone(), api.counts()));
        *way = Some((Instant::now(), Arc::clone(&api)));
        Ok(api)
    }

    async fn enter(&self, cluster: &ClusterArn) -> Result<Api, Cause> {
        let is_hub = self.hub() == Some(cluster);
        let session = self.aws.session(&cluster.account, &cluster.region).await;
        let described = match (self.work.addresses.get(cluster), &session) {
            (Some(Address { endpoint, certificate_authority }), _) => {
                let authority = json!({ "data": certificate_authority });
                Some(json!({ "cluster": { "endpoint": endpoint, "certificateAuthority": authority } }))
            }
            (None, Ok(session)) => {
                answer!(session.eks_of(cluster).describe_cluster().name(&cluster.name)).ok()
            }
            (None, Err(_)) => None,
        };
        enter(&self.options.way_in, cluster, is_hub, session.as_ref(), described.as_ref()).await
    }

    /// Argo CD's Applications. A list is read for all who ask at about the same time: what it shows was so, and who wants to see more asks again.
    pub(crate) async fn applications(&self) -> Result<Arc<Value>, Cause> {
        let mut kept = self.applications.lock().await;
        if let Some((_, list)) = kept.as_ref().filter(|(read, _)| read.elapsed() < LIST_LASTS) {
            return Ok(Arc::clone(list));
        }
        let hub = self.hub().ok_or_else(|| Cause::new("no hub is known"))?;
        // Asked for anew: waiting may take longer than a token lasts.
        let list = Arc::new(self.api(hub).await?.read(APPLICATIONS).await?);
        *kept = Some((Instant::now(), Arc::clone(&list)));
        Ok(list)
    }

    /// How often AWS and the API servers were asked so far.
    pub(crate) async fn requests(&self) -> Requests {
        let mut requests = Requests { aws: self.aws.calls().len(), ..Requests::default() };
        for (place, number) in self.aws.calls_by_place() {
            if place.starts_with("arn:") {
                requests.clusters.entry(place.to_string()).or_default().eks = number;
            } else {
                requests.accounts.insert(place.to_string(), number);
            }
        }
        for (arn, counts) in self.asked.lock().await.iter() {
            let own = requests.clusters.entry(arn.to_string()).or_default();
            own.requests += counts.requests.load(Ordering::Relaxed);
            own.reviews += counts.reviews.load(Ordering::Relaxed);
        }
        requests
    }

    pub(crate) fn hub(&self) -> Option<&ClusterArn> {
        self.options.way_in.targets.hub.as_ref()
    }

    fn spoke(&self, at: usize) -> Result<&Spoke, Trouble> {
        self.work.spokes.get(at).ok_or_else(|| Trouble::Failed("no such cluster".to_owned()))
    }

    fn step(&self, at: usize) -> Result<&Step, Trouble> {
        self.work.steps.get(at).ok_or_else(|| Trouble::Failed("no such step".to_owned()))
    }

    async fn put(&self, step: &Step, since: Option<&str>) -> Result<(), Trouble> {
        let Some(desired) = &step.desired else {
            return Err(Trouble::Failed("the plan doesn't say what it should be".to_owned()));
        };
        match (&desired.object, &desired.location) {
            (Object::IamRole(role), _) => iam_role::put(self, role, &step.action).await,
            (Object::OidcProvider(provider), _) => oidc_provider::put(self, provider).await,
            (Object::AuthenticationMode(wanted), _) => authentication_mode::put(self, wanted).await,
            (Object::AccessEntry(entry), _) => access_entry::put(self, entry, &step.action).await,
            (Object::PodIdentityAssociation(wanted), _) => pod_identity::put(self, wanted).await,
            (Object::Kubernetes(object), Location::Cluster(arn)) => {
                kubernetes::put(self, arn, object, step).await
            }
            (Object::Restart(wanted), _) => restart::restart(self, wanted, since).await,
            (Object::Kubernetes(_), _) => {
                Err(Trouble::Failed("a Kubernetes object belongs into a cluster".to_owned()))
            }
        }
    }

    async fn delete(&self, step: &Step) -> Result<(), Trouble> {
        let (kind, name) = (step.object.kind.as_str(), step.object.name.as_str());
        let owned = step.owner == Owner::Owned;
        match (&step.object.location, kind) {
            (Location::Account(account), "iam role") => iam_role::delete(self, account, name, owned).await,
            (Location::Account(_), _) => {
                Err(Trouble::Failed("others may use it, too: no plan removes it".to_owned()))
            }
            (Location::Eks(arn), "access entry") => access_entry::delete(self, arn, name, owned).await,
            (Location::Eks(arn), _) => pod_identity::delete(self, arn, name, owned).await,
            (Location::Cluster(arn), ROLE_ANNOTATION) => annotation::delete(self, arn, step).await,
            (Location::Cluster(arn), ROLE_MAPPING) => aws_auth::delete(self, arn, step).await,
            (Location::Cluster(arn), _) => kubernetes::delete(self, arn, step).await,
        }
    }
}

impl Perform for World<'_> {
    async fn perform(&self, task: &Task, since: Option<&str>) -> Result<(), Trouble> {
        match task {
            Task::Step(at) => match self.step(*at)? {
                step if step.action == Action::Delete => self.delete(step).await,
                step => self.put(step, since).await,
            },
            Task::Revoke(at) => {
                let step = self.step(*at)?;
                match step.desired.as_ref().map(|desired| &desired.object) {
                    Some(Object::IamRole(role)) => iam_role::revoke(self, role, step).await,
                    Some(Object::AccessEntry(entry)) => access_entry::revoke(self, entry, step).await,
                    _ => Err(Trouble::Failed("nothing is known to be taken from this".to_owned())),
                }
            }
            Task::Access(at) => permitted::verify(self, self.spoke(*at)?).await,
            Task::Connection(at) => connection::verify(self, self.spoke(*at)?, since).await,
        }
    }

    async fn interrupted(&self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.patience.interrupted.store(true, Ordering::Relaxed);
    }
}
