//! READMEs, as somebody reads them who does what they say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The commands in its code blocks that begin with this word, in order.
pub(super) fn commands(readme: &Path, first_word: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let code = text.lines().filter_map(|line| line.strip_prefix("    "));
    Ok(code.filter(|line| line.split(' ').next() == Some(first_word)).map(str::to_owned).collect())
}

/// The files that its numbered list leads to, in order: `1. [name](folder/README.md): …`.
pub(super) fn steps(readme: &Path) -> Result<Vec<PathBuf>> {
    let text = fs::read_to_string(readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let numbered = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let targets = numbered.filter_map(|line| Some(line.split_once("](")?.1.split_once(')')?.0));
    Ok(targets.map(|target| readme.with_file_name(target)).collect())
}
