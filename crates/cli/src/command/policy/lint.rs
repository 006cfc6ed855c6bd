//! `oarlock policy lint`.

use std::{fmt::Write as _, path::PathBuf};

use facts::{Place, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Kind, kind_of};
use crate::{
    exit::Status,
    input::{Refused, place_in, read_policy},
    output::{print_json, print_text},
    view::API_VERSION,
};

/// Say what AWS would refuse or ignore in policies
///
/// What AWS refuses is an error: the document can't be saved. What it takes, and yet can't mean what it says (an action or a
/// condition key that doesn't exist, an action that is never asked of the listed resources, an operator that doesn't fit its
/// key), is a warning. Coming near to a limit of size is a note.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock policy lint trust.json policies/*.json
  oarlock policy lint --kind scp deny-regions.json --fail-on warning")]
pub(super) struct Arguments {
    /// Policy documents, as JSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the policies are attached to [default: by their elements]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Exit with 4 if there is a remark of this severity or above
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// What AWS refuses
    Error,
    /// What can't mean what it says, too
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: one line each
    Table,
    /// One object
    Json,
}

/// What `oarlock policy lint -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyLint")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `PolicyLint`
    #[schemars(extend("const" = "PolicyLint"))]
    kind: &'static str,
    /// File by file, each statement by statement.
    remarks: Vec<Remark>,
}

/// One remark.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyRemark")]
struct Remark {
    /// Where, in the file.
    place: Place,
    /// The element, for example `Statement[0].Action`.
    element: String,
    /// `error` where AWS refuses the document; `warning` where it doesn't do what it seems to; `note` where it comes near a limit.
    severity: Severity,
    /// What is the matter.
    message: String,
    /// What to write instead, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let mut remarks = Vec::new();
    for path in &arguments.files {
        let text = read_policy(path).map_err(Refused::one)?;
        let kind = kind_of(arguments.kind, &text);
        for iam::Remark { path: element, advice } in iam::lint(&text, kind) {
            remarks.push(Remark {
                place: place_in(path, &text, &element),
                element: element.to_string(),
                severity: advice.severity(),
                message: advice.to_string(),
                help: advice.help(),
            });
        }
    }
    let least = match arguments.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
    };
    let fails = remarks.iter().any(|remark| remark.severity >= least);
    match arguments.output {
        Format::Table => print_text(&table(&remarks))?,
        Format::Json => print_json(&Json { api_version: API_VERSION, kind: "PolicyLint", remarks })?,
    }
    Ok(if fails { Status::Violated } else { Status::Fine })
}

fn table(remarks: &[Remark]) -> String {
    let mut text = String::new();
    for Remark { place, element, severity, message, help } in remarks {
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "{place}: {severity}: {element}: {message}");
        if let Some(help) = help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    text
}
