//! Everybody who is somebody on a cluster.

use std::collections::BTreeSet;

use facts::{AccountId, Gap};
use inventory::{Cluster, Known};

use super::{
    AuthenticationMode, AwsAuth, By, Caller, ClusterIdentity, Entries, Name, Resolved,
    aws_auth::Item,
    caller::{Kind, Principal},
    creator_gap, distinct, entry, mapped,
    name::OWN_ARN,
    resolve_as,
};

/// Who has an identity on a cluster, and what isn't known of that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Principals {
    /// Sorted by their ARNs.
    pub members: Vec<Member>,
    /// There may be others, as long as these aren't filled.
    pub missing: Vec<Gap>,
}

/// Somebody with an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Who it is to IAM.
    pub who: Who,
    /// Who it is to Kubernetes; its names vary where they depend on the session.
    pub identity: ClusterIdentity,
    /// What decides whether it is this one, and isn't known here: whether the principal is the one that its access entry was
    /// made for. If not, it is what aws-auth makes it, which is then another member. [`resolve`](super::resolve) decides
    /// with the principal's own date.
    pub depends_on: Vec<Gap>,
}

/// Whom IAM knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A role without its path, a user with it, or an account's root user.
    Arn(String),
    /// Everybody of an account who isn't named otherwise.
    Account(String),
}

/// All IAM principals that are somebody on a cluster, or may be: whether an access entry is an earlier principal's, the
/// cluster alone doesn't tell.
pub fn principals(cluster: &Cluster) -> Principals {
    let mut found = Principals::default();
    let mode = AuthenticationMode::of(cluster);
    let mode = mode.unwrap_or_else(|gap| {
        found.missing.push(gap);
        AuthenticationMode::ApiAndConfigMap
    });
    let mut arns = Vec::new();
    if mode.reads_entries() {
        arns.extend(of_entries(cluster, &mut found.missing));
    }
    if mode.reads_aws_auth() {
        arns.extend(of_aws_auth(cluster, &mut found));
    }
    if mode == AuthenticationMode::ConfigMap {
        found.missing.push(creator_gap("who created the cluster"));
    }
    arns.sort();
    arns.dedup_by_key(|arn| arn.to_lowercase());
    arns.iter().for_each(|arn| found.add(cluster, arn));
    found.missing = distinct(found.missing);
    found.members.sort_by(|a, b| a.who.cmp(&b.who));
    found
}

/// Whom a cluster names, whatever comes of it.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// ARNs as the authenticator compares them, in lower case.
    pub(crate) arns: BTreeSet<String>,
    /// Whole accounts.
    pub(crate) accounts: BTreeSet<String>,
    /// Others may be somebody there, as long as these aren't filled.
    pub(crate) missing: Vec<Gap>,
}

/// Whom access entries and aws-auth of a cluster name.
pub(crate) fn named(cluster: &Cluster) -> Named {
    let (mut found, mut missing) = (Principals::default(), Vec::new());
    let mode = AuthenticationMode::of(cluster).unwrap_or(AuthenticationMode::ApiAndConfigMap);
    let mut arns = Vec::new();
    if mode.reads_entries() {
        arns.extend(of_entries(cluster, &mut missing));
    }
    if mode.reads_aws_auth() {
        arns.extend(of_aws_auth(cluster, &mut found));
    }
    if mode == AuthenticationMode::ConfigMap {
        missing.push(creator_gap("who created the cluster"));
    }
    missing.append(&mut found.missing);
    let accounts = found.members.into_iter().filter_map(|member| match member.who {
        Who::Account(account) => Some(account),
        Who::Arn(_) => None,
    });
    let arns = arns.into_iter().map(|arn| arn.to_lowercase()).collect();
    Named { arns, accounts: accounts.collect(), missing }
}

fn of_entries(cluster: &Cluster, missing: &mut Vec<Gap>) -> Vec<String> {
    match &cluster.access_entries {
        Known::Gap(gap) => {
            missing.push(gap.clone());
            Vec::new()
        }
        Known::Known(entries) => entries.values().filter_map(|entry| canonical(&entry.principal)).collect(),
    }
}

