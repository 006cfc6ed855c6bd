//! `oarlock policy covers`.

use std::{fmt::Write as _, path::PathBuf};

use facts::{Gap, Verdict};
use iam::{ContextValue, Witness};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Kind, read_legal};
use crate::{
    command::Format,
    exit::Status,
    output::{print_json, print_text},
    view::API_VERSION,
};

/// Say whether a policy allows all that another one allows
///
/// All requests count that can be written, also for actions that AWS doesn't have yet. If it doesn't, the answer is a request that
/// shows it, which `oarlock simulate` decides the same way. The exit status is 0 if it does, 4 if it doesn't, 5 if that can't be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock policy covers wide.json narrow.json
  oarlock policy covers --both-ways before.json after.json    # do both allow the same?")]
pub(super) struct Arguments {
    /// The policy that should allow it, as JSON
    #[arg(value_name = "WIDE")]
    wide: PathBuf,
    /// The policy whose requests should be allowed, as JSON
    #[arg(value_name = "NARROW")]
    narrow: PathBuf,
    /// Whether NARROW allows all that WIDE allows, too
    #[arg(long)]
    both_ways: bool,
    /// What the policies are attached to [default: by their elements]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What `oarlock policy covers -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyCovers")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'v> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `PolicyCovers`
    #[schemars(extend("const" = "PolicyCovers"))]
    kind: &'static str,
    /// `holds`, `violated` or `unknown`
    verdict: &'static str,
    /// A request that shows that it is violated.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<&'v Witness>,
    /// What would have to be known.
    #[serde(skip_serializing_if = "<[Gap]>::is_empty")]
    missing: &'v [Gap],
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let wide = read_legal(&arguments.wide, arguments.kind)?;
    let narrow = read_legal(&arguments.narrow, arguments.kind)?;
    let verdict = wide.covers(&narrow);
    let (verdict, lacking, allowing) = if arguments.both_ways && verdict.holds() {
        (narrow.covers(&wide), &arguments.narrow, &arguments.wide)
    } else {
        (verdict, &arguments.wide, &arguments.narrow)
    };
    let (word, witness, missing, status) = match &verdict {
        Verdict::Holds => ("holds", None, &[][..], Status::Fine),
        Verdict::Violated { witness } => ("violated", Some(witness), &[][..], Status::Violated),
        Verdict::Unknown { missing } => ("unknown", None, &**missing, Status::Undecided),
    };
    match arguments.output {
        Format::Json => {
            print_json(&Json {
                api_version: API_VERSION,
                kind: "PolicyCovers",
                verdict: word,
                witness,
                missing,
            })?;
        }
        Format::Text => {
            let mut text = format!("{word}\n");
            if let Some(witness) = witness {
                let (lacking, allowing) = (lacking.display(), allowing.display());
                let _ = writeln!(text, "{allowing} allows, and {lacking} doesn't:");
                text.push_str(&described(witness));
            }
            for Gap { what, cause, .. } in missing {
                let _ = writeln!(text, "not known: {what}: {cause}");
            }
            print_text(&text)?;
        }
    }
    Ok(status)
}

fn described(witness: &Witness) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  principal  {}",
        Some(witness.principal().id()).filter(|id| !id.is_empty()).unwrap_or("anybody")
    );
    let _ = writeln!(text, "  action     {}", witness.action());
    let _ = writeln!(text, "  resource   {}", witness.resource());
    for (key, value) in witness.context() {
        let value = match value {
            ContextValue::One(value) => value.clone(),
            ContextValue::Many(values) => values.join(", "),
        };
        let _ = writeln!(text, "  {key} = {value}");
    }
    if !witness.is_direct() {
        let _ = writeln!(text, "  as far as the account's own policies allow it");
    }
    text
}
