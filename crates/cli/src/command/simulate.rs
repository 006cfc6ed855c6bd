//! `oarlock simulate`: what AWS would answer to a request, from the text of the policies.

mod answer;
mod compiled;
mod flags;
mod line;

use std::{
    io::{self, BufRead, BufWriter, Write},
    path::PathBuf,
};

use anyhow::Context;
use rayon::prelude::*;

use crate::{
    exit::Status,
    output::{print_json, print_text},
};
pub(crate) use answer::Json;
use compiled::Compiled;

/// Lines that are read before they are answered, side by side.
const BATCH: usize = 4_096;

/// Show what AWS would answer to a request, offline
///
/// One request by flags and files of policies; or, without `--action`, many as JSON Lines on standard input or in a file: one
/// answer a line, in the same order. See docs/simulate.md for the fields.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock simulate --principal arn:aws:iam::111122223333:role/hub --action sts:AssumeRole \\
    --resource arn:aws:iam::444455556666:role/spoke --identity-policy hub.json --trust-policy spoke.json
  oarlock simulate < requests.jsonl > answers.jsonl
  echo '{\"principal\": {\"type\": \"AWS\", \"id\": \"arn:aws:iam::111122223333:user/ann\"}, \"action\": \"s3:GetObject\",
    \"resource\": \"arn:aws:s3:::b/k\", \"identity_policies\": []}' | tr -d '\\n' | oarlock simulate --explain")]
pub(crate) struct Arguments {
    /// Requests as JSON Lines [default: standard input]
    #[arg(value_name = "FILE", conflicts_with = "action")]
    lines: Option<PathBuf>,
    /// Add every statement with the element that the request doesn't meet
    #[arg(long)]
    explain: bool,
    /// Output format of a single request; many are always answered in JSON Lines
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,

    #[command(flatten)]
    request: flags::Flags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One object
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    if let Some((request, layers)) = arguments.request.read()? {
        let answer = answer::Answer::new(None, &layers, &request, arguments.explain);
        match arguments.output {
            Format::Table => print_text(&answer.table())?,
            Format::Json => print_json(&answer.json())?,
        }
        return Ok(answer.status());
    }
    match &arguments.lines {
        None => many(io::stdin().lock(), arguments.explain),
        Some(path) => {
            #[expect(clippy::disallowed_methods, reason = "the person's own file")]
            let file =
                std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            many(io::BufReader::new(file), arguments.explain)
        }
    }
}

/// Answers line by line. A line that can't be used is answered with its error, and the run goes on.
fn many(mut input: impl BufRead, explain: bool) -> anyhow::Result<Status> {
    let compiled = Compiled::default();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut status = Status::Fine;
    loop {
        let lines = batch(&mut input)?;
        if lines.is_empty() {
            break;
        }
        let answers: Vec<(String, bool)> =
            lines.par_iter().map(|line| line::answer(line, &compiled, explain)).collect();
        for (answer, is_fine) in answers {
            if let Err(error) = writeln!(output, "{answer}") {
                return gone(error);
            }
            status = status.and(if is_fine { Status::Fine } else { Status::Failed });
        }
    }
    match output.flush() {
        Ok(()) => Ok(status),
        Err(error) => gone(error),
    }
}

/// A reader that closed the pipe has seen enough.
fn gone(error: io::Error) -> anyhow::Result<Status> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(Status::Fine);
    }
    Err(error).context("cannot write to stdout")
}

/// The next lines, without those that are empty.
fn batch(input: &mut impl BufRead) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for line in input.lines().take(BATCH) {
        let line = line.context("cannot read the requests")?;
        if !line.trim().is_empty() {
            lines.push(line);
        }
    }
    Ok(lines)
}
