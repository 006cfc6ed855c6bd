//! The AWS CLI's script against an AWS API server and real API servers: it works, says nothing new the second time, and leaves
//! nothing to plan but to remove what others made.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

use super::{go, python, suite::Ground};

mod cli;
pub(super) mod clusters;
pub(super) mod cycle;
pub(super) mod front;
mod left;
mod moto;
pub(super) mod person;

use cycle::Example;

/// The example fleets. The last has the clusters and Applications of the one before it, and takes minutes: it is for `--all`,
/// and for who asks for it by name.
const EXAMPLES: [Example; 3] = [
    Example {
        name: "capability",
        fleet: "capability/fleet.yaml",
        inventory: "capability/inventory",
        always: true,
    },
    Example { name: "acme", fleet: "acme/fleet.yaml", inventory: "acme/inventory", always: true },
    Example { name: "acme-irsa", fleet: "acme/fleet-irsa.yaml", inventory: "acme/inventory", always: false },
];

/// Goes every example fleet's way.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    go::test(ground.workspace, "aws-front")?;
    let tools = python::tools(ground.workspace)?;
    let mut shown = Vec::new();
    let everything = ground.options.all || !ground.options.case.is_empty();
    let wanted = |example: &&Example| ground.wants(example.name) && (example.always || everything);
    for example in EXAMPLES.iter().filter(wanted) {
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
        "{} fleets applied twice by the AWS CLI's script, after which only removals are left to plan",
        shown.len()
    ))
}

/// Files by their path in a folder.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(text(path.strip_prefix(folder)?)?, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

pub(super) fn text(path: &Path) -> Result<String> {
    Ok(path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned())
}
