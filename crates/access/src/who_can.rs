//! Everybody who may make a request on a cluster, each with the shortest way.

mod assuming;

use std::collections::{BTreeMap, BTreeSet};

use assuming::Assuming;
use facts::{ClusterArn, Gap, RoleArn};
use inventory::{Cluster, Inventory};
use rayon::prelude::*;
use rbac::{Identity, Request, Subject};

use crate::{
    Who,
    accounts::Accounts,
    authorization::Authorizers,
    can::{caller, can_by, can_with},
    cluster_identity::{self, principals},
    hop::{Hop, Passes, distinct, verdict},
    installation::Installation,
    person, service_account,
    service_account::{Arrival, ServiceAccount},
    through_argocd,
    way::{self, Way},
};

/// Somebody who may do it, or of whom it isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it is.
    pub kind: HolderKind,
    /// Its name, as [`can`](crate::can) takes it where it takes one.
    pub name: String,
    /// The shortest way that passes; if none does, one of which it isn't known.
    pub hops: Vec<Hop>,
}

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HolderKind {
    /// A group, as bindings name it.
    Group,
    /// A user, as bindings name it.
    User,
    /// A service account of the cluster.
    ServiceAccount,
    /// An IAM principal that the cluster knows, everybody of an account, or who may assume such a role.
    Iam,
    /// Pods of a service account, by the AWS credentials that they have; or those of a cluster that may find their node's.
    Pod,
    /// An identity of Argo CD.
    ArgoCd,
    /// Somebody whom Argo CD lets do it.
    Person,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Sorted by kind and name.
    pub holders: Vec<Holder>,
    /// There may be others, as long as these aren't filled.
    pub missing: Vec<Gap>,
}

impl HolderKind {
    /// As output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::User => "user",
            Self::ServiceAccount => "service-account",
            Self::Iam => "iam",
            Self::Pod => "pod",
            Self::ArgoCd => "argocd",
            Self::Person => "person",
        }
    }
}

/// Everybody who may make a request: those whom bindings name, IAM principals and those who may assume their roles, pods of any cluster
/// by the credentials that they have, and, with an Argo CD, its identities and the people whom it lets have it done.
pub fn who_can(
    accounts: &Accounts<'_>,
    argocd: Option<&Installation>,
    (arn, cluster): (&ClusterArn, &Cluster),
    request: &Request,
) -> WhoCan {
    let scene = Scene { accounts, arn, cluster, authorizers: Authorizers::of(cluster), request };
    let mut answer = WhoCan { holders: scene.bound(), missing: scene.authorizers.gaps().to_vec() };
    let iam = scene.iam(&mut answer.missing);
    let pods = scene.pods(&mut answer.missing);
    let assuming = assuming::of(&scene, (&iam, &roles_of(&pods)), &mut answer.missing);
    answer.holders.extend(scene.by_credentials(pods, &assuming));
    answer.holders.extend(with_assuming(iam, assuming));
    if let Some(argocd) = argocd {
        answer.holders.extend(scene.argocd(argocd));
    }
    answer.holders.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    answer.missing = distinct(answer.missing);
    answer
}

/// Pods, by the name that they have in an answer, with their credentials.
type Pods = Vec<(String, Arrival)>;

fn roles_of(pods: &Pods) -> BTreeSet<RoleArn> {
    let owners = pods.iter().filter_map(|(_, arrival)| arrival.credentials.as_ref());
    owners.filter_map(|credentials| credentials.owner.role().cloned()).collect()
}

/// Those whom the cluster knows, and those who assume their roles: whoever is both has the way that passes, if one does.
fn with_assuming(mut iam: Vec<Holder>, assuming: Assuming) -> Vec<Holder> {
    let mut ways: BTreeMap<String, Vec<Hop>> =
        assuming.ways.into_iter().map(|(owner, hops)| (owner.to_string(), hops)).collect();
    for own in &mut iam {
        let Some(hops) = ways.remove(&own.name) else { continue };
        if verdict(&own.hops) != Passes::Yes && verdict(&hops) == Passes::Yes {
            own.hops = hops;
        }
    }
    iam.extend(ways.into_iter().map(|(name, hops)| Holder { kind: HolderKind::Iam, name, hops }));
    iam
}

struct Scene<'a> {
    accounts: &'a Accounts<'a>,
    arn: &'a ClusterArn,
    cluster: &'a Cluster,
    authorizers: Authorizers,
    request: &'a Request,
}

