//! `oarlock collect` against an AWS API server and real API servers: it writes what the AWS CLI and kubectl print, comes in by tokens
//! that it signs itself, needs exactly what it says that it needs, and isn't held up by a cluster that doesn't answer; and `oarlock verify --live` after it.

use std::fs;

use anyhow::{Result, bail};

use super::{python, suite::Ground};

mod asked;
mod reach;
mod same;
mod scene;

/// The example fleets, and whether each is always played.
const EXAMPLES: [(&str, bool); 2] = [("capability", true), ("acme", false)];

const BY_TOKEN: &str = "by-token";
const ASKED_LIVE: &str = "asked-live";

/// The comparison for each example fleet, then the way in by tokens.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let tools = python::tools(ground.workspace)?;
    let everything = ground.options.all || !ground.options.case.is_empty();
    let mut shown = Vec::new();
    for (example, always) in EXAMPLES {
        if ground.wants(example) && (always || everything) {
            shown.push(same::run(ground, &tools, example)?);
        }
    }
    if ground.wants(BY_TOKEN) {
        shown.push(reach::run(ground)?);
    }
    if ground.wants(ASKED_LIVE) {
        // Another AWS than that of the case before.
        let folder = ground.folder.join(ASKED_LIVE);
        fs::create_dir_all(&folder)?;
        shown.push(asked::run(&Ground { folder, ..*ground })?);
    }
    if shown.is_empty() {
        bail!("no case is called `{}`", ground.options.case);
    }
    Ok(shown.join("; "))
}
