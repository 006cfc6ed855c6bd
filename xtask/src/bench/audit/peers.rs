//! Auditors that others wrote, from PyPI: each in a process of its own, on the part of the input that it reads.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::generate::Tenth;
use crate::{Workspace, python};

/// An auditor, ready to run.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) command: Command,
    /// Exit statuses of a run that looked at everything.
    pub(super) fine: &'static [i32],
    pub(super) reads: Reads,
    /// How many findings it printed; none where it prints none.
    pub(super) count: fn(&[u8]) -> Result<Option<usize>>,
}

/// What an auditor looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Policies of roles.
    Iam,
    /// Roles and bindings of clusters.
    Rbac,
}

/// The checks of checkov that are about roles and bindings one by one. Those that follow bindings (`CKV2_K8S_1` to `CKV2_K8S_5`) aren't
/// through with twenty clusters after minutes.
const RBAC_CHECKS: &str = "CKV_K8S_42,CKV_K8S_49,CKV_K8S_155,CKV_K8S_156,CKV_K8S_157,CKV_K8S_158";

/// All of them, installed.
pub(super) fn peers(workspace: &Workspace, folder: &Path, tenth: &Tenth) -> Result<Vec<Peer>> {
    let environment = |name: &str| {
        let requirements = format!("tests/e2e/auditors/{name}.txt");
        python::environment(workspace, &format!("bench/auditors/{name}"), &requirements)
    };
    let (iam, rbac) = (environment("iam")?, environment("rbac")?);
    let report = folder.join("cloudsplaining");
    fs::create_dir_all(&report).with_context(|| format!("cannot make {}", report.display()))?;
    Ok(vec![
        cloudsplaining(iam.join("cloudsplaining"), tenth, &report),
        parliament(iam.join("parliament"), tenth),
        checkov(rbac.join("checkov"), tenth),
    ])
}

/// Writes a page and files of data, and prints their names.
fn cloudsplaining(program: PathBuf, tenth: &Tenth, report: &Path) -> Peer {
    let mut command = Command::new(program);
    command.args(["scan", "--skip-open-report", "--flag-trust-policies", "--input-file"]);
    command.arg(&tenth.iam).arg("--output").arg(report);
    Peer { name: "cloudsplaining", command, fine: &[0], reads: Reads::Iam, count: |_| Ok(None) }
}

/// Prints a finding a line.
fn parliament(program: PathBuf, tenth: &Tenth) -> Peer {
    let mut command = Command::new(program);
    command.args(["--json", "--auth-details-file"]).arg(&tenth.iam);
    let lines = |output: &[u8]| Ok(Some(std::str::from_utf8(output)?.lines().count()));
    Peer { name: "parliament", command, fine: &[0, 1], reads: Reads::Iam, count: lines }
}

/// Prints one object, with a summary.
fn checkov(program: PathBuf, tenth: &Tenth) -> Peer {
    let mut command = Command::new(program);
    command.args([
        "--framework",
        "kubernetes",
        "--output",
        "json",
        "--compact",
        "--quiet",
        "--skip-download",
    ]);
    command.args(["--check", RBAC_CHECKS, "--directory"]).arg(&tenth.rbac);
    let failed = |output: &[u8]| {
        let report: Value = serde_json::from_slice(output)?;
        let failed = report.pointer("/summary/failed").and_then(Value::as_u64);
        Ok(Some(usize::try_from(failed.context("checkov printed no summary")?)?))
    };
    Peer { name: "checkov", command, fine: &[0, 1], reads: Reads::Rbac, count: failed }
}
