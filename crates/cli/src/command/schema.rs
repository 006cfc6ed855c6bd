//! `oarlock schema`: the JSON Schemas of what Oarlock reads and writes.

use anyhow::Context;

use crate::{exit::Status, output::print_json, view};

/// Print the JSON Schema of the fleet file, or of what `-o json` prints
///
/// Editors with a YAML language server complete and check fleet files with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock schema fleet > fleet.schema.json
  oarlock schema plan > plan.schema.json")]
pub(crate) struct Arguments {
    /// Which kind's schema
    #[arg(value_enum, ignore_case = true, default_value_t = Kind::Fleet)]
    kind: Kind,
}

/// Each by its `kind`, too, in whatever case.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// The fleet file
    Fleet,
    /// What `oarlock needs -o json` prints
    Needs,
    /// What `oarlock needs --against … -o json` prints
    #[value(alias = "NeedsComparison")]
    NeedsComparison,
    /// What `oarlock plan -o json` and `oarlock show -o json` print, and `--out` saves
    Plan,
    /// What `oarlock plan -o matrix-json` prints
    #[value(alias = "AccessMatrix")]
    AccessMatrix,
    /// What `oarlock can -o json` prints
    #[value(alias = "AccessCheck")]
    AccessCheck,
    /// What `oarlock collect -o json` prints
    Collection,
    /// What `oarlock apply -o json` prints
    Applied,
    /// What `oarlock verify -o json` prints
    Verification,
    /// What `oarlock who-can -o json` prints
    #[value(alias = "WhoCan")]
    WhoCan,
    /// What `oarlock reach -o json` prints
    Reach,
    /// What `oarlock diagnose -o json` prints
    Diagnosis,
    /// What `oarlock policy covers -o json` prints
    #[value(alias = "PolicyCovers")]
    PolicyCovers,
    /// What `oarlock policy lint -o json` prints
    #[value(alias = "PolicyLint")]
    PolicyLint,
    /// What `oarlock simulate … -o json` prints
    Simulation,
    /// What `oarlock tradeoff -o json` prints
    Tradeoff,
    /// What `oarlock audit -o json` prints
    Audit,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let schema = match arguments.kind {
        Kind::Fleet => fleet::schema(),
        Kind::Needs => facts::schema_of::<view::needs::Json<'_>>(),
        Kind::NeedsComparison => facts::schema_of::<view::comparison::Comparison>(),
        Kind::Plan => plan::schema(),
        Kind::AccessCheck => facts::schema_of::<super::can::Json>(),
        Kind::Collection => facts::schema_of::<super::collect::Json>(),
        Kind::Applied => facts::schema_of::<super::apply::Json>(),
        Kind::Verification => facts::schema_of::<super::verify::Json>(),
        Kind::WhoCan => facts::schema_of::<super::who_can::Json>(),
        Kind::Reach => facts::schema_of::<view::reach::json::Json>(),
        Kind::Diagnosis => facts::schema_of::<view::diagnosis::Json<'_>>(),
        Kind::PolicyCovers => facts::schema_of::<super::policy::CoversJson<'_>>(),
        Kind::PolicyLint => facts::schema_of::<super::policy::LintJson>(),
        Kind::Simulation => facts::schema_of::<super::simulate::Json<'_>>(),
        Kind::Tradeoff => facts::schema_of::<plan::tradeoff::Tradeoff>(),
        Kind::Audit => facts::schema_of::<view::audit::json::Json<'_>>(),
        Kind::AccessMatrix => facts::schema_of::<view::matrix::Json<'_>>(),
    };
    print_json(&schema).context("cannot print the schema")?;
    Ok(Status::Fine)
}
