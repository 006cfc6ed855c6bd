//! `cargo xtask bench`: what planning a large fleet costs, against merely reading its YAML, how fast access is decided, and what auditing a
//! fleet costs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::{Workspace, process};

mod audit;
pub(crate) mod baseline;
pub(crate) mod chain;
pub(crate) mod decide;
mod generate;
mod manifests;
pub(crate) mod measure;
pub(crate) mod policies;

use generate::{Generated, Size, generate};
use measure::Usage;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// `oarlock plan` on a generated fleet
    Plan,
    /// RBAC decisions on compiled rules
    Rbac,
    /// The chain's questions on a whole fleet's inventory
    Chain,
    /// IAM decisions against other engines, and `oarlock simulate`
    Policies,
    /// `oarlock audit` on a whole fleet's inventory, against other auditors of IAM and RBAC
    Audit,
}

/// What, how large, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these parts
    parts: Vec<Part>,
    /// Size of the fleet: 1 is 1,000 clusters, 20,000 Applications and 600,000 manifest objects
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Seed of the generator
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs of each command; the one with the least CPU time counts
    #[arg(long, default_value_t = 1)]
    runs: u32,
    /// Leave `oarlock plan` out: generator and baseline only
    #[arg(long)]
    baseline_only: bool,
    /// Ask the chain's questions of a fleet ten times as large, too
    #[arg(long)]
    large: bool,
    /// Leave the other engines and auditors out, which come from crates.io, npm and PyPI
    #[arg(long)]
    no_peers: bool,
}

/// What was measured at one size.
struct Row {
    size: Size,
    bytes: u64,
    baseline: Usage,
    plan: Option<Usage>,
}

/// Builds, measures what was asked for, and prints Markdown.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let is_wanted = |part| options.parts.is_empty() || options.parts.contains(&part);
    let runs_oarlock = [Part::Plan, Part::Policies, Part::Audit].into_iter().any(is_wanted);
    let needs_oarlock = !options.baseline_only && runs_oarlock;
    for package in ["oarlock-cli"].into_iter().filter(|_| needs_oarlock).chain(["xtask"]) {
        process::run(&mut workspace.cargo(&["build", "--release", "--locked", "--package", package]))?;
    }
    if is_wanted(Part::Plan) {
        plan(workspace, options)?;
    }
    if is_wanted(Part::Rbac) {
        println!();
        process::run(std::process::Command::new(release(workspace, "xtask")).arg("bench-rbac"))?;
    }
    if is_wanted(Part::Chain) && !options.baseline_only {
        println!();
        chain::run(workspace, options)?;
    }
    if is_wanted(Part::Policies) && !options.baseline_only {
        println!();
        policies::run(workspace, options)?;
    }
    if is_wanted(Part::Audit) && !options.baseline_only {
        println!();
        audit::run(workspace, options)?;
    }
    Ok(())
}

/// Generates and measures at the size and at a tenth of it.
fn plan(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut rows = Vec::new();
    for scale in [options.scale / 10.0, options.scale] {
        let folder = workspace.target.join("bench").join(format!("scale-{scale}"));
        rows.push(row(workspace, &folder, Size::scaled(scale), options)?);
    }
    print_table(&rows);
    if options.baseline_only { Ok(()) } else { print_aims(&rows) }
}

fn release(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn row(workspace: &Workspace, folder: &Path, size: Size, options: &Options) -> Result<Row> {
    eprintln!("generating {} clusters, {} objects in {}", size.clusters, size.objects(), folder.display());
    let Generated { fleet, bytes } = generate(folder, size, options.seed)?;
    let xtask = release(workspace, "xtask");
    let mut reading = std::process::Command::new(xtask);
    reading.arg("bench-baseline").arg(folder);
    let baseline = measure::least(&mut reading, options.runs, &[0])?;
    let mut planning = std::process::Command::new(release(workspace, "oarlock"));
    planning.current_dir(folder).arg("plan").arg("-f").arg(&fleet);
    // 5, not decided: without an inventory nothing is known about the clusters; 4: findings. Both planned all of it.
    let plan = match options.baseline_only {
        true => None,
        false => Some(measure::least(&mut planning, options.runs, &[0, 4, 5])?),
    };
    Ok(Row { size, bytes, baseline, plan })
}

fn print_table(rows: &[Row]) {
    println!(
        "| clusters | Applications | objects | YAML | command | wall | CPU | CPU/wall | peak memory | CPU against reading |"
    );
    println!("|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|");
    for row in rows {
        let commands = [("read only", Some(row.baseline)), ("`oarlock plan`", row.plan)];
        for (name, usage) in commands.iter().filter_map(|(name, usage)| Some((name, (*usage)?))) {
            println!(
                "| {} | {} | {} | {:.2} GB | {name} | {:.2} s | {:.2} s | {:.2} | {:.0} MiB | {:.2} |",
                row.size.clusters,
                row.size.clusters * row.size.applications_each,
                row.size.objects(),
                row.bytes as f64 / 1e9,
                usage.wall.as_secs_f64(),
                usage.cpu.as_secs_f64(),
                usage.cores(),
                usage.mebibytes(),
                usage.cpu.as_secs_f64() / row.baseline.cpu.as_secs_f64(),
            );
        }
    }
}

fn print_aims(rows: &[Row]) -> Result<()> {
    let [small, large] = rows else { bail!("two sizes were to be measured") };
    let (tenth, full) = (small.plan.context("not measured")?, large.plan.context("not measured")?);
    let ratio = full.cpu.as_secs_f64() / large.baseline.cpu.as_secs_f64();
    let growth = full.cpu.as_secs_f64() / tenth.cpu.as_secs_f64();
    let bytes = large.bytes as f64 / small.bytes as f64;
    let peak = full.mebibytes();
    let cores = std::thread::available_parallelism()?;
    println!("\n| aim | measured | |\n|---|--:|---|");
    aim("CPU at most 1.5 times that of reading", format!("{ratio:.2}"), ratio <= 1.5);
    // A tenth more than proportional is noise and the logarithms of sorting.
    aim(
        &format!("CPU grows with the input ({bytes:.1} times the bytes)"),
        format!("{growth:.1} times"),
        growth <= bytes * 1.1,
    );
    aim("peak memory below 1 GiB", format!("{peak:.0} MiB"), peak < 1024.0);
    aim(
        &format!("all {cores} cores used"),
        format!("{:.2}", full.cores()),
        full.cores() > 0.8 * cores.get() as f64,
    );
    Ok(())
}

fn aim(what: &str, measured: String, met: bool) {
    println!("| {what} | {measured} | {} |", if met { "met" } else { "**not met**" });
}
