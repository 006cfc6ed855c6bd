//! `oarlock diagnose`.

use std::{
    io::{self, Read as _},
    path::Path,
};

use anyhow::Context;
use checks::diagnosis::{Diagnoses, messages};

use super::Format;
use crate::{
    exit::Status,
    output::{Stream, print_json, print_text, width},
    view::diagnosis,
};

/// Say what an error text means: the hop that fails, its cause, and the smallest change that mends it
///
/// Of logs of Argo CD, Applications with their conditions, events of CloudTrail and of Kubernetes' audit, or an error as it was
/// pasted, in any mixture. The exit status is 0 if every error in it is known, 5 if one isn't.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  kubectl -n argocd logs deploy/argocd-server | oarlock diagnose -
  argocd app get checkout -o json | oarlock diagnose -
  oarlock diagnose events.json -o json
  oarlock diagnose 'the server has asked for the client to provide credentials'")]
pub(crate) struct Arguments {
    /// A file, `-` for standard input, or the error itself
    #[arg(value_name = "FILE|-|TEXT")]
    input: String,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let (name, text) = input(&arguments.input)?;
    let diagnoses = Diagnoses::of(&messages(&name, &text));
    match arguments.output {
        Format::Text => print_text(&diagnosis::text(&diagnoses, width(Stream::Stdout)))?,
        Format::Json => print_json(&diagnosis::json(&diagnoses))?,
    }
    let unknown = !diagnoses.unrecognised.is_empty();
    Ok(if unknown { Status::Undecided } else { Status::Fine })
}

/// What is to be read, with its name. What is neither `-` nor a file is the text itself. Bytes of another encoding are no reason
/// to read nothing.
fn input(argument: &str) -> anyhow::Result<(String, String)> {
    if argument == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(("-".to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    if Path::new(argument).is_file() {
        let bytes = read(argument).with_context(|| format!("cannot read `{argument}`"))?;
        return Ok((argument.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    anyhow::ensure!(
        argument.contains([' ', '\n']) || !argument.contains(['/', '.']),
        "there is no file `{argument}`"
    );
    Ok(("(argument)".to_owned(), argument.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the binary reads the file that it is pointed at")]
fn read(path: &str) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}
