//! Terraform's providers in as far as validation needs them: `tests/e2e/terraform-provider` with the real one's schema, in a
//! folder where `terraform init` finds it instead of in the registry.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::said::said;
use crate::{
    e2e::{go, suite::Ground},
    npm,
};

/// A provider, and the package that its schema is read from.
struct Provider {
    name: &'static str,
    package: &'static str,
}

const PROVIDERS: [Provider; 2] = [
    Provider { name: "aws", package: "@cdktn/provider-aws" },
    Provider { name: "kubernetes", package: "@cdktf/provider-kubernetes" },
];

/// Fills a folder with all providers, who know these resources (`resource.TYPE`) and data sources (`data.TYPE`), as Terraform's
/// documentation, "Provider Installation", wants a file system mirror. Which versions they are.
pub(super) fn mirror(
    ground: &Ground<'_>,
    folder: &Path,
    platform: &str,
    types: &[String],
) -> Result<Vec<String>> {
    let program = go::program(ground.workspace, "terraform-provider")?;
    let packages = npm::packages(ground.workspace, "terraform")?;
    let mut versions = Vec::new();
    for Provider { name, package } in &PROVIDERS {
        let own = types.iter().filter(|kind| kind.contains(&format!(".{name}_")));
        let script = ground.workspace.root.join("tests/e2e/terraform/schema.mjs");
        let schema = said(Command::new("node").arg(script).arg(packages.join(package)).args(own))?.yes()?;
        let version = version(&schema)?;
        let place: PathBuf =
            folder.join("registry.terraform.io/hashicorp").join(name).join(&version).join(platform);
        fs::create_dir_all(&place)?;
        fs::write(place.join("schema.json"), schema)?;
        fs::copy(&program, place.join(format!("terraform-provider-{name}_v{version}")))?;
        versions.push(format!("{name} {version}"));
    }
    Ok(versions)
}

fn version(schema: &str) -> Result<String> {
    let schema: Value = serde_json::from_str(schema)?;
    let version = schema.get("version").and_then(Value::as_str);
    Ok(version.context("a provider's schema without version")?.to_owned())
}
