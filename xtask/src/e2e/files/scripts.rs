//! The AWS CLI's scripts by shellcheck and bash. The suite `aws` runs them.

use std::{path::Path, process::Command};

use anyhow::Result;

use super::{
    Counts, Rendered, has_extension,
    mistake::{Mistake, all_found},
    said::{Said, said},
};

const MISTAKES: [Mistake; 2] = [
    Mistake { from: "apply \"$context\"", to: "apply $context", told: "SC2086" },
    Mistake { from: "context=${", to: "contxt=${", told: "SC2154" },
];

const SYNTAX: [Mistake; 1] = [Mistake { from: "\n}\n", to: "\n", told: "syntax error" }];

pub(super) fn check(rendered: &Rendered<'_>) -> Result<Counts> {
    let scripts = rendered.files(|path, _| has_extension(path, "sh"))?;
    for script in &scripts {
        bash(script)?.nothing()?;
    }
    let shellcheck = || {
        // As the scripts find `lib.sh`: from the folder above all.
        let mut command = Command::new(&rendered.tools.shellcheck);
        command.args(["--severity=style", "--external-sources"]).current_dir(&rendered.folder);
        command
    };
    said(shellcheck().args(&scripts))?.nothing()?;
    let mistakes = all_found(&MISTAKES, &scripts, |file| said(shellcheck().arg(file)))?
        + all_found(&SYNTAX, &scripts, bash)?;
    Ok(Counts::from([("scripts", scripts.len()), ("mistakes found", mistakes)]))
}

/// Reads it without running it.
fn bash(script: &Path) -> Result<Said> {
    said(Command::new("bash").arg("-n").arg(script))
}
