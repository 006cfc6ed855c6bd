//! Everybody who may make a request on a cluster, each with the shortest way.

use std::collections::{BTreeMap, BTreeSet};

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
    /// An IAM principal that the cluster knows, or everybody of an account.
    Iam,
    /// Pods of a service account, by the AWS credentials that they have.
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

/// Everybody who may make a request: those whom bindings name, IAM principals, pods of any cluster by their roles and one that these
/// assume, and, with an Argo CD, its identities and the people whom it lets have it done.
pub fn who_can(
    accounts: &Accounts<'_>,
    argocd: Option<&Installation>,
    (arn, cluster): (&ClusterArn, &Cluster),
    request: &Request,
) -> WhoCan {
    let scene = Scene { accounts, arn, cluster, authorizers: Authorizers::of(cluster), request };
    let mut answer = WhoCan { holders: scene.bound(), missing: scene.authorizers.gaps().to_vec() };
    let iam = scene.iam(&mut answer.missing);
    let roles: Vec<RoleArn> = iam.iter().filter_map(|holder| holder.name.parse().ok()).collect();
    answer.holders.extend(iam);
    answer.holders.extend(scene.pods(&roles, &mut answer.missing));
    if let Some(argocd) = argocd {
        answer.holders.extend(scene.argocd(argocd));
    }
    answer.holders.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    answer.missing = distinct(answer.missing);
    answer
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

    /// Pods with AWS credentials of their own, on any cluster: as their own role, or as one that it assumes.
    fn pods(&self, roles: &[RoleArn], missing: &mut Vec<Gap>) -> Vec<Holder> {
        let mut accounts = BTreeSet::new();
        for (arn, cluster) in &self.inventory().clusters {
            missing.extend(service_account::with_credentials(arn, cluster, &mut accounts));
        }
        let accounts: Vec<ServiceAccount> = accounts.into_iter().collect();
        let holder = |account: &ServiceAccount| {
            let hops = self.shortest(account, roles)?;
            let ServiceAccount { cluster, namespace, name } = account;
            let name = format!("system:serviceaccount:{namespace}:{name} on {cluster}");
            Some(Holder { kind: HolderKind::Pod, name, hops })
        };
        accounts.par_iter().filter_map(holder).collect()
    }

    fn shortest(&self, account: &ServiceAccount, roles: &[RoleArn]) -> Option<Vec<Hop>> {
        let Arrival { hops, credentials } = service_account::credentials(self.accounts, account);
        let own = credentials.as_ref()?.role.clone();
        let chains = std::iter::once(Vec::new())
            .chain(roles.iter().filter(|role| **role != own).map(|role| vec![role.clone()]));
        let mut open = None;
        for chain in chains {
            let way = way::of_credentials(
                self.accounts,
                hops.clone(),
                credentials.clone(),
                &chain,
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
