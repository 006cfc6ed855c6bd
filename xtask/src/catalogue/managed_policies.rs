//! The table of AWS managed policies, from the JSON text that moto keeps in a Python file.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::text;

/// Shown in the file, for whoever reads it.
const FORMAT: &str = "# then, after an empty line, the policies: ARN, default version, its document\n\n";

/// One policy a line, in the order of their names.
pub(super) fn table(packages: &Path) -> Result<String> {
    let path = packages.join("moto/iam/aws_managed_policies.py");
    let file = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let all: BTreeMap<String, Value> = serde_json::from_str(literal(&file)?)?;
    let mut out = String::from(FORMAT);
    for (name, policy) in &all {
        let document = policy.get("Document").with_context(|| format!("{name} has no document"))?;
        out.push_str(&format!(
            "arn:aws:iam::aws:policy{}{name}\t{}\t{}\n",
            text(policy, "Path")?,
            text(policy, "DefaultVersionId")?,
            serde_json::to_string(document)?
        ));
    }
    Ok(out)
}

/// What is between the file's triple quotes. Without a backslash Python reads it as it is written.
fn literal(file: &str) -> Result<&str> {
    let (_, rest) = file.split_once("\"\"\"").context("no triple quotes")?;
    let (literal, _) = rest.split_once("\"\"\"").context("no closing triple quotes")?;
    ensure!(!literal.contains('\\'), "a backslash: Python would read it as an escape");
    Ok(literal)
}
