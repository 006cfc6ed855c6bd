//! `oarlock policy`: what is wrong with policies of AWS, and what their wildcards stand for.

mod expand;
mod lint;

use clap::Subcommand;

use crate::exit::Status;

/// Look at policies of AWS: what AWS would refuse or ignore, and what wildcards stand for
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Lint(lint::Arguments),
    Expand(expand::Arguments),
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A user, group, role, session, or as a permissions boundary
    Identity,
    /// A bucket, key, queue and the like
    Resource,
    /// A role, to say who may assume it
    Trust,
    /// An organisation's unit or account, to limit its principals
    Scp,
    /// An organisation's unit or account, to limit access to its resources
    Rcp,
    /// A VPC endpoint
    Endpoint,
}

pub(crate) use lint::Json as LintJson;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    match &arguments.verb {
        Verb::Lint(arguments) => lint::run(arguments),
        Verb::Expand(arguments) => expand::run(arguments),
    }
}

impl From<Kind> for iam::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity,
            Kind::Resource => Self::Resource,
            Kind::Trust => Self::Trust,
            Kind::Scp => Self::ServiceControl,
            Kind::Rcp => Self::ResourceControl,
            Kind::Endpoint => Self::Endpoint,
        }
    }
}

/// The kind that was given, or the one that the document looks like.
fn kind_of(given: Option<Kind>, text: &str) -> iam::Kind {
    let guessed = || serde_json::from_str(text).map_or(iam::Kind::Identity, |json| iam::Kind::of(&json));
    given.map_or_else(guessed, Into::into)
}
