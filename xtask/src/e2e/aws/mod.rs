//! The AWS CLI's script against an AWS API server and real API servers: it works, says nothing new the second time, and leaves
//! nothing to plan.

use anyhow::{Result, bail};

use super::{python, suite::Ground};

mod clusters;
mod cycle;
pub(super) mod front;
mod person;

use cycle::Example;

const EXAMPLES: [Example; 3] = [
    Example { name: "capability", fleet: "capability/fleet.yaml", inventory: "capability/inventory" },
    Example { name: "acme", fleet: "acme/fleet.yaml", inventory: "acme/inventory" },
    Example { name: "acme-irsa", fleet: "acme/fleet-irsa.yaml", inventory: "acme/inventory" },
];

/// Goes every example fleet's way.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let tools = python::tools(ground.workspace)?;
    let mut shown = Vec::new();
    for example in EXAMPLES.iter().filter(|example| ground.wants(example.name)) {
        let line = cycle::run(ground, &tools, example)?;
        println!("{line}");
        shown.push(line);
    }
    if shown.is_empty() {
        bail!("no example's name has `{}` in it", ground.options.case);
    }
    for emulated in front::emulated(ground)? {
        println!("emulated, not proven: {emulated}");
    }
    Ok(format!(
        "{} fleets applied twice by the AWS CLI's script, after which nothing is left to plan",
        shown.len()
    ))
}
