//! From an IAM caller to its Kubernetes identity on an EKS cluster: access entries, aws-auth, and which of them counts.
//!
//! What EKS documents is from its User Guide and API; the rest is how aws-iam-authenticator v0.7.18 does it, of which EKS
//! runs a version of its own. Mappers are asked in turn, and the first that knows the caller decides (pkg/server/server.go,
//! `doMapping`): access entries before aws-auth (EKS User Guide, "Migrating existing aws-auth ConfigMap entries to access
//! entries").

pub mod aws_auth;
mod caller;
mod entry;
mod identity;
mod instant;
mod mapped;
mod mode;
mod name;
mod principals;
mod refusal;

use facts::Gap;
use inventory::Cluster;

pub use aws_auth::AwsAuth;
pub use caller::{Caller, CallerError};
pub use identity::{By, ClusterIdentity};
pub use mode::AuthenticationMode;
pub use name::Name;
pub(crate) use principals::named;
pub use principals::{Member, Principals, Who, principals};
pub use refusal::Refusal;

/// Who a caller is on a cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// This one.
    Identity(Box<ClusterIdentity>),
    /// Nobody: the API server answers 401.
    Nobody {
        /// All reasons: there would have been several ways in.
        why: Vec<Refusal>,
    },
    /// Not enough is known to decide.
    Unknown {
        /// What would have to be known.
        missing: Vec<Gap>,
    },
}

/// Who a caller is on a cluster.
pub fn resolve(cluster: &Cluster, caller: &Caller) -> Resolved {
    resolve_as(cluster, caller, Entries::Dated)
}

/// How far access entries are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entries {
    /// Only if the dates tell that the principal is the one that the entry was made for.
    Dated,
    /// As if nobody had ever made a principal again.
    Fresh,
    /// As if everybody had made theirs again.
    Stale,
}

fn resolve_as(cluster: &Cluster, caller: &Caller, entries: Entries) -> Resolved {
    match AuthenticationMode::of(cluster) {
        Ok(mode) => in_mode(mode, cluster, caller, entries),
        Err(gap) => {
            let all = AuthenticationMode::ALL.map(|mode| in_mode(mode, cluster, caller, entries));
            unanimous(gap, all)
        }
    }
}

/// What holds in every mode holds without knowing the mode.
fn unanimous(gap: Gap, all: [Resolved; 3]) -> Resolved {
    let mut missing = vec![gap];
    let mut refusals = Vec::new();
    for answer in &all {
        match answer {
            Resolved::Unknown { missing: more } => missing.extend(more.iter().cloned()),
            Resolved::Nobody { why } => refusals.extend(why.iter().cloned()),
            Resolved::Identity(_) => {}
        }
    }
    let [first, rest @ ..] = all;
    let is_nobody = |answer: &Resolved| matches!(answer, Resolved::Nobody { .. });
    if is_nobody(&first) && rest.iter().all(is_nobody) {
        return Resolved::Nobody { why: distinct(refusals) };
    }
    let same = matches!(first, Resolved::Identity(_)) && rest.iter().all(|answer| *answer == first);
    if same { first } else { Resolved::Unknown { missing: distinct(missing) } }
}

fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    all.into_iter().fold(Vec::new(), |mut kept, next| {
        if !kept.contains(&next) {
            kept.push(next);
        }
        kept
    })
}

/// What a mapper says: it decides, or leaves the caller to the next one.
enum Step {
    Decided(Resolved),
    Next(Vec<Refusal>),
}

impl From<Result<ClusterIdentity, Refusal>> for Resolved {
    fn from(result: Result<ClusterIdentity, Refusal>) -> Self {
        match result {
            Ok(identity) => Self::Identity(Box::new(identity)),
            Err(refusal) => Self::Nobody { why: vec![refusal] },
        }
    }
}

fn in_mode(mode: AuthenticationMode, cluster: &Cluster, caller: &Caller, entries: Entries) -> Resolved {
    if mode == AuthenticationMode::ConfigMap && caller.created_cluster == Some(true) {
        return ClusterIdentity::creator(caller).into();
    }
    let mut why = Vec::new();
    if mode.reads_entries() {
        match entry::step(cluster, caller, entries) {
            Step::Decided(resolved) => return resolved,
            Step::Next(refusals) => why.extend(refusals),
        }
    } else {
        why.extend(entry::unread(cluster, caller));
    }
    if mode.reads_aws_auth() {
        match mapped::step(cluster, caller) {
            Step::Decided(resolved) => return with_creator(mode, caller, resolved),
            Step::Next(refusals) => why.extend(refusals),
        }
    } else {
        why.extend(mapped::unread(cluster, caller));
    }
    with_creator(mode, caller, Resolved::Nobody { why })
}

/// In authentication mode `CONFIG_MAP` anybody may be the creator. Who is mapped is at least that; who isn't may be all.
fn with_creator(mode: AuthenticationMode, caller: &Caller, resolved: Resolved) -> Resolved {
    if mode != AuthenticationMode::ConfigMap || caller.created_cluster.is_some() {
        return resolved;
    }
    let gap = creator_gap(&format!("whether `{}` created the cluster", caller.arn()));
    match resolved {
        Resolved::Nobody { .. } => Resolved::Unknown { missing: vec![gap] },
        Resolved::Identity(mut identity) => {
            identity.notes.push(gap);
            Resolved::Identity(identity)
        }
        unknown @ Resolved::Unknown { .. } => unknown,
    }
}

fn creator_gap(what: &str) -> Gap {
    Gap::new(what, "in authentication mode CONFIG_MAP its creator is in `system:masters`, and no call of the API tells who that is")
        .filled_by("look for `CreateCluster` in CloudTrail, or change the mode to API_AND_CONFIG_MAP, which makes the creator an access entry")
}
