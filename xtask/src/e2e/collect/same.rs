//! What Oarlock collects, beside what examples/collect-inventory.sh does with the AWS CLI and kubectl: the same files with the same in
//! them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use facts::Gap;
use inventory::Inventory;
use serde_json::Value;

use crate::e2e::{
    aws::{
        clusters::{self, Clusters},
        cycle, files,
        front::Aws,
        person::Person,
        text,
    },
    enough::case::documents,
    python::Tools,
    suite::Ground,
};

/// Files by what they are about, in whichever of the formats.
type Files = BTreeMap<String, Value>;

/// What the AWS API server doesn't have: its organisation is one account's, and it gives secrets ARNs of its own.
const FORESEEN: [&str; 2] = ["the KMS key of", "where in the organisation"];

/// With or without such gaps.
const COLLECTED: [i32; 2] = [0, 5];

/// Collects an example fleet's clusters both ways; what was shown, in one line.
pub(super) fn run(ground: &Ground<'_>, tools: &Tools, example: &str) -> Result<String> {
    let folder = ground.folder.join(example);
    fs::create_dir_all(&folder)?;
    let inventory = ground.examples().join(example).join("inventory");
    let decided = folder.join("clusters.json");
    fs::write(&decided, clusters::decided(&inventory)?.to_string())?;
    let aws = Aws::start(ground, &folder.join("aws"), &decided)?;
    let clusters = Clusters::start(ground, example, &inventory)?;
    let person = Person::new(ground, tools, &folder, &aws.endpoint, cycle::accounts(&inventory)?)?
        .with_kubeconfig(&clusters.kubeconfig);
    // The AWS CLI's second version prints times so unless told otherwise; this is the first.
    let config = fs::read_to_string(folder.join("aws-config"))?;
    fs::write(folder.join("aws-config"), config.replace("]\n", "]\ncli_timestamp_format = iso8601\n"))?;
    let seed = person.repository("tests/e2e/python/seed.py");
    person.run("seed", &tools.python, &[&text(&seed)?, &text(&inventory)?])?;
    let scene = Scene { ground, person, inventory: &inventory, example };
    scene.compare().with_context(|| format!("{example}\n{}\nAWS: {}", clusters.logs(), aws.log().display()))
}

struct Scene<'a> {
    ground: &'a Ground<'a>,
    person: Person<'a>,
    inventory: &'a Path,
    example: &'a str,
}

impl Scene<'_> {
    fn compare(&self) -> Result<String> {
        let arns: Vec<_> = clusters::folders(self.inventory)?.into_iter().map(|folder| folder.arn).collect();
        let script = self.ground.examples().join("collect-inventory.sh");
        let arguments: Vec<_> = [text(&script)?].into_iter().chain(arns).collect();
        self.as_hub("script", &arguments)?;
        let theirs = read(&self.person.folder("script").join("inventory"))?;
        let first = self.collect()?;
        let (_, again) = self.collect().context("over the inventory that is there")?;
        same(&first.1, &again, "the second run")?;
        same(&theirs, &first.1, "Oarlock")?;
        Ok(format!(
            "{}: {} files as the AWS CLI and kubectl print them, {}",
            self.example,
            theirs.len(),
            first.0
        ))
    }

    /// What it says, and the files.
    fn collect(&self) -> Result<(String, Files)> {
        let fleet = text(&self.ground.examples().join(self.example).join("fleet.yaml"))?;
        let oarlock = text(&self.ground.oarlock()?)?;
        let arguments = ["collect", "-f", &fleet, "-i", "inventory", "--profile", "account-{account}"];
        let more = ["--kubeconfig", "-o", "json"];
        let words = [&[oarlock.as_str()], &arguments[..], &more[..]].concat();
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let told: Value = serde_json::from_str(&self.as_hub("oarlock", &words)?)?;
        let folder = self.person.folder("oarlock").join("inventory");
        readable(&folder)?;
        let number = |field: &str| told.get(field).and_then(Value::as_u64).context("a number of requests");
        let said = format!(
            "in {} requests to AWS and {} to API servers",
            number("awsRequests")?,
            number("kubernetesRequests")?
        );
        Ok((said, read(&folder)?))
    }

    /// Somebody whose own credentials are those of the hub's account.
    fn as_hub(&self, name: &str, words: &[String]) -> Result<String> {
        let hub =
            clusters::folders(self.inventory)?.into_iter().next().context("an inventory without clusters")?;
        let account = hub.arn.split(':').nth(4).context("an ARN without account")?.to_owned();
        let profile = format!("AWS_PROFILE=account-{account}");
        let arguments: Vec<&str> =
            [profile.as_str()].into_iter().chain(words.iter().map(String::as_str)).collect();
        self.person.run_to(&COLLECTED, name, Path::new("env"), &arguments)
    }
}

