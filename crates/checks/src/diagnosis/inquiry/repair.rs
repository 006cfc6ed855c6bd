//! The smallest repair: changes are tried on a copy of what they are about, and asked again.

use std::collections::BTreeSet;

use access::{At, Hop, Passes, verdict};
use facts::{AccountId, ClusterNames};
use inventory::Inventory;
use rbac::{Identity, Policy, authorize};

use super::{
    Inquiry,
    candidates::candidates,
    question::{Question, asked},
    rules,
};
use crate::diagnosis::{
    change::{self, Change},
    diagnosed::Diagnosed,
    signature::Asks,
};

/// So many hops are repaired one after the other.
const ROUNDS: usize = 6;

/// Changes that together repair an error, as far as the engine can tell.
#[derive(Clone, Debug)]
pub struct Repair {
    /// In the order in which they are needed.
    pub changes: Vec<Change>,
    /// How it goes with them.
    pub passes: Passes,
    /// The hops then.
    pub hops: Vec<Hop>,
    /// What they allow besides.
    pub beyond: Vec<String>,
    /// What the clusters of the inventory are called.
    pub names: ClusterNames,
}

/// The first changes with which a hop passes, hop by hop; `None` where none is known.
pub(super) fn smallest(
    inquiry: &Inquiry<'_>,
    question: &Question,
    hops: &[Hop],
    suspects: &[At],
) -> Option<Repair> {
    let mut inventory = about(inquiry, question);
    let mut hops = hops.to_vec();
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..ROUNDS {
        let Some(failed) = failing(&hops, suspects) else { break };
        let own = Inquiry { inventory: &inventory, argocd: inquiry.argocd.clone(), cluster: None };
        let alternatives = candidates(&own, question, failed);
        let tried = [is_whole, is_passed, is_another].into_iter().find_map(|further| {
            alternatives.iter().find_map(|alternative| {
                let mut with = inventory.clone();
                alternative.iter().try_for_each(|change| change::apply(change, &mut with))?;
                let after = question.hops(&with, inquiry.argocd.as_ref());
                further(failed, failing(&after, suspects), &after).then(|| (alternative.clone(), with, after))
            })
        });
        let Some((alternative, with, after)) = tried else { break };
        alternative.into_iter().for_each(|own| add(&mut changes, own));
        (inventory, hops) = (with, after);
    }
    if changes.is_empty() {
        return None;
    }
    let request = match question {
        Question::Request { request, .. } => Some(request),
        _ => None,
    };
    let mut beyond: Vec<String> = Vec::new();
    for said in changes.iter().flat_map(|own| change::beyond(own, [inquiry.inventory, &inventory], request)) {
        if !beyond.contains(&said) {
            beyond.push(said);
        }
    }
    let names = ClusterNames::of(inquiry.inventory.clusters.keys());
    Some(Repair { passes: verdict(&hops), changes, hops, beyond, names })
}

/// What an error text alone says of its repair: of a service account, whose name is always the same. `None` where more has to be
/// known.
pub fn alone(error: &Diagnosed) -> Option<Repair> {
    let user = error.part("user").filter(|user| user.starts_with("system:serviceaccount:"))?;
    let request = (error.signature.asks == Asks::Request).then(|| asked(error)).flatten()?;
    let change = rules::rules(None, &request, rules::subject(user));
    let Change::Rules(own) = &change else { return None };
    let (role, binding) = change::parsed(own)?;
    let policy = Policy::new([role], [binding], []);
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let allowed = authorize(&policy, &Identity::service_account(namespace, name), &request).is_allowed();
    let none = Inventory::default();
    let beyond = change::beyond(&change, [&none, &none], Some(&request));
    allowed.then(|| Repair {
        changes: vec![change],
        passes: Passes::Yes,
        hops: Vec::new(),
        beyond,
        names: ClusterNames::default(),
    })
}

/// Adds a change; the groups of an access entry that is made anyhow are part of it.
fn add(changes: &mut Vec<Change>, change: Change) {
    if let Change::EntryGroups { cluster, principal, groups } = &change {
        let made = changes.iter_mut().find_map(|own| match own {
            Change::Entry { cluster: on, principal: of, groups, .. } if on == cluster && of == principal => {
                Some(groups)
            }
            _ => None,
        });
        if let Some(made) = made {
            made.clone_from(groups);
            return;
        }
    }
    changes.push(change);
}

/// The hop at which it ends: the first that doesn't pass, or lacks something that is known to be lacking. One that isn't known
/// counts where the error itself says that it is this one.
pub(super) fn failing<'h>(hops: &'h [Hop], suspects: &[At]) -> Option<&'h Hop> {
    let lacking = |hop: &Hop| match hop.passes {
        Passes::Yes => false,
        Passes::No => true,
        Passes::Unknown { .. } => hop.change.is_some() || suspects.contains(&hop.at),
    };
    hops.iter().find(|hop| lacking(hop))
}

/// Whether nothing is left: of two changes that mend a hop, one may lead nowhere.
fn is_whole(_: &Hop, next: Option<&Hop>, after: &[Hop]) -> bool {
    !after.is_empty() && next.is_none()
}

/// Whether a hop that failed passes, and none before it fails.
fn is_passed(failed: &Hop, next: Option<&Hop>, after: &[Hop]) -> bool {
    !after.is_empty() && next.is_none_or(|next| next.at > failed.at)
}

/// Whether another reason is left at least: of two components the other may end at the same hop.
fn is_another(failed: &Hop, next: Option<&Hop>, _: &[Hop]) -> bool {
    next.is_some_and(|next| next.at == failed.at && next.by != failed.by)
}

/// The part of an inventory that a question is about: the rest of a large fleet needn't be copied.
fn about(inquiry: &Inquiry<'_>, question: &Question) -> Inventory {
    let (mut clusters, mut accounts) = (BTreeSet::new(), BTreeSet::<AccountId>::new());
    clusters.extend(inquiry.argocd.iter().map(|argocd| argocd.hub.clone()));
    match question {
        Question::Request { cluster, .. }
        | Question::Arrival { cluster, .. }
        | Question::Certificate { cluster, .. } => {
            clusters.insert(cluster.clone());
        }
        Question::Assume { principal, role } => {
            accounts.extend([principal.account.clone(), role.account.clone()])
        }
        Question::Credentials { accounts: own } => clusters.extend(own.iter().map(|own| own.cluster.clone())),
        // AppProjects name clusters by their Secrets, all of them the hub's.
        Question::Project(_) | Question::Person(_) | Question::Managed(_) => {}
        Question::Escalation(own) => drop(clusters.insert(own.cluster.clone())),
    }
    let from = inquiry.inventory;
    let is_role = |text: &str| text.split(':').nth(4).and_then(|account| account.parse::<AccountId>().ok());
    accounts.extend(clusters.iter().map(|arn| arn.account.clone()));
    for (_, secret) in inquiry.secrets() {
        accounts.extend(secret.config.aws_auth.and_then(|aws| is_role(&aws.role_arn)));
    }
    Inventory {
        accounts: from
            .accounts
            .iter()
            .filter(|(id, _)| accounts.contains(*id))
            .map(|(id, own)| (id.clone(), own.clone()))
            .collect(),
        organization: from.organization.clone(),
        clusters: from
            .clusters
            .iter()
            .filter(|(arn, _)| clusters.contains(*arn))
            .map(|(arn, own)| (arn.clone(), own.clone()))
            .collect(),
        gaps: from.gaps.clone(),
        digest: from.digest.clone(),
    }
}
