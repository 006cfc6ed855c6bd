//! `cargo xtask checks`: docs/checks has a page for each check of the audit, made of the check's own comment.
//!
//! That they are up to date is a test of `crates/checks/src/audit/tests.rs`.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use checks::audit::{CHECKS, index};

use crate::Workspace;

/// Writes all pages, and removes those of checks that are no more.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("docs/checks");
    fs::create_dir_all(&folder)?;
    let pages = CHECKS.iter().map(|check| (format!("{}.md", check.about.id()), check.about.markdown()));
    let mut pages: BTreeMap<String, String> = pages.collect();
    pages.insert("README.md".to_owned(), index());
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if !pages.contains_key(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    for (name, text) in &pages {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("wrote {} pages into docs/checks", pages.len());
    Ok(())
}
