//! The table of Kubernetes' own resources: `cargo xtask tables --discovery DIR`.
//!
//! DIR is `api/discovery` of the `k8s.io/kubernetes` Go module, where each release keeps what its API server serves.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::Context;
use serde_json::Value;

/// What `cargo xtask tables` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder `api/discovery` of the `k8s.io/kubernetes` Go module
    #[arg(long, value_name = "DIR")]
    discovery: PathBuf,
    /// The release that the folder belongs to, for example `v1.36.2`
    #[arg(long)]
    release: String,
    /// The table to write
    #[arg(long, default_value = "crates/inventory/tables/kubernetes.tsv")]
    out: PathBuf,
}

/// Writes the table anew.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let text = table(options)?;
    fs::write(&options.out, text).with_context(|| options.out.display().to_string())
}

fn table(options: &Options) -> anyhow::Result<String> {
    let mut groups = vec![read(options, "api__v1.json")?];
    let listed = read(options, "apis.json")?;
    let mut rows = BTreeMap::new();
    for group in array(&listed, "groups") {
        // The preferred version comes first in a group's list.
        for version in array(group, "versions") {
            let file = format!("apis__{}.json", text(version, "groupVersion").replace('/', "__"));
            groups.push(read(options, &file)?);
        }
    }
    for (rank, list) in groups.iter().enumerate() {
        add(list, rank, &mut rows);
    }
    let mut out = format!(
        "# What the API server of Kubernetes serves by itself.\n# release\t{}\n# Made by `cargo xtask tables` from the \
         folder api/discovery of the k8s.io/kubernetes Go module. Don't edit.\n\
         # group\tversion\tkind\tplural\tnamespaced\tverbs\tsubresources\n",
        options.release
    );
    for row in rows.values() {
        out.push_str(row);
        out.push('\n');
    }
    Ok(out)
}

/// Adds the resources of one APIResourceList, ordered by group, then by preference.
fn add(list: &Value, rank: usize, rows: &mut BTreeMap<(String, usize, String), String>) {
    let group_version = text(list, "groupVersion");
    let (group, version) = group_version.rsplit_once('/').unwrap_or(("", group_version));
    let resources: Vec<&Value> = array(list, "resources").collect();
    for resource in resources.iter().filter(|resource| !text(resource, "name").contains('/')) {
        let plural = text(resource, "name");
        let prefix = format!("{plural}/");
        let below: Vec<&str> =
            resources.iter().filter_map(|r| text(r, "name").strip_prefix(&prefix)).collect();
        let verbs: Vec<&str> = array(resource, "verbs").filter_map(Value::as_str).collect();
        let namespaced = resource.get("namespaced").and_then(Value::as_bool).unwrap_or(false);
        let row = [
            group,
            version,
            text(resource, "kind"),
            plural,
            if namespaced { "true" } else { "false" },
            &verbs.join(","),
            &below.join(","),
        ];
        rows.insert((group.to_owned(), rank, plural.to_owned()), row.join("\t"));
    }
}

fn read(options: &Options, file: &str) -> anyhow::Result<Value> {
    let path = options.discovery.join(file);
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn array<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}
