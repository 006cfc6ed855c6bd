//! `oarlock policy`: what is wrong with policies of AWS, what their wildcards stand for, and how they compare.

mod covers;
mod expand;
mod lint;
mod shrink;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use iam::{Document, Parsed};

use crate::{
    exit::Status,
    input::{Refused, problem_in, read_policy},
};

/// Look at policies of AWS: what AWS would refuse or ignore, what wildcards stand for, what one allows and another doesn't
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Lint(lint::Arguments),
    Expand(expand::Arguments),
    Shrink(shrink::Arguments),
    Covers(covers::Arguments),
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

pub(crate) use covers::Json as CoversJson;
pub(crate) use lint::Json as LintJson;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    match &arguments.verb {
        Verb::Lint(arguments) => lint::run(arguments),
        Verb::Expand(arguments) => expand::run(arguments),
        Verb::Shrink(arguments) => shrink::run(arguments),
        Verb::Covers(arguments) => covers::run(arguments),
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

/// One document.
#[derive(Debug, clap::Args)]
struct Source {
    /// A policy document, as JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the policy is attached to [default: by its elements]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

impl Source {
    fn read(&self) -> anyhow::Result<Document> {
        read_legal(&self.file, self.kind)
    }
}

/// A document that AWS would take.
fn read_legal(path: &Path, kind: Option<Kind>) -> anyhow::Result<Document> {
    let text = read_policy(path).map_err(Refused::one)?;
    let parsed = Parsed::of_text(&text, kind_of(kind, &text));
    Ok(parsed.legal().map_err(|error| Refused::one(problem_in(path, &text, &error.0)))?)
}

/// The kind that was given, or the one that the document looks like.
fn kind_of(given: Option<Kind>, text: &str) -> iam::Kind {
    let guessed = || serde_json::from_str(text).map_or(iam::Kind::Identity, |json| iam::Kind::of(&json));
    given.map_or_else(guessed, Into::into)
}
