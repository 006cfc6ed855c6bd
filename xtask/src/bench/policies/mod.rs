//! `cargo xtask bench policies`: IAM decisions against other engines on the same input, and `oarlock simulate`.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Options, aim, measure, measure::Usage, release};
use crate::Workspace;

pub(crate) mod engine;
mod generate;
mod grant;
mod peers;
mod report;
mod request;
pub(super) mod role;

use generate::{Input, REPEATING_LINES, REQUESTS, ROLES, generate};
use report::Report;

/// One engine's run.
struct Row {
    name: &'static str,
    usage: Usage,
    report: Report,
}

/// How fast `oarlock simulate` answers lines, end to end.
struct Lines {
    per_second: f64,
    /// Seconds of CPU that a line takes, of whichever core.
    cpu: f64,
}

/// Generates, runs every engine in a process of its own, and prints Markdown tables.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.target.join("bench/policies");
    eprintln!("generating {ROLES} roles and {REQUESTS} requests in {}", folder.display());
    let input = generate(&folder, options.seed)?;
    let runs = options.runs.max(3);
    let load = measure::least(ours(workspace, &input).args(["--seconds", "0"]), runs, &[0])?;
    let mut rows = vec![
        best("Oarlock, role by role", &mut ours(workspace, &input), runs)?,
        best("Oarlock, in random order", ours(workspace, &input).arg("--shuffled"), runs)?,
        best("Oarlock, caches warm", ours(workspace, &input).args(["--repeat", "20"]), runs)?,
    ];
    if !options.no_peers {
        rows.push(best("`iam-rs`, role by role", &mut peers::iam_rs(workspace, &input)?, 1)?);
        rows.push(best("`iam-simulate`, role by role", &mut peers::iam_simulate(workspace, &input)?, 1)?);
    }
    print_table(&rows)?;
    let lines = simulated(workspace, &input, runs)?;
    print_aims(load, rows.first().context("nothing measured")?, &lines);
    Ok(())
}

fn ours(workspace: &Workspace, input: &Input) -> Command {
    let mut command = Command::new(release(workspace, "xtask"));
    command.arg("bench-policies").arg(&input.roles).arg(&input.requests);
    command
}

/// The run with the highest rate.
fn best(name: &'static str, command: &mut Command, runs: u32) -> Result<Row> {
    let mut best: Option<Row> = None;
    for _ in 0..runs {
        let (usage, output) = measure::output(command, &[0])?;
        let row = Row { name, usage, report: Report::of_output(&output)? };
        best = Some(best.filter(|best| best.report.per_second >= row.report.per_second).unwrap_or(row));
    }
    best.context("no run")
}

fn simulated(workspace: &Workspace, input: &Input, runs: u32) -> Result<[Lines; 2]> {
    let measured = |file, lines: usize| -> Result<Lines> {
        let mut command = Command::new(release(workspace, "oarlock"));
        let usage = measure::least(command.arg("simulate").arg(file), runs, &[0])?;
        Ok(Lines {
            per_second: lines as f64 / usage.wall.as_secs_f64(),
            cpu: usage.cpu.as_secs_f64() / lines as f64,
        })
    };
    Ok([measured(&input.repeating, REPEATING_LINES)?, measured(&input.own, ROLES)?])
}

fn print_table(rows: &[Row]) -> Result<()> {
    let Row { report: own, .. } = rows.first().context("nothing measured")?;
    println!(
        "{ROLES} roles, {REQUESTS} requests: {:.0} % allowed, {:.0} % denied by a statement, {:.0} % allowed by nothing\n",
        own.share('A'),
        own.share('D'),
        own.share('I')
    );
    println!(
        "| engine | decisions a second | Oarlock against it | loading | peak memory | the same decisions |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    for Row { name, usage, report } in rows {
        println!(
            "| {name} | {:.0} | {:.1} | {:.2} s | {:.0} MiB | {:.2} % |",
            report.per_second,
            own.per_second / report.per_second,
            report.load_seconds,
            usage.mebibytes(),
            own.agreement(report),
        );
    }
    Ok(())
}

fn print_aims(load: Usage, own: &Row, [repeating, own_each]: &[Lines; 2]) {
    let (rate, seconds, peak) = (own.report.per_second, load.cpu.as_secs_f64(), own.usage.mebibytes());
    println!("\n| aim | measured | |\n|---|--:|---|");
    aim("at least 2,000,000 decisions a second on one core", format!("{rate:.0}"), rate >= 2e6);
    aim("loading below 0.5 s of CPU, the whole process", format!("{seconds:.2} s"), seconds < 0.5);
    aim("peak memory below 150 MiB, requests included", format!("{peak:.0} MiB"), peak < 150.0);
    let aims = [("documents repeat", repeating, 2e5), ("each has its own", own_each, 4e4)];
    for (which, Lines { per_second, cpu }, wanted) in aims {
        let measured = format!("{per_second:.0}, {:.1} µs of CPU each", cpu * 1e6);
        aim(
            &format!("`simulate`: {wanted:.0} lines a second where {which}"),
            measured,
            *per_second >= wanted,
        );
    }
}