fn of_aws_auth(cluster: &Cluster, found: &mut Principals) -> Vec<String> {
    let map = match AwsAuth::of(cluster) {
        Ok(map) => map,
        Err(gap) => {
            found.missing.push(gap);
            return Vec::new();
        }
    };
    let gaps = [map.roles.gap("mapRoles"), map.users.gap("mapUsers"), map.accounts.gap("mapAccounts")];
    found.missing.extend(gaps.into_iter().flatten());
    let counting = |item: &&Item| item.counts();
    let sso = map.roles.items.iter().filter(counting);
    let sso = sso.filter(|item| item.sso.as_ref().is_some_and(|sso| sso.partition.is_empty()));
    found.missing.extend(sso.map(mapped::sso_gap));
    found.members.extend(accounts(&map));
    let items = map.roles.items.iter().chain(&map.users.items).filter(counting);
    items.filter_map(|item| canonical(&item.arn)).collect()
}

/// Of whole accounts: the user name is each one's own ARN.
fn accounts(map: &AwsAuth) -> impl Iterator<Item = Member> + use<> {
    let place = map.place.clone();
    let ids = map.accounts.items.iter().filter(|account| AccountId::is(account)).cloned();
    let ids: BTreeSet<String> = ids.collect();
    ids.into_iter().filter_map(move |account| {
        let by = By::MapAccounts { account: account.clone(), place: place.clone()? };
        // Any caller of the account gives the same groups.
        let root = Caller::new(&format!("arn:aws:iam::{account}:root")).ok()?;
        let mut identity = ClusterIdentity::new("", [], &root, by).ok()?;
        identity.username = Name::Varies(OWN_ARN.to_owned());
        Some(Member { who: Who::Account(account), identity, depends_on: Vec::new() })
    })
}

/// Of aws-auth even `ARN:AWS:…` matches, since case is no matter.
fn canonical(arn: &str) -> Option<String> {
    let of = |arn: &str| Principal::of(arn).ok().map(|(principal, _)| principal.arn);
    of(arn).or_else(|| of(&arn.to_lowercase()))
}

impl Principals {
    fn add(&mut self, cluster: &Cluster, arn: &str) {
        let Ok(caller) = Caller::new(arn) else { return };
        // The path of a role isn't known here, nor when it was created.
        let caller = anywhere(caller);
        let depends_on = match resolve_as(cluster, &caller, Entries::Fresh) {
            Resolved::Identity(identity) => {
                let depends_on = depends_on(cluster, &identity);
                self.member(arn, *identity, &depends_on);
                depends_on
            }
            Resolved::Unknown { missing } => return self.missing.extend(missing),
            Resolved::Nobody { .. } => return,
        };
        if depends_on.is_empty() {
            return;
        }
        match resolve_as(cluster, &caller, Entries::Stale) {
            Resolved::Identity(identity) => self.member(arn, *identity, &depends_on),
            Resolved::Unknown { missing } => self.missing.extend(missing),
            Resolved::Nobody { .. } => {}
        }
    }

    fn member(&mut self, arn: &str, identity: ClusterIdentity, depends_on: &[Gap]) {
        let who = Who::Arn(arn.to_owned());
        self.members.push(Member { who, identity, depends_on: depends_on.to_vec() });
    }
}

fn anywhere(mut caller: Caller) -> Caller {
    caller.principal.path = None;
    caller.created_cluster = Some(false);
    caller
}

/// What an access entry's identity hangs on.
fn depends_on(cluster: &Cluster, identity: &ClusterIdentity) -> Vec<Gap> {
    let By::AccessEntry { principal: arn, .. } = &identity.by else { return Vec::new() };
    let entry =
        cluster.access_entries.known().and_then(|entries| entries.values().find(|e| e.principal == *arn));
    let principal = Principal::of(arn).ok();
    entry.zip(principal).map_or_else(Vec::new, |(entry, (principal, _))| match principal.kind {
        Kind::Root => Vec::new(),
        _ => entry::undated(entry, &principal, None),
    })
}
