//! Claims: what identities of Argo CD have to be allowed on a cluster, and whether the chain allows it today.

use std::collections::BTreeMap;

use argocd::Identity;
use facts::{ClusterArn, Verdict};
use inventory::Cluster;
use rayon::prelude::*;
use rbac::{Held, Permission, PermissionSet};

use crate::{
    Who,
    accounts::Accounts,
    authorization::Authorizers,
    can::identify,
    hop::{At, Hop, Passes, distinct, verdict},
    installation::Installation,
    through_argocd,
    way::Way,
};

/// Something that has to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// To whom.
    pub identity: Identity,
    /// What.
    pub permission: Permission,
}

/// A claim, and whether it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The claim.
    pub claim: Claim,
    /// Whether all hops pass for every request that it is about; if not, the one that ends it.
    pub verdict: Verdict<Hop>,
}

/// What was found of a cluster's claims.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// How each identity comes to the cluster, and whom it takes it for.
    pub ways: Vec<(Identity, Vec<Hop>)>,
    /// The claims, in the order in which they were given.
    pub claims: Vec<Verified>,
}

/// Whether claims hold on a cluster.
pub fn verify(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    arn: &ClusterArn,
    claims: impl IntoIterator<Item = Claim>,
) -> Verification {
    match accounts.cluster(arn) {
        Ok(cluster) => verify_with(accounts, argocd, (arn, cluster), &Authorizers::of(cluster), claims),
        Err(gap) => {
            let verdict = Verdict::Unknown { missing: vec![gap] };
            let claims = claims.into_iter().map(|claim| Verified { claim, verdict: verdict.clone() });
            Verification { claims: claims.collect(), ..Verification::default() }
        }
    }
}

/// The same on a cluster that was read, with its authorizers.
pub fn verify_with(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    (arn, cluster): (&ClusterArn, &Cluster),
    authorizers: &Authorizers,
    claims: impl IntoIterator<Item = Claim>,
) -> Verification {
    let claims: Vec<Claim> = claims.into_iter().collect();
    let mut known: BTreeMap<Identity, Arrived> = BTreeMap::new();
    for Claim { identity, .. } in &claims {
        if !known.contains_key(identity) {
            let way = through_argocd::way_of(accounts, argocd, identity, arn, authorizers);
            known.insert(identity.clone(), held(way, cluster, authorizers));
        }
    }
    let verified = claims.into_par_iter().map(|claim| {
        let verdict = match known.get(&claim.identity) {
            Some((_, Ok(held))) => one(&claim.permission, held),
            Some((_, Err(verdict))) => verdict.clone(),
            None => Verdict::Unknown { missing: Vec::new() },
        };
        Verified { claim, verdict }
    });
    let claims = verified.collect();
    Verification { ways: known.into_iter().map(|(identity, (hops, _))| (identity, hops)).collect(), claims }
}

/// All hops of an identity up to who it is on a cluster, and what it holds there, or how all its claims end before.
type Arrived = (Vec<Hop>, Result<Held, Verdict<Hop>>);

/// What an identity holds on a cluster to which it comes so, or how all its claims end before; with all hops up to that.
fn held(way: Way, cluster: &Cluster, authorizers: &Authorizers) -> Arrived {
    let Way { mut hops, end } = way;
    let held = match &end {
        None => None,
        Some(Who::Kubernetes(identity)) => Some(authorizers.held_by_rbac(identity)),
        Some(Who::Iam(caller)) => {
            let (hop, identity) = identify(cluster, caller);
            hops.push(hop);
            identity.map(|identity| {
                let namespaces = cluster.kubernetes.list("namespaces").ok();
                let namespaces: Option<Vec<&str>> =
                    namespaces.map(|all| all.iter().map(|namespace| namespace.name.as_str()).collect());
                authorizers.held(&identity, namespaces.as_deref())
            })
        }
    };
    let ending = match (verdict(&hops), held) {
        (Passes::No, _) => Err(violated(&hops)),
        (Passes::Yes, Some(held)) => Ok(held),
        (Passes::Yes, None) => Err(Verdict::Unknown { missing: Vec::new() }),
        (Passes::Unknown { missing }, None) => Err(Verdict::Unknown { missing }),
        // What is allowed at the end may not get there. What is refused there is unknown, too: what was read of the way may be wrong.
        (Passes::Unknown { missing }, Some(held)) => {
            let unknown = distinct([missing, held.unknown].concat());
            Ok(Held { permissions: PermissionSet::new(), unknown })
        }
    };
    (hops, ending)
}

fn violated(hops: &[Hop]) -> Verdict<Hop> {
    let witness = hops.iter().find(|hop| hop.passes == Passes::No);
    witness.map_or(Verdict::Unknown { missing: Vec::new() }, |hop| Verdict::Violated { witness: hop.clone() })
}

fn one(permission: &Permission, held: &Held) -> Verdict<Hop> {
    if held.permissions.contains(permission) {
        return Verdict::Holds;
    }
    if !held.unknown.is_empty() {
        return Verdict::Unknown { missing: held.unknown.clone() };
    }
    let hop = Hop::no(At::Authorization, format!("neither RBAC nor an access policy allows {permission}"));
    Verdict::Violated {
        witness: hop.changed_by(format!("bind a role that allows {permission} and nothing else")),
    }
}
