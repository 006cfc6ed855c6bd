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
    cluster_identity::{self, Resolved},
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

/// Whether claims hold on a cluster, in the order in which they are given.
pub fn verify(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    arn: &ClusterArn,
    claims: impl IntoIterator<Item = Claim>,
) -> Vec<Verified> {
    let claims: Vec<Claim> = claims.into_iter().collect();
    let mut known: BTreeMap<Identity, Result<Held, Verdict<Hop>>> = BTreeMap::new();
    let cluster = match accounts.cluster(arn) {
        Ok(cluster) => cluster,
        Err(gap) => {
            let verdict = Verdict::Unknown { missing: vec![gap] };
            return claims.into_iter().map(|claim| Verified { claim, verdict: verdict.clone() }).collect();
        }
    };
    let authorizers = Authorizers::of(cluster);
    for Claim { identity, .. } in &claims {
        if !known.contains_key(identity) {
            let way = through_argocd::way_of(accounts, argocd, identity, arn, &authorizers);
            known.insert(identity.clone(), held(&way, cluster, &authorizers));
        }
    }
    let verified = claims.into_par_iter().map(|claim| {
        let verdict = match known.get(&claim.identity) {
            Some(Ok(held)) => one(&claim.permission, held),
            Some(Err(verdict)) => verdict.clone(),
            None => Verdict::Unknown { missing: Vec::new() },
        };
        Verified { claim, verdict }
    });
    verified.collect()
}

/// What an identity holds on a cluster to which it comes so; or how all its claims end before.
fn held(way: &Way, cluster: &Cluster, authorizers: &Authorizers) -> Result<Held, Verdict<Hop>> {
    let mut missing = match verdict(&way.hops) {
        Passes::Yes => Vec::new(),
        Passes::Unknown { missing } => missing,
        Passes::No => return Err(violated(&way.hops)),
    };
    let Some(who) = &way.end else { return Err(Verdict::Unknown { missing }) };
    let mut held = match who {
        Who::Kubernetes(identity) => authorizers.held_by_rbac(identity),
        Who::Iam(caller) => match cluster_identity::resolve(cluster, caller) {
            Resolved::Identity(identity) => {
                let namespaces = cluster.kubernetes.list("namespaces").ok();
                let namespaces: Option<Vec<&str>> =
                    namespaces.map(|all| all.iter().map(|namespace| namespace.name.as_str()).collect());
                authorizers.held(&identity, namespaces.as_deref())
            }
            Resolved::Nobody { why } => {
                let why: Vec<String> = why.iter().map(ToString::to_string).collect();
                let witness = Hop::no(At::ClusterIdentity, why.join("; "));
                return Err(Verdict::Violated { witness });
            }
            Resolved::Unknown { missing: more } => {
                missing.extend(more);
                return Err(Verdict::Unknown { missing: distinct(missing) });
            }
        },
    };
    // What is allowed at the end may not get there. What is refused there is unknown, too: what was read of the way may be wrong.
    if !missing.is_empty() {
        held.unknown.extend(missing);
        held = Held { permissions: PermissionSet::new(), unknown: distinct(held.unknown) };
    }
    Ok(held)
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
