//! From an IAM role to Kubernetes' groups: real tokens, made by Argo CD's own client, through aws-iam-authenticator's own server
//! and a real API server, against an AWS API server that checks signatures, trust policies and IAM policies.

pub(super) mod aws;
mod cases;
pub(super) mod cluster;
pub(super) mod environment;
mod fleet;
pub(super) mod irsa;
mod planned;
pub(super) mod pods;
mod policies;
mod presigned;
pub(super) mod scene;
pub(super) mod shell;

use std::thread;

use anyhow::{Context, Result, anyhow, bail};

use aws::Aws;
use cases::Case;
use scene::Scene;

use super::suite::Ground;

/// The cases and the example fleet, side by side.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (_server, aws) = Aws::start(ground)?;
    let all = [cases::CASES, irsa::CASES, policies::CASES].concat();
    let wanted: Vec<_> = all.iter().filter(|(name, _)| ground.wants(name)).collect();
    if wanted.is_empty() && !ground.wants(fleet::NAME) {
        bail!("no case is called `{}`", ground.options.case);
    }
    let (cases, fleet) = thread::scope(|scope| {
        let cases = scope.spawn(|| show(ground, &aws, &wanted));
        let fleet = ground.wants(fleet::NAME).then(|| fleet::show(ground, &aws).context(fleet::NAME));
        (cases.join().unwrap_or_else(|_| Err(anyhow!("the cases ended early"))), fleet)
    });
    cases?;
    let fleet = fleet.transpose()?.unwrap_or_else(|| format!("{} left out", fleet::NAME));
    Ok(format!("{} cases of tokens and access policies; {fleet}", wanted.len()))
}

fn show(ground: &Ground<'_>, aws: &Aws, cases: &[&Case]) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let scene = Scene::set(ground, aws)?;
    for (name, show) in cases {
        show(&scene).with_context(|| format!("case `{name}`"))?;
        println!("  {name}");
    }
    for what in scene.cluster.emulated.iter().map(String::as_str).chain([pods::EMULATED, irsa::EMULATED]) {
        println!("  emulated, not proven: {what}");
    }
    Ok(())
}
