//! `oarlock audit`.

mod fix;
mod ignored;
mod inputs;

use std::path::PathBuf;

use checks::audit::{Check, Inputs, Report, audit, choose, mend, nearest};
use facts::Severity;

use inputs::Baseline;

use crate::{
    exit::Status,
    output::{print, print_json, print_text},
    view::{audit as view, junit::xml},
};

/// Look for what is wrong, too wide or about to break
///
/// In an inventory, and in whatever people keep in Git: IAM policies, Kubernetes manifests, CloudFormation, Terraform plans (`terraform show -json`),
/// values of Argo CD's chart, fleet files, scripts and articles. Checks that can't know what they need are skipped, shown and counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock audit -i inventory/
  oarlock audit argocd/ trust.json plan.json --fail-on warning
  oarlock audit -i inventory/ -o sarif > audit.sarif
  oarlock audit argocd/ policies/ --fix --diff
  oarlock audit --list")]
pub(crate) struct Arguments {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The inventory folder
    #[arg(short = 'i', long = "inventory", value_name = "DIR")]
    inventory: Option<PathBuf>,
    /// Only these checks
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Not these checks
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    skip: Vec<String>,
    /// Exit with 4 if there is a finding of this severity or above
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// A fleet file, whose `audit.suppressions` are left alone
    #[arg(short = 'f', long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    /// Findings to leave alone: `<id> [file=PATH] [cluster=NAME] [about=\"TEXT\"] [until=YYYY-MM-DD] reason`, one a line
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,
    /// Leave alone what an earlier `-o json` has
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The day for suppressions that end, instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<jiff::civil::Date>,
    /// Mend in the files what an edit can mend that gives nobody more; an inventory's files are never edited
    #[arg(long)]
    fix: bool,
    /// Print the edits as a patch, and write nothing
    #[arg(long, requires = "fix")]
    diff: bool,
    /// Print what the checks are
    #[arg(long)]
    list: bool,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Anything
    Note,
    /// What will surprise somebody, or gives more than it seems
    Warning,
    /// What breaks Argo CD, or hands over a cluster
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, with the lines that findings are about
    Text,
    /// One object
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For comments on pull requests
    Markdown,
    /// For CI systems: a case a finding
    Junit,
    /// One file that needs no other
    Html,
}

impl FailOn {
    fn least(self) -> Severity {
        match self {
            Self::Note => Severity::Note,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let checks = match choose(&arguments.only, &arguments.skip) {
        Ok(checks) => checks,
        Err(unknown) => return Ok(no_such_check(&unknown)),
    };
    if arguments.list {
        print_text(&view::list(&checks))?;
        return Ok(Status::Fine);
    }
    if arguments.paths.is_empty() && arguments.inventory.is_none() {
        crate::output::say("error: nothing to look at: name files or folders, or an inventory with `-i`");
        return Ok(Status::Usage);
    }
    let mut read = inputs::read(&arguments.paths, arguments.inventory.as_deref())?;
    let file = arguments.ignore_file.as_deref().map(ignored::of_file).transpose()?;
    let fleet = arguments.fleet.as_deref().map(ignored::of_fleet).transpose()?;
    read.ignored.extend(file.into_iter().chain(fleet).flatten());
    let inputs = Inputs {
        files: &read.files,
        inventory: read.inventory.as_ref().map(|read| (&read.inventory, &*read.files)),
        ignored: &read.ignored,
        today: arguments.today.unwrap_or_else(inputs::today),
    };
    let mut report = audit(&inputs, &checks);
    let known = arguments.baseline.as_deref().map(Baseline::read).transpose()?;
    known.iter().for_each(|known| known.apply(&mut report));
    let mut texts = read.texts();
    let mended;
    if arguments.fix {
        mended = mend(&inputs, &checks, report);
        report = mended.report.clone();
        known.iter().for_each(|known| known.apply(&mut report));
        if arguments.diff {
            fix::print_patch(&mended.files)?;
            fix::say(&mended, false, &report, &read);
            return Ok(status(&report, arguments.fail_on, read.has_problems));
        }
        fix::write(&mended.files)?;
        fix::say(&mended, true, &report, &read);
        texts.extend(mended.files.iter().map(|file| (&*file.name, &*file.after)));
    }
    let today = inputs.today.to_string();
    let inventory = read.inventory.as_ref().map(|read| &read.inventory);
    show(arguments, &report, &checks, &view::html::Seen { sources: &texts, inventory }, &today)?;
    Ok(status(&report, arguments.fail_on, read.has_problems))
}

fn show(
    arguments: &Arguments,
    report: &Report,
    checks: &[&Check],
    seen: &view::html::Seen<'_>,
    today: &str,
) -> anyhow::Result<()> {
    match arguments.output {
        Format::Text => print(&view::text::text(report, seen.sources)),
        Format::Json => print_json(&view::json::Json::of(report)),
        Format::Sarif => print_json(&view::sarif::sarif(report, checks)),
        Format::Markdown => print_text(&view::markdown::markdown(report)),
        Format::Junit => {
            print(&xml("oarlock audit", view::junit::suites(report, checks, arguments.fail_on.least()))?)
        }
        Format::Html => print(&view::html::html(report, checks, seen, today)),
    }
}

fn status(report: &Report, fail_on: FailOn, has_problems: bool) -> Status {
    let fails = report.worst().is_some_and(|worst| worst >= fail_on.least());
    match (has_problems, fails) {
        (true, _) => Status::Failed,
        (false, true) => Status::Violated,
        (false, false) => Status::Fine,
    }
}

fn no_such_check(unknown: &[String]) -> Status {
    for id in unknown {
        crate::output::say(&format!("error: there is no check `{id}`"));
        if let Some(near) = nearest(id) {
            crate::output::say(&format!("help: did you mean `{near}`?"));
        }
    }
    Status::Usage
}
