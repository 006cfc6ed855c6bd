//! Grants are dropped, and what needed them is asked for again.
//!
//! Whether a request is allowed depends on nothing but the grants that cover it. So several grants are dropped at once where no
//! request was covered by two of them: each refusal then is the work of one. The escalation check takes many grants together, and
//! those that only it needs are dropped one by one.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::Value;

use super::{
    grant::{Grant, without},
    replay::{self, Asked, Deeds},
};
use crate::e2e::{enough::case::Case, kubectl::Kubectl};

/// How long it is asked again: the API server's authorizer learns of a changed role a little later.
const LEARNS_WITHIN: Duration = Duration::from_secs(3);

/// A grant that is dropped, what needed it, and the deed that was refused then.
pub(super) struct Drop {
    pub(super) grant: Grant,
    pub(super) deeds: Deeds,
    pub(super) killed: Option<String>,
    /// Why nothing has to miss it.
    pub(super) excuse: Option<&'static str>,
}

/// Drops all grants, as many at once as can be told apart, and asks for the requests that they covered.
pub(super) fn requests(cluster: &Kubectl, drops: &mut [Drop]) -> Result<()> {
    for batch in batches(drops) {
        let grants: Vec<Grant> =
            batch.iter().filter_map(|number| drops.get(*number)).map(|drop| drop.grant.clone()).collect();
        let grants: Vec<&Grant> = grants.iter().collect();
        cluster.apply("oarlock", &without(&grants))?;
        let deadline = Instant::now() + LEARNS_WITHIN;
        loop {
            let alive = |number: &&usize| drops.get(**number).is_some_and(|drop| drop.killed.is_none());
            let open: Vec<usize> = batch.iter().filter(alive).copied().collect();
            let asked: Vec<&Asked> = open
                .iter()
                .filter_map(|number| drops.get(*number))
                .flat_map(|drop| &drop.deeds.asked)
                .collect();
            let refused: HashSet<String> =
                replay::refused(cluster, &asked)?.into_iter().map(|asked| asked.what.clone()).collect();
            for number in open {
                if let Some(drop) = drops.get_mut(number) {
                    let mut own = drop.deeds.asked.iter().map(|asked| &asked.what);
                    drop.killed = own.find(|what| refused.contains(*what)).cloned();
                }
            }
            if are_all_killed(drops, &batch) || Instant::now() > deadline {
                break;
            }
        }
        restore(cluster, &grants)?;
    }
    Ok(())
}

/// Drops the grants that no request was refused for, one by one, and asks for what the escalation check asked.
pub(super) fn gifts(cluster: &Kubectl, case: &Case, drops: &mut [Drop]) -> Result<()> {
    for drop in drops.iter_mut().filter(|drop| drop.killed.is_none() && !drop.deeds.gave.is_empty()) {
        cluster.apply("oarlock", &without(&[&drop.grant]))?;
        let deadline = Instant::now() + LEARNS_WITHIN;
        while drop.killed.is_none() && Instant::now() < deadline {
            drop.killed = replay::not_given(cluster, case, &drop.deeds.gave)?.map(str::to_owned);
        }
        restore(cluster, &[&drop.grant])?;
    }
    Ok(())
}

fn are_all_killed(drops: &[Drop], batch: &[usize]) -> bool {
    batch.iter().filter_map(|number| drops.get(*number)).all(|drop| drop.killed.is_some())
}

fn restore(cluster: &Kubectl, grants: &[&Grant]) -> Result<()> {
    let mut roles: Vec<Value> = Vec::new();
    for grant in grants {
        if !roles.contains(&grant.role) {
            roles.push(grant.role.clone());
        }
    }
    cluster.apply("oarlock", &roles)
}

/// Numbers of drops, so that within a batch no request belongs to two; those without requests are in none.
fn batches(drops: &[Drop]) -> Vec<Vec<usize>> {
    let mut batches: Vec<(HashSet<&str>, Vec<usize>)> = Vec::new();
    for (number, drop) in drops.iter().enumerate().filter(|(_, drop)| !drop.deeds.asked.is_empty()) {
        let own: Vec<&str> = drop.deeds.asked.iter().map(|asked| asked.what.as_str()).collect();
        let fits =
            |(taken, _): &&mut (HashSet<&str>, Vec<usize>)| own.iter().all(|what| !taken.contains(what));
        match batches.iter_mut().find(fits) {
            Some((taken, batch)) => {
                taken.extend(&own);
                batch.push(number);
            }
            None => batches.push((own.iter().copied().collect(), vec![number])),
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
}