impl Scene<'_> {
    fn inventory(&self) -> &Inventory {
        self.accounts.inventory()
    }

    fn can(&self, who: &Who) -> Vec<Hop> {
        can_with(self.cluster, &self.authorizers, who, self.request)
    }

    fn by(&self, way: &Way) -> Vec<Hop> {
        can_by(self.cluster, &self.authorizers, way, self.request)
    }

    /// The subjects of bindings. What wasn't read makes none of them uncertain: it is missing from the whole.
    fn bound(&self) -> Vec<Holder> {
        let mut subjects: BTreeMap<(HolderKind, String), Identity> =
            self.authorizers.subjects().filter_map(named).collect();
        // No binding has to name it.
        let masters = Identity::MASTERS.to_owned();
        subjects.insert((HolderKind::Group, masters.clone()), Identity::user("", [masters]));
        let holder = |((kind, name), identity): ((HolderKind, String), Identity)| {
            let hops = self.can(&Who::Kubernetes(identity));
            (verdict(&hops) == Passes::Yes).then_some(Holder { kind, name, hops })
        };
        subjects.into_iter().filter_map(holder).collect()
    }

    fn iam(&self, missing: &mut Vec<Gap>) -> Vec<Holder> {
        let known = principals(self.cluster);
        missing.extend(known.missing);
        let mut holders = Vec::new();
        for member in known.members {
            let (name, who) = match &member.who {
                // A role without its path: `caller` finds it. One that isn't there any more is nobody.
                cluster_identity::Who::Arn(arn) => match caller(self.inventory(), arn) {
                    Ok(caller) => (self.whole(arn), Who::Iam(caller)),
                    Err(_) => continue,
                },
                cluster_identity::Who::Account(account) => match member.identity.rbac() {
                    Some(identity) => (format!("account {account}"), Who::Kubernetes(identity)),
                    None => continue,
                },
            };
            let hops = self.can(&who);
            if verdict(&hops) != Passes::No && !holders.iter().any(|holder: &Holder| holder.name == name) {
                holders.push(Holder { kind: HolderKind::Iam, name, hops });
            }
        }
        holders
    }

    /// The ARN of a role with its path, where that is known.
    fn whole(&self, arn: &str) -> String {
        let role = arn.parse::<RoleArn>().ok();
        let own = role.and_then(|role| {
            let roles = self.inventory().accounts.get(&role.account)?.roles.known()?;
            Some(roles.get(&role.name)?.arn.to_string())
        });
        own.unwrap_or_else(|| arn.to_owned())
    }

    /// Pods on any cluster: those with AWS credentials of their own, and those that may find their node's.
    fn pods(&self, missing: &mut Vec<Gap>) -> Pods {
        let (mut accounts, mut pods) = (BTreeSet::new(), Pods::new());
        let clusters = self.inventory().clusters.par_iter().map(|(arn, cluster)| {
            let mut own = BTreeSet::new();
            let gaps = service_account::with_credentials(arn, cluster, &mut own);
            (arn, own, gaps, service_account::of_nodes(arn, cluster))
        });
        for (arn, own, gaps, arrivals) in clusters.collect::<Vec<_>>() {
            accounts.extend(own);
            missing.extend(gaps);
            let name = format!("without a role of their own on {arn}");
            match arrivals {
                Ok(arrivals) => pods.extend(arrivals.into_iter().map(|arrival| (name.clone(), arrival))),
                Err(gap) => missing.push(gap),
            }
        }
        let accounts: Vec<ServiceAccount> = accounts.into_iter().collect();
        let arrival = |account: &ServiceAccount| {
            let ServiceAccount { cluster, namespace, name } = account;
            let name = format!("system:serviceaccount:{namespace}:{name} on {cluster}");
            (name, service_account::credentials(self.accounts, account))
        };
        pods.extend(accounts.par_iter().map(arrival).collect::<Pods>());
        for (_, arrival) in pods.iter().filter(|(_, arrival)| arrival.credentials.is_none()) {
            if let Passes::Unknown { missing: gaps } = verdict(&arrival.hops) {
                missing.extend(gaps);
            }
        }
        pods
    }

    /// Pods that may, as the role whose credentials they have, or as others that this one assumes.
    fn by_credentials(&self, pods: Pods, assuming: &Assuming) -> Vec<Holder> {
        let holder = |(name, arrival): (String, Arrival)| {
            let hops = self.shortest(&arrival, assuming)?;
            Some(Holder { kind: HolderKind::Pod, name, hops })
        };
        let mut holders: Vec<Holder> = pods.into_par_iter().filter_map(holder).collect();
        // Of several roles of nodes the first that may is enough: none of them is certain.
        holders.dedup_by(|a, b| a.name == b.name);
        holders
    }

    fn shortest(&self, Arrival { hops, credentials }: &Arrival, assuming: &Assuming) -> Option<Vec<Hop>> {
        let itself = Vec::new();
        let chains = assuming.chains.get(&credentials.as_ref()?.owner).map_or(&[][..], Vec::as_slice);
        let mut open = None;
        for chain in std::iter::once(&itself).chain(chains) {
            let way = way::of_credentials(
                self.accounts,
                hops.clone(),
                credentials.clone(),
                chain,
                &self.arn.name,
                self.arn,
            );
            let hops = self.by(&way);
            match verdict(&hops) {
                Passes::Yes => return Some(hops),
                Passes::Unknown { .. } => open = open.or(Some(hops)),
                Passes::No => {}
            }
        }
        open
    }

    fn argocd(&self, argocd: &Installation) -> Vec<Holder> {
        let own = through_argocd::ways_of_argocd(self.accounts, argocd, self.arn, &self.authorizers);
        let own = own.into_iter().map(|(whose, way)| (HolderKind::ArgoCd, whose.to_string(), way));
        let people =
            person::ways_of_people(self.accounts, argocd, (self.arn, &self.authorizers), self.request);
        let people = people.into_iter().map(|(name, way)| (HolderKind::Person, name, way));
        let mut holders: Vec<Holder> = Vec::new();
        for (kind, name, way) in own.chain(people) {
            let hops = self.by(&way);
            let is_known = holders.iter().any(|known| known.kind == kind && known.name == name);
            if verdict(&hops) != Passes::No && !is_known {
                holders.push(Holder { kind, name, hops });
            }
        }
        holders
    }
}

fn named(subject: &Subject) -> Option<((HolderKind, String), Identity)> {
    let name = &subject.name;
    let (kind, shown, identity) = match subject.kind.as_str() {
        "User" => (HolderKind::User, name.clone(), Identity::user(name, BTreeSet::<String>::new())),
        "Group" => (HolderKind::Group, name.clone(), Identity::user("", [name])),
        "ServiceAccount" => {
            let namespace = subject.namespace.as_deref()?;
            let identity = Identity::service_account(namespace, name);
            (HolderKind::ServiceAccount, format!("system:serviceaccount:{namespace}:{name}"), identity)
        }
        _ => return None,
    };
    Some(((kind, shown), identity))
}
