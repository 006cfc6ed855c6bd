//! `cargo xtask`: the project's own tasks. `cargo xtask test` is all that has to pass; it is what CI runs.
//!
//! This is a tool for people who work on Oarlock: it starts processes, reads and writes files and prints.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command for people, not a library"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod catalogue;
mod checks;
mod deny;
pub mod docs;
mod e2e;
mod fuzz;
mod npm;
mod process;
mod python;
mod schema;
mod tables;
mod test;
mod workspace;

pub use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Oarlock's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that has to pass: format, lints, tests, docs, dependencies, end-to-end comparisons, a bounded fuzz run
    Test(test::Options),
    /// Fuzz the parsers and the rule algebra
    Fuzz(fuzz::Options),
    /// Compare Oarlock with Kubernetes' own code, Argo CD's, an AWS API server and the tools that its output is for
    #[command(after_help = e2e::suites(), args_conflicts_with_subcommands = true)]
    E2e(e2e::Arguments),
    /// Measure `oarlock plan` on a generated fleet, and how fast RBAC and IAM are decided
    Bench(bench::Options),
    /// Read every YAML file of a folder into untyped values: what `bench` compares with
    #[command(hide = true)]
    BenchBaseline(bench::baseline::Options),
    /// Measure RBAC decisions on compiled rules, on one core
    BenchRbac(bench::decide::Options),
    /// What `bench` runs to measure the chain's questions
    #[command(hide = true)]
    BenchChain(bench::chain::AskOptions),
    /// Measure IAM decisions on compiled policies, on one core
    #[command(hide = true)]
    BenchPolicies(bench::policies::engine::Options),
    /// Bring docs/schema up to date with what `oarlock schema` prints
    Schema(schema::Options),
    /// Bring docs/checks up to date with the pages of the audit's checks
    Checks,
    /// Write the table of Kubernetes' own resources from a release's API discovery
    Tables(tables::Options),
    /// Write what the IAM crate embeds: AWS's actions, resource types, condition keys and managed policies
    Catalogue(catalogue::Options),
    /// Check that the paths, links and invariants in the Markdown files exist
    Docs,
}

/// Runs the task that the command line names.
pub fn main() -> ExitCode {
    let workspace = Workspace::here();
    let result = match Arguments::parse().task {
        Task::Test(options) => test::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::E2e(arguments) => e2e::main(&workspace, &arguments),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::BenchBaseline(options) => bench::baseline::run(&options),
        Task::BenchChain(options) => bench::chain::ask(&options),
        Task::BenchRbac(options) => bench::decide::run(&options),
        Task::BenchPolicies(options) => bench::policies::engine::run(&options),
        Task::Schema(options) => schema::run(&workspace, &options),
        Task::Checks => checks::run(&workspace),
        Task::Tables(options) => tables::run(&options),
        Task::Catalogue(options) => catalogue::run(&workspace, &options),
        Task::Docs => docs::run(&workspace),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
