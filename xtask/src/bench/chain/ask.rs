//! The questions, asked in a process of its own: what it costs is that process's.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use access::{
    Accounts, Claim, Component, Installation,
    reach::{Whom, reach},
};
use anyhow::{Result, bail};
use argocd::Identity;
use clap::Args;
use facts::{ClusterArn, Verdict};
use inventory::{Inventory, folder};
use rayon::prelude::*;
use rbac::{Permission, Request, Scope};
use serde::{Deserialize, Serialize};

use super::{
    NAMESPACES,
    clusters::{KINDS, VERBS, namespace},
    hub,
};

/// On what, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// The generated inventory
    folder: PathBuf,
    /// How often each question is asked; the fastest answer counts
    #[arg(long, default_value_t = 1)]
    runs: u32,
}

/// What the answers took, in seconds, and what they are about.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(super) roles: usize,
    pub(super) rules: usize,
    pub(super) claims: usize,
    pub(super) loading: f64,
    pub(super) verify: f64,
    pub(super) who_can: f64,
    pub(super) reach: f64,
}

impl Asked {
    /// All of it.
    pub(super) fn all(&self) -> f64 {
        self.loading + self.verify + self.who_can + self.reach
    }
}

/// Loads an inventory, asks, and prints JSON.
pub(crate) fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    let files = folder::inventory(&options.folder).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let reading = Inventory::read(&files);
    drop(files);
    if let Some(problem) = reading.problems.first() {
        bail!("{problem}");
    }
    let loading = start.elapsed();
    let inventory = reading.inventory;
    let installation = Installation::find(&inventory, None)?;
    let spokes: Vec<&ClusterArn> = inventory.clusters.keys().filter(|arn| **arn != hub()).collect();
    let Some(one) = spokes.first() else { bail!("no cluster was generated") };
    let verify = fastest(options.runs, || verify(&inventory, &installation, &spokes))?;
    let who_can = fastest(options.runs.max(5), || who_can(&inventory, &installation, one))?;
    let reach = fastest(options.runs, || reaches_all(&inventory, &installation))?;
    let roles = inventory.accounts.values().filter_map(|account| account.roles.known()).map(|all| all.len());
    let rules = inventory.clusters.values().flat_map(|cluster| &cluster.kubernetes.roles);
    let asked = Asked {
        roles: roles.sum(),
        rules: rules.map(|role| role.rules.len()).sum(),
        claims: spokes.len() * claims().count(),
        loading: loading.as_secs_f64(),
        verify: verify.as_secs_f64(),
        who_can: who_can.as_secs_f64(),
        reach: reach.as_secs_f64(),
    };
    println!("{}", serde_json::to_string(&asked)?);
    Ok(())
}

fn fastest(runs: u32, mut ask: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut fastest = Duration::MAX;
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        ask()?;
        fastest = fastest.min(start.elapsed());
    }
    Ok(fastest)
}

/// What Argo CD needs on each cluster: all that its Roles allow, and in one namespace more than that.
fn claims() -> impl Iterator<Item = Claim> {
    let kinds = |namespace: String| {
        let scope = Scope::Namespace(namespace.into());
        KINDS.iter().flat_map(move |(group, resource)| {
            let scope = scope.clone();
            VERBS.iter().map(move |verb| Permission::Resource {
                scope: scope.clone(),
                group: (*group).into(),
                resource: (*resource).into(),
                verb: (*verb).into(),
                name: None,
            })
        })
    };
    let needs = (0..=NAMESPACES).flat_map(move |number| kinds(namespace(number)));
    needs.flat_map(|permission| {
        [Identity::Controller, Identity::Server].map(|identity| Claim {
            identity,
            permission: permission.clone(),
            in_rbac: false,
        })
    })
}

fn verify(inventory: &Inventory, installation: &Installation, spokes: &[&ClusterArn]) -> Result<()> {
    let accounts = Accounts::of(inventory);
    let holds: usize = spokes
        .par_iter()
        .map(|arn| {
            let verified = access::verify(&accounts, installation, arn, claims());
            verified.claims.iter().filter(|claim| claim.verdict == Verdict::Holds).count()
        })
        .sum();
    let expected = spokes.len() * 2 * NAMESPACES * KINDS.len() * VERBS.len();
    if holds != expected {
        bail!("{holds} claims hold where {expected} should");
    }
    Ok(())
}

fn who_can(inventory: &Inventory, installation: &Installation, arn: &ClusterArn) -> Result<()> {
    let accounts = Accounts::of(inventory);
    let Some(cluster) = inventory.clusters.get(arn) else { bail!("no cluster {arn}") };
    let request = Request::resource("create", "apps", "deployments").in_namespace(&namespace(0));
    let answer = access::who_can(&accounts, Some(installation), (arn, cluster), &request);
    if answer.holders.is_empty() {
        bail!("nobody may do what Argo CD does");
    }
    Ok(())
}

/// Whoever takes over Argo CD's controller is on every cluster.
fn reaches_all(inventory: &Inventory, installation: &Installation) -> Result<()> {
    let whom = Whom::ArgoCd(installation.clone(), vec![Component::Controller]);
    let reached = reach(inventory, &whom, None);
    if reached.principals.len() < inventory.clusters.len() {
        bail!("{} principals are reached on {} clusters", reached.principals.len(), inventory.clusters.len());
    }
    Ok(())
}
