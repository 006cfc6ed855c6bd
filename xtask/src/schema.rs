//! `cargo xtask schema`: docs/schema holds what `oarlock schema KIND` prints, one file each.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{Workspace, process};

/// Write or compare.
#[derive(Args)]
pub(crate) struct Options {
    /// Change nothing: fail where a file differs
    #[arg(long)]
    pub(crate) check: bool,
}

/// Writes, or with `--check` compares, every file of docs/schema. A new kind starts as an empty file there.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.root.join("docs/schema");
    let mut stale = Vec::new();
    let kinds = kinds(&folder)?;
    let oarlock = workspace.oarlock()?;
    for kind in &kinds {
        let path = folder.join(format!("{kind}.json"));
        let printed = printed(&oarlock, kind)?;
        if fs::read(&path).unwrap_or_default() == printed {
            continue;
        }
        if options.check {
            stale.push(format!("docs/schema/{kind}.json"));
        } else {
            fs::write(&path, printed).with_context(|| format!("cannot write {}", path.display()))?;
            println!("wrote docs/schema/{kind}.json");
        }
    }
    if !stale.is_empty() {
        bail!("{} differ from what `oarlock schema` prints: run `cargo xtask schema`", stale.join(", "));
    }
    println!("{} schemas are up to date", kinds.len());
    Ok(())
}

fn kinds(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut kinds = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        kinds.extend(name.strip_suffix(".json").map(str::to_owned));
    }
    kinds.sort();
    Ok(kinds)
}

fn printed(oarlock: &Path, kind: &str) -> Result<Vec<u8>> {
    let printed = process::output(Command::new(oarlock).args(["schema", kind]))?;
    if printed.is_empty() { bail!("`oarlock schema {kind}` printed nothing") } else { Ok(printed) }
}
