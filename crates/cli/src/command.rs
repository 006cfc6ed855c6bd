//! The command line: one file per verb.

pub(crate) mod apply;
mod asked;
pub(crate) mod audit;
pub(crate) mod can;
pub(crate) mod collect;
mod collected;
pub(crate) mod diagnose;
pub(crate) mod drift;
pub(crate) mod needs;
mod permissions;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod reach;
pub(crate) mod render;
mod saved;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod tradeoff;
pub(crate) mod verify;
mod way_in;
pub(crate) mod who_can;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{
    diagnostic,
    exit::Status,
    input::Refused,
    output::{print, say},
};
use permissions::PrintPermissions;
use way_in::WayIn;

/// Gives Argo CD exactly the access it needs on every EKS cluster of a fleet, and proves it.
#[derive(Debug, Parser)]
#[command(name = "oarlock", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Collect(collect::Arguments),
    Needs(needs::Arguments),
    Plan(plan::Arguments),
    Render(render::Arguments),
    Apply(apply::Arguments),
    Show(show::Arguments),
    Drift(drift::Arguments),
    Verify(verify::Arguments),
    Can(can::Arguments),
    WhoCan(who_can::Arguments),
    Reach(reach::Arguments),
    Diagnose(diagnose::Arguments),
    Simulate(simulate::Arguments),
    Policy(policy::Arguments),
    Tradeoff(tradeoff::Arguments),
    Audit(audit::Arguments),
    Schema(schema::Arguments),
}

/// How an answer is printed that is a few lines, or one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One object
    Json,
}

/// The fleet and what is known of it, as several verbs take them.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct FleetArguments {
    /// The fleet file
    #[arg(short = 'f', long = "fleet", value_name = "FILE")]
    pub(crate) fleet: PathBuf,
    /// The inventory folder [default: `inventory/` beside the fleet file, if there is one]
    #[arg(short = 'i', long = "inventory", value_name = "DIR")]
    pub(crate) inventory: Option<PathBuf>,
}

/// Runs the command line and says how it ended.
pub(crate) fn run() -> Status {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match arguments.verb {
        Verb::Collect(arguments) => collect::run(&arguments),
        Verb::Needs(arguments) => needs::run(&arguments),
        Verb::Plan(arguments) => plan::run(&arguments),
        Verb::Render(arguments) => render::run(&arguments),
        Verb::Apply(arguments) => apply::run(&arguments),
        Verb::Show(arguments) => show::run(&arguments),
        Verb::Drift(arguments) => drift::run(&arguments),
        Verb::Verify(arguments) => verify::run(&arguments),
        Verb::Can(arguments) => can::run(&arguments),
        Verb::WhoCan(arguments) => who_can::run(&arguments),
        Verb::Reach(arguments) => reach::run(&arguments),
        Verb::Diagnose(arguments) => diagnose::run(&arguments),
        Verb::Policy(arguments) => policy::run(&arguments),
        Verb::Tradeoff(arguments) => tradeoff::run(&arguments),
        Verb::Audit(arguments) => audit::run(&arguments),
        Verb::Simulate(arguments) => simulate::run(&arguments),
        Verb::Schema(arguments) => schema::run(&arguments),
    };
    result.unwrap_or_else(|error| failed(&error))
}

/// `--help` and `--version` are answers, anything else is wrong usage: 64, since 2 means "changes".
fn usage(error: &clap::Error) -> Status {
    if error.use_stderr() {
        say(error.render().to_string().trim_end());
        return Status::Usage;
    }
    match print(&error.render().to_string()) {
        Ok(()) => Status::Fine,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> Status {
    match error.downcast_ref::<Refused>() {
        Some(refused) => {
            diagnostic::report(&refused.problems);
            say(&refused.to_string());
        }
        None => say(&format!("error: {error:#}")),
    }
    Status::Failed
}
