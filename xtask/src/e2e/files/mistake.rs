//! Mistakes made on purpose: a tool that doesn't find them has checked nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::said::Said;

/// One mistake, made by replacing one text.
#[derive(Debug)]
pub(super) struct Mistake {
    /// A text of rendered files.
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// What the tool says, which names the mistake.
    pub(super) told: &'static str,
}

/// Makes each mistake in the first file that has the text, lets the tool look at that file, and takes it back. How many.
pub(super) fn all_found(
    mistakes: &[Mistake],
    files: &[PathBuf],
    tool: impl Fn(&Path) -> Result<Said>,
) -> Result<usize> {
    for mistake in mistakes {
        found(mistake, files, &tool)?;
    }
    Ok(mistakes.len())
}

fn found(mistake: &Mistake, files: &[PathBuf], tool: impl Fn(&Path) -> Result<Said>) -> Result<()> {
    let Mistake { from, to, told } = mistake;
    let (file, text) = files
        .iter()
        .filter_map(|file| Some((file, fs::read_to_string(file).ok()?)))
        .find(|(_, text)| text.contains(from))
        .with_context(|| format!("no rendered file has `{from}`, so nothing shows that its tool reads it"))?;
    fs::write(file, text.replacen(from, to, 1))?;
    let said = tool(file)?;
    fs::write(file, &text)?;
    if said.fine || !said.text.contains(told) {
        bail!(
            "{}: with `{to}` in place of `{from}` nobody says `{told}`, but:\n{}",
            file.display(),
            said.text
        );
    }
    Ok(())
}
