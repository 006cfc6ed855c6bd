//! `cargo xtask test`: all that has to pass, in stages, stopping at the first that fails.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::Args;

use crate::{Workspace, deny, e2e, fuzz, process, schema};

/// Seconds for each fuzz target: enough to show that seeds pass and that nothing shallow is broken.
const FUZZ_SECONDS: u32 = 15;

/// What to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these stages: format, lints, tests, docs, dependencies, schemas, e2e, fuzz
    stages: Vec<String>,
    /// Everything, where the default is a sample: hours
    #[arg(long)]
    all: bool,
}

struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn(&Workspace, &Options) -> Result<String>,
}

const STAGES: &[Stage] = &[
    Stage { name: "format", what: "cargo fmt --check", run: format },
    Stage { name: "lints", what: "clippy on all targets, warnings denied", run: lints },
    Stage { name: "tests", what: "unit, integration, golden and doc tests", run: tests },
    Stage { name: "docs", what: "cargo doc, warnings denied", run: docs },
    Stage { name: "schemas", what: "docs/schema is what `oarlock schema` prints", run: schemas },
    Stage { name: "dependencies", what: "licences, bans and sources with cargo-deny", run: dependencies },
    Stage { name: "e2e", what: "the same answers as Kubernetes' own code", run: end_to_end },
    Stage { name: "fuzz", what: "each fuzz target for a few seconds", run: bounded_fuzz },
];

/// Runs the stages and prints what each took.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let chosen = chosen(&options.stages)?;
    let mut done = Vec::new();
    for (index, stage) in chosen.iter().enumerate() {
        println!("\n=== {}/{} {}: {}", index + 1, chosen.len(), stage.name, stage.what);
        let start = Instant::now();
        let result = (stage.run)(workspace, options);
        done.push((stage.name, start.elapsed(), result.as_ref().ok().cloned()));
        if let Err(error) = result {
            summary(&done, &chosen);
            bail!("{} failed: {error:#}", stage.name);
        }
    }
    summary(&done, &chosen);
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|stage| stage.name != **name)) {
        let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        bail!("no stage is called `{unknown}`: there are {}", known.join(", "));
    }
    Ok(STAGES
        .iter()
        .filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name))
        .collect())
}

fn summary(done: &[(&str, Duration, Option<String>)], chosen: &[&Stage]) {
    println!("\n=== summary");
    for (name, took, result) in done {
        let result = result.as_ref().map_or("FAILED", |text| text);
        println!("{name:<14}{:>7.1} s  {result}", took.as_secs_f64());
    }
    for stage in chosen.iter().skip(done.len()) {
        println!("{:<14}        -  not run", stage.name);
    }
    let total: Duration = done.iter().map(|(_, took, _)| *took).sum();
    println!("{:<14}{:>7.1} s", "total", total.as_secs_f64());
}

fn format(workspace: &Workspace, _: &Options) -> Result<String> {
    process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut workspace.cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    Ok("ok".to_owned())
}

fn lints(workspace: &Workspace, _: &Options) -> Result<String> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    process::run(&mut workspace.cargo(&clippy))?;
    Ok("ok".to_owned())
}

fn tests(workspace: &Workspace, _: &Options) -> Result<String> {
    let totals = RefCell::new(Totals::default());
    let mut command = workspace.cargo(&["test", "--workspace", "--locked"]);
    let result = process::run_watched(&mut command, |line| totals.borrow_mut().add(line));
    let Totals { passed, failed, ignored } = totals.into_inner();
    let text = format!("{passed} passed, {failed} failed, {ignored} ignored");
    println!("all tests: {text}");
    result?;
    if passed == 0 { bail!("no test ran") } else { Ok(text) }
}

fn docs(workspace: &Workspace, _: &Options) -> Result<String> {
    let mut doc = workspace.cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok("ok".to_owned())
}

fn schemas(workspace: &Workspace, _: &Options) -> Result<String> {
    schema::run(workspace, &schema::Options { check: true })?;
    Ok("ok".to_owned())
}

fn dependencies(workspace: &Workspace, _: &Options) -> Result<String> {
    deny::run(workspace)?;
    Ok("ok".to_owned())
}

fn end_to_end(workspace: &Workspace, options: &Options) -> Result<String> {
    e2e::run(workspace, &e2e::Options { all: options.all, ..e2e::Options::default() })
}

fn bounded_fuzz(workspace: &Workspace, _: &Options) -> Result<String> {
    let options = fuzz::Options { seconds: FUZZ_SECONDS, targets: Vec::new() };
    fuzz::run(workspace, &options)?;
    Ok(format!("{FUZZ_SECONDS} s each"))
}

/// The sums of libtest's own `test result:` lines.
#[derive(Default, Debug, PartialEq, Eq)]
struct Totals {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Totals {
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let mut words = count.split(' ');
            let number = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_the_sums_of_the_runners_own_lines() {
        let mut totals = Totals::default();
        totals.add(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        totals.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        totals.add("test reads_a_list ... ok");
        assert_eq!(totals, Totals { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn an_unknown_stage_is_an_error_that_names_those_that_exist() {
        let error = chosen(&["lint".to_owned()]).err().unwrap().to_string();
        assert!(error.starts_with("no stage is called `lint`: there are format, lints, tests"), "{error}");
    }
}
