//! `oarlock diagnose`.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use access::{Installation, Passes};
use anyhow::Context;
use checks::diagnosis::{Answer, Diagnosed, Diagnoses, Inquiry, Level, Repair, alone, messages};
use inventory::Inventory;
use live::Verb;

use super::{Format, WayIn, asked, collected};
use crate::{
    exit::Status,
    input::read_whole,
    output::{Stream, print_json, print_text, width},
    view::diagnosis::{self, Looked},
};

/// Say what an error text means: the hop that fails, its cause, and the smallest change that mends it
///
/// Of logs of Argo CD, Applications with their conditions, events of CloudTrail and of Kubernetes' audit, or an error as it was
/// pasted, in any mixture. With an inventory it looks the facts up, and tries the change on it. The exit status is 0 if every error
/// in it is known, 5 if one isn't.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("facts").args(["inventory", "live"]))]
#[command(mut_group("WayIn", |group| group.requires("live")))]
#[command(after_help = "\
Examples:
  kubectl -n argocd logs deploy/argocd-server | oarlock diagnose -
  argocd app get checkout -o json | oarlock diagnose -
  oarlock diagnose events.json -i inventory/ --fix terraform
  oarlock diagnose events.json --live -f fleet.yaml
  oarlock diagnose 'the server has asked for the client to provide credentials'")]
pub(crate) struct Arguments {
    /// A file, `-` for standard input, or the error itself
    #[arg(value_name = "FILE|-|TEXT")]
    input: String,
    /// The inventory folder, in which the facts are looked up
    #[arg(short = 'i', long, value_name = "DIR")]
    inventory: Option<PathBuf>,
    /// Look the facts up in AWS and in the clusters of a fleet, as `oarlock collect` does
    #[arg(long, requires = "fleet", conflicts_with = "inventory")]
    live: bool,
    /// The fleet file, with `--live`
    #[arg(short = 'f', long, value_name = "FILE", requires = "live")]
    fleet: Option<PathBuf>,
    /// The cluster that is meant where an error names none
    #[arg(long, requires = "facts")]
    cluster: Option<String>,
    /// The cluster that Argo CD runs in [default: the only one that has its objects]
    #[arg(long, value_name = "CLUSTER", requires = "facts")]
    hub: Option<String>,
    /// How changes are written
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Yaml)]
    fix: Form,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    way_in: WayIn,
}

/// The name of what isn't in a file.
const PASTED: &str = "(argument)";

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Kubernetes objects, and CloudFormation
    Yaml,
    /// HCL
    Terraform,
    /// kubectl and the AWS CLI
    Cli,
}

impl From<Form> for checks::diagnosis::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Yaml => Self::Yaml,
            Form::Terraform => Self::Terraform,
            Form::Cli => Self::Cli,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let (name, text) = input(&arguments.input)?;
    let inventory = facts(arguments)?;
    let inquiry = inventory.as_ref().map(|inventory| inquiry(arguments, inventory)).transpose()?;
    let mut messages = messages(&name, &text);
    if name == PASTED {
        // Nobody asks what a text means that is none of an error.
        messages.iter_mut().filter(|own| own.level == Level::Unsaid).for_each(|own| own.level = Level::Error);
    }
    let diagnoses = Diagnoses::of(&messages);
    let look = |error| looked(inquiry.as_ref(), error);
    let looked: Vec<Looked> = diagnoses.errors.iter().map(look).collect();
    let form = arguments.fix.into();
    match arguments.output {
        Format::Text => print_text(&diagnosis::text(&diagnoses, &looked, form, width(Stream::Stdout)))?,
        Format::Json => print_json(&diagnosis::json(&diagnoses, &looked, form))?,
    }
    let open = |looked: &Looked| {
        looked.answer.as_ref().is_some_and(|own| matches!(own.passes, Passes::Unknown { .. }))
    };
    let unknown = !diagnoses.unrecognised.is_empty() || looked.iter().any(open);
    Ok(if unknown { Status::Undecided } else { Status::Fine })
}

/// What an inventory says, or else the text alone.
fn looked(inquiry: Option<&Inquiry<'_>>, error: &Diagnosed) -> Looked {
    let answer: Option<Answer> = inquiry.and_then(|inquiry| inquiry.ask(error));
    let alone: Option<Repair> = if inquiry.is_none() { alone(error) } else { None };
    Looked { answer, alone }
}

/// The inventory in which the facts are, if there is one.
fn facts(arguments: &Arguments) -> anyhow::Result<Option<Inventory>> {
    match (&arguments.inventory, arguments.fleet.as_deref().filter(|_| arguments.live)) {
        (Some(folder), _) => read_whole(folder).map(Some),
        (None, Some(fleet)) => {
            read_whole(&collected::now(Verb::Diagnose, fleet, &arguments.way_in)?.inventory).map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// Which Argo CD is meant matters only to some errors: those say that it isn't known.
fn inquiry<'i>(arguments: &Arguments, inventory: &'i Inventory) -> anyhow::Result<Inquiry<'i>> {
    let named =
        |name: &Option<String>| name.as_deref().map(|name| asked::cluster(inventory, name)).transpose();
    let hub = named(&arguments.hub)?.map(|(arn, _)| arn);
    let cluster = named(&arguments.cluster)?.map(|(arn, _)| arn.clone());
    Ok(Inquiry::new(inventory, Installation::find(inventory, hub).ok(), cluster))
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
    Ok((PASTED.to_owned(), argument.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the binary reads the file that it is pointed at")]
fn read(path: &str) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}
