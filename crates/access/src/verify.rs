//! Claims: what identities of Argo CD have to be allowed on a cluster, and whether the chain allows it today.

use std::collections::BTreeMap;

use argocd::{Identity, Need};
use facts::{ClusterArn, Verdict};
use inventory::Cluster;
use rayon::prelude::*;
use rbac::{Held, Permission, PermissionSet, escalation};

use crate::{
    Who,
    accounts::Accounts,
    authorization::{Authorizers, certain},
    can::identify,
    cluster_identity::ClusterIdentity,
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
    /// Whether RBAC itself has to give it, as the escalation check wants it of whoever writes roles and bindings.
    pub in_rbac: bool,
}

impl From<Need> for Claim {
    fn from(Need { identity, permission, in_rbac, .. }: Need) -> Self {
        Self { identity, permission, in_rbac }
    }
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
            Some((_, Ok(held))) => held.verdict(&claim),
            Some((_, Err(verdict))) => verdict.clone(),
            None => Verdict::Unknown { missing: Vec::new() },
        };
        Verified { claim, verdict }
    });
    let claims = verified.collect();
    Verification { ways: known.into_iter().map(|(identity, (hops, _))| (identity, hops)).collect(), claims }
}

/// All hops of an identity up to who it is on a cluster, and what it holds there, or how all its claims end before.
type Arrived = (Vec<Hop>, Result<Holding, Verdict<Hop>>);

/// What an identity holds on a cluster.
struct Holding {
    /// By all authorizers.
    held: Held,
    /// By RBAC alone, where there are others.
    by_rbac: Option<PermissionSet>,
}

/// What an identity holds on a cluster to which it comes so, or how all its claims end before; with all hops up to that.
fn held(way: Way, cluster: &Cluster, authorizers: &Authorizers) -> Arrived {
    let Way { mut hops, end } = way;
    let holding = match &end {
        None => None,
        Some(Who::Kubernetes(identity)) => Some(Holding::of_user(authorizers.held_by_rbac(identity))),
        Some(Who::Iam(caller)) => {
            let (hop, identity) = identify(cluster, caller);
            hops.push(hop);
            identity.map(|identity| Holding::of_caller(&identity, cluster, authorizers))
        }
    };
    let ending = match (verdict(&hops), holding) {
        (Passes::No, _) => Err(violated(&hops)),
        (Passes::Yes, Some(holding)) => Ok(holding),
        (Passes::Yes, None) => Err(Verdict::Unknown { missing: Vec::new() }),
        (Passes::Unknown { missing }, None) => Err(Verdict::Unknown { missing }),
        // What is allowed at the end may not get there. What is refused there is unknown, too: what was read of the way may be wrong.
        (Passes::Unknown { missing }, Some(Holding { held, .. })) => {
            let unknown = distinct([missing, held.unknown].concat());
            Ok(Holding::of_user(Held { permissions: PermissionSet::new(), unknown }))
        }
    };
    (hops, ending)
}

fn violated(hops: &[Hop]) -> Verdict<Hop> {
    let witness = hops.iter().find(|hop| hop.passes == Passes::No);
    witness.map_or(Verdict::Unknown { missing: Vec::new() }, |hop| Verdict::Violated { witness: hop.clone() })
}

impl Holding {
    /// Somebody without access policies.
    fn of_user(held: Held) -> Self {
        Self { held, by_rbac: None }
    }

    fn of_caller(identity: &ClusterIdentity, cluster: &Cluster, authorizers: &Authorizers) -> Self {
        let namespaces = cluster.kubernetes.list("namespaces").ok();
        let namespaces: Option<Vec<&str>> =
            namespaces.map(|all| all.iter().map(|namespace| namespace.name.as_str()).collect());
        let held = authorizers.held(identity, namespaces.as_deref());
        let has_policies = identity.associations.known().is_none_or(|policies| !policies.is_empty());
        let by_rbac = has_policies.then(|| authorizers.held_by_rbac(&certain(identity)).permissions);
        Self { held, by_rbac }
    }

    fn verdict(&self, Claim { permission, in_rbac, .. }: &Claim) -> Verdict<Hop> {
        let is_held = self.held.permissions.contains(permission);
        if is_held && (!in_rbac || self.counts_for_escalation(permission)) {
            return Verdict::Holds;
        }
        if !self.held.unknown.is_empty() {
            return Verdict::Unknown { missing: self.held.unknown.clone() };
        }
        let hop = if is_held {
            let why = format!(
                "an access policy allows {permission}, which doesn't count for who writes a role or binding with it"
            );
            Hop::no(At::Escalation, why)
        } else {
            Hop::no(At::Authorization, format!("neither RBAC nor an access policy allows {permission}"))
        };
        let change = format!("bind a role that allows {permission} and nothing else");
        Verdict::Violated { witness: hop.changed_by(change) }
    }

    /// Whether RBAC gives what somebody holds, or the check isn't made of him.
    fn counts_for_escalation(&self, permission: &Permission) -> bool {
        let in_rbac = self.by_rbac.as_ref().is_none_or(|by_rbac| by_rbac.contains(permission));
        in_rbac
            || escalation::frees_all(permission.scope())
                .iter()
                .all(|free| self.held.permissions.contains(free))
    }
}
