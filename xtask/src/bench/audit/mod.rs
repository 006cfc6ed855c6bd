//! `cargo xtask bench audit`: `oarlock audit` on a whole fleet's inventory, and against other auditors on a tenth of it.

mod generate;
mod peers;

use std::{path::Path, process::Command};

use anyhow::Result;
use serde::Deserialize;

use super::{Options, aim, measure, measure::Usage, release};
use crate::Workspace;

use generate::{Input, Tenth, generate};
use peers::{Peer, Reads, peers};

/// One auditor's run.
struct Run {
    usage: Usage,
    /// None where it isn't printed.
    findings: Option<usize>,
}

/// What `oarlock audit -o json` prints, as far as it is counted.
#[derive(Deserialize)]
struct Audited {
    findings: Vec<serde::de::IgnoredAny>,
}

/// Generates, audits in processes of their own, and prints Markdown tables.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.target.join("bench/audit");
    eprintln!("generating an inventory to audit in {}", folder.display());
    let input = generate(&folder, options.scale, options.seed)?;
    let mut auditing = oarlock(workspace);
    auditing.arg("--inventory").arg(&input.inventory);
    let whole = cheapest(&mut auditing, &[0, 4], options.runs, audited)?;
    print_whole(&input, &whole);
    if !options.no_peers {
        beside(workspace, &folder, &input.tenth, options.runs)?;
    }
    Ok(())
}

fn oarlock(workspace: &Workspace) -> Command {
    let mut command = Command::new(release(workspace, "oarlock"));
    command.args(["audit", "--output", "json"]);
    command
}

fn audited(output: &[u8]) -> Result<Option<usize>> {
    Ok(Some(serde_json::from_slice::<Audited>(output)?.findings.len()))
}

/// The run with the least CPU time.
fn cheapest(
    command: &mut Command,
    fine: &[i32],
    runs: u32,
    count: impl FnOnce(&[u8]) -> Result<Option<usize>>,
) -> Result<Run> {
    let (usage, output) = measure::least_output(command, runs, fine)?;
    Ok(Run { usage, findings: count(&output)? })
}

fn print_whole(input: &Input, Run { usage, findings }: &Run) {
    println!("| roles | clusters | wall | CPU | CPU/wall | peak memory | findings |");
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    println!(
        "| {} | {} | {:.2} s | {:.2} s | {:.2} | {:.0} MiB | {} |",
        input.roles,
        input.clusters,
        usage.wall.as_secs_f64(),
        usage.cpu.as_secs_f64(),
        usage.cores(),
        usage.mebibytes(),
        findings.unwrap_or_default(),
    );
    let (wall, peak) = (usage.wall.as_secs_f64(), usage.mebibytes());
    println!("\n| aim | measured | |\n|---|--:|---|");
    aim("less than 5 s", format!("{wall:.2} s"), wall < 5.0);
    aim("peak memory below 1 GiB", format!("{peak:.0} MiB"), peak < 1024.0);
}

/// Each on the part that it reads, beside `oarlock audit` on the same files.
fn beside(workspace: &Workspace, folder: &Path, tenth: &Tenth, runs: u32) -> Result<()> {
    let of = |path| cheapest(oarlock(workspace).arg(path), &[0, 4], runs, audited);
    let (iam, rbac) = (of(&tenth.iam)?, of(&tenth.rbac)?);
    let mut rows = Vec::new();
    for Peer { name, mut command, fine, reads, count } in peers(workspace, folder, tenth)? {
        rows.push((name, reads, cheapest(&mut command, fine, 1, count)?));
    }
    println!(
        "\nThe policies of {} roles; the roles and bindings of {} clusters:\n",
        tenth.roles, tenth.clusters
    );
    println!("| auditor | of | wall | CPU | peak memory | findings | its CPU against `oarlock audit` |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for (reads, ours) in [(Reads::Iam, &iam), (Reads::Rbac, &rbac)] {
        print_row("`oarlock audit`", reads, ours, ours);
        let theirs = rows.iter().filter(|(_, of, _)| *of == reads);
        theirs.for_each(|(name, _, run)| print_row(name, reads, run, ours));
    }
    Ok(())
}

fn print_row(name: &str, reads: Reads, Run { usage, findings }: &Run, ours: &Run) {
    let of = match reads {
        Reads::Iam => "IAM",
        Reads::Rbac => "RBAC",
    };
    println!(
        "| {name} | {of} | {:.2} s | {:.2} s | {:.0} MiB | {} | {:.1} |",
        usage.wall.as_secs_f64(),
        usage.cpu.as_secs_f64(),
        usage.mebibytes(),
        findings.map_or("–".to_owned(), |findings| findings.to_string()),
        usage.cpu.as_secs_f64() / ours.usage.cpu.as_secs_f64(),
    );
}
