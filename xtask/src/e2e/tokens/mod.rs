//! From an IAM role to Kubernetes' groups: real tokens, made by Argo CD's own client, through aws-iam-authenticator's own server
//! and a real API server, against an AWS API server that checks signatures, trust policies and IAM policies.

mod aws;
mod cases;
mod cluster;
mod environment;
mod fleet;
mod pods;
mod policies;
mod presigned;
mod scene;

use std::thread;

use anyhow::{Context, Result, anyhow};

use aws::Aws;
use scene::Scene;

use super::suite::Ground;

/// The cases and the example fleet, side by side: most of the time goes into starting the AWS CLI.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (_server, aws) = Aws::start(ground)?;
    let (cases, chains) = thread::scope(|scope| {
        let cases = scope.spawn(|| show_cases(ground, &aws));
        let chains = fleet::show(ground, &aws);
        (cases.join().unwrap_or_else(|_| Err(anyhow!("the cases ended early"))), chains)
    });
    Ok(format!("{} cases of tokens and access policies; {}", cases?, chains?))
}

fn show_cases(ground: &Ground<'_>, aws: &Aws) -> Result<usize> {
    let wanted: Vec<_> =
        cases::CASES.iter().chain(policies::CASES).filter(|(name, _)| ground.wants(name)).collect();
    let scene = Scene::set(ground, aws)?;
    for (name, show) in &wanted {
        show(&scene).with_context(|| format!("case `{name}`"))?;
        println!("  {name}");
    }
    for what in scene.cluster.emulated.iter().map(String::as_str).chain([pods::EMULATED]) {
        println!("  emulated, not proven: {what}");
    }
    Ok(wanted.len())
}