/// `oarlock-inventory` takes every file, and misses none.
fn readable(folder: &Path) -> Result<()> {
    let reading = Inventory::read(
        &inventory::folder::inventory(folder).map_err(|problem| anyhow::anyhow!("{problem}"))?,
    );
    ensure!(reading.problems.is_empty(), "problems: {:?}", reading.problems);
    ensure!(reading.unknown.is_empty(), "files of nothing: {:?}", reading.unknown);
    let is_foreseen = |gap: &Gap| FORESEEN.iter().any(|foreseen| gap.what.starts_with(foreseen));
    ensure!(reading.inventory.gaps.iter().all(is_foreseen), "gaps: {:?}", reading.inventory.gaps);
    Ok(())
}

fn read(folder: &Path) -> Result<Files> {
    let mut read = Files::new();
    for (path, text) in files(folder)?.into_iter().filter(|(path, _)| path != "gaps.json") {
        let value = if path.ends_with(".yaml") {
            documents(&text)?.into_iter().next().context("an empty file")?
        } else {
            serde_json::from_str(&text).with_context(|| path.clone())?
        };
        let name = path.trim_end_matches(".yaml").trim_end_matches(".json").to_owned();
        let value = comparable(&name, value);
        read.insert(name, value);
    }
    Ok(read)
}

/// Without what isn't about the fleet, or differs from one call to the next.
fn comparable(name: &str, mut value: Value) -> Value {
    if name.contains("/kubernetes/discovery/") {
        return discovery(&value);
    }
    if name.contains("/kubernetes/") {
        let items = value.get_mut("items").map(Value::take).unwrap_or_default();
        let mut items: Vec<Value> = serde_json::from_value(items).unwrap_or_default();
        if name.ends_with("/secrets") {
            // The script leaves that to who reads its files.
            items.iter_mut().for_each(inventory::redact_secret);
        }
        return items.into();
    }
    value
}

/// Only the list of one group and version has hashes of how its objects are stored, and the order is anybody's.
fn discovery(list: &Value) -> Value {
    let resources = list.get("resources").and_then(Value::as_array).into_iter().flatten().cloned();
    let by_name: BTreeMap<String, Value> = resources
        .map(|mut resource| {
            if let Some(resource) = resource.as_object_mut() {
                resource.remove("storageVersionHash");
            }
            (resource.get("name").map(ToString::to_string).unwrap_or_default(), resource)
        })
        .collect();
    serde_json::json!({ "groupVersion": list.get("groupVersion"), "resources": by_name })
}

fn same(expected: &Files, found: &Files, whose: &str) -> Result<()> {
    let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let different: Vec<_> =
        names.into_iter().filter(|name| expected.get(*name) != found.get(*name)).collect();
    let Some(first) = different.first() else { return Ok(()) };
    let show =
        |files: &Files| files.get(*first).map_or_else(|| "no such file".to_owned(), ToString::to_string);
    bail!(
        "{whose} has {} files otherwise, {different:?}; the first:\n{}\n{}",
        different.len(),
        show(expected),
        show(found)
    )
}
