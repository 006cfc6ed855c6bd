//! What a tool said about files.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// How a tool ended, and all that it printed.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) fine: bool,
    pub(super) text: String,
    stdout: String,
    command: String,
}

/// Runs a tool to its end.
pub(super) fn said(command: &mut Command) -> Result<Said> {
    let shown = process::shown(command);
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = format!("{stdout}{stderr}");
    Ok(Said { fine: output.status.success(), text, stdout, command: shown })
}

impl Said {
    /// Succeeded; its stdout.
    pub(super) fn yes(self) -> Result<String> {
        if self.fine { Ok(self.stdout) } else { bail!("{} says:\n{}", self.command, self.text) }
    }

    /// Succeeded without a word.
    pub(super) fn nothing(self) -> Result<()> {
        if self.fine && self.text.trim().is_empty() {
            return Ok(());
        }
        bail!("{} says:\n{}", self.command, self.text)
    }
}
