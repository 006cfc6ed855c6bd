//! A fleet's way from what is there to what is wanted, as a person goes it with the AWS CLI and kubectl: collect, render,
//! apply, apply again, collect, plan.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    clusters::{self, Clusters},
    front::{Aws, Call},
    person::Person,
};
use crate::e2e::{python::Tools, suite::Ground};

/// An example fleet.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) name: &'static str,
    pub(super) fleet: &'static str,
    pub(super) inventory: &'static str,
}

/// Calls that say again what is already so. Whatever else changes something has nothing to do in a second run.
const AGAIN: [&str; 9] = [
    "AttachRolePolicy",
    "PutRolePolicy",
    "TagPolicy",
    "TagResource",
    "TagRole",
    "UpdateAccessEntry",
    "UpdateAssumeRolePolicy",
    "UpdatePodIdentityAssociation",
    "UpdateRole",
];

/// Fine, or incomplete: what waits for a person's choice in the fleet file stays so.
const UNDECIDED: [i32; 2] = [0, 5];

/// Fields that change whenever something is written, or restarted.
const TOUCHED: [&str; 5] =
    ["\"modifiedAt\"", "resourceVersion:", "restartedAt:", "generation:", "observedGeneration:"];

/// Goes the way; what was shown, in one line.
pub(super) fn run(ground: &Ground<'_>, tools: &Tools, example: &Example) -> Result<String> {
    let folder = ground.folder.join(example.name);
    fs::create_dir_all(&folder)?;
    let inventory = ground.examples().join(example.inventory);
    let decided = folder.join("clusters.json");
    fs::write(&decided, clusters::decided(&inventory)?.to_string())?;
    let aws = Aws::start(ground, &folder.join("aws"), &decided)?;
    let clusters = Clusters::start(ground, example.name, &inventory)?;
    let person = Person::new(ground, tools, &folder, &aws.endpoint, accounts(&inventory)?)?
        .with_kubeconfig(&clusters.kubeconfig);
    let way = Way { tools, ground, example, person, inventory, aws: &aws, oarlock: ground.oarlock()? };
    way.go().with_context(|| format!("{}\n{}\nAWS: {}", example.fleet, clusters.logs(), aws.log().display()))
}

struct Way<'a> {
    tools: &'a Tools,
    ground: &'a Ground<'a>,
    example: &'a Example,
    person: Person<'a>,
    inventory: PathBuf,
    aws: &'a Aws,
    oarlock: PathBuf,
}

impl Way<'_> {
    fn go(&self) -> Result<String> {
        let seed = self.person.repository("tests/e2e/python/seed.py");
        self.person.run("seed", &self.tools.python, &[&text(&seed)?, &text(&self.inventory)?])?;
        let before = self.collect("before")?;
        let scripts = self.render(&before)?;
        let first = self.apply("first", &scripts)?;
        let once = self.collect("once")?;
        let second = self.apply("second", &scripts)?;
        let twice = self.collect("twice")?;
        nothing_new(&second)?;
        same(&files(&once)?, &files(&twice)?)?;
        let remaining = self.remaining(&twice)?;
        let mutating = |calls: &[Call]| calls.iter().filter(|call| !call.reads).count();
        Ok(format!(
            "{}: {} changing calls to AWS, then {} that say the same again; {remaining}",
            self.example.name,
            mutating(&first),
            mutating(&second),
        ))
    }

    /// By the script that people get; the inventory's folder.
    fn collect(&self, name: &str) -> Result<PathBuf> {
        let arns: Vec<_> = clusters::folders(&self.inventory)?.into_iter().map(|folder| folder.arn).collect();
        let script = self.ground.examples().join("collect-inventory.sh");
        self.person.run(name, &script, &arns.iter().map(String::as_str).collect::<Vec<_>>())?;
        let collected = self.person.folder(name).join("inventory");
        self.collect_by_hand(&collected)?;
        Ok(collected)
    }

    /// What the script leaves to people, who know which secrets it is about: `aws secretsmanager describe-secret`.
    fn collect_by_hand(&self, collected: &Path) -> Result<()> {
        for (path, text) in files(&self.inventory)? {
            if path.contains("/secretsmanager-describe-secret-") {
                fs::write(collected.join(path), text)?;
            }
        }
        Ok(())
    }

    /// Scripts that shellcheck has no word about.
    fn render(&self, inventory: &Path) -> Result<PathBuf> {
        let out = self.person.folder("scripts");
        let fleet = self.ground.examples().join(self.example.fleet);
        let arguments = [
            "render",
            "--format",
            "aws-cli",
            "--fleet",
            &text(&fleet)?,
            "--inventory",
            &text(inventory)?,
            "--out-dir",
            &text(&out)?,
        ];
        self.person.run_to(&UNDECIDED, "render", &self.oarlock, &arguments)?;
        let scripts: Vec<_> = files(&out)?.into_keys().filter(|path| path.ends_with(".sh")).collect();
        let scripts: Vec<_> = scripts.iter().map(|path| text(&out.join(path))).collect::<Result<_>>()?;
        self.person.run(
            "shellcheck",
            &self.tools.shellcheck,
            &scripts.iter().map(String::as_str).collect::<Vec<_>>(),
        )?;
        Ok(out)
    }

    /// All calls to AWS that the run made.
    fn apply(&self, name: &str, scripts: &Path) -> Result<Vec<Call>> {
        let before = self.aws.calls()?.len();
        self.person.run(name, &scripts.join("apply.sh"), &[])?;
        let mut calls = self.aws.calls()?;
        let made = calls.split_off(before);
        if made.is_empty() {
            bail!("no call reached the AWS server");
        }
        Ok(made)
    }
}

impl Way<'_> {
    /// What is left to do, which is for a person to decide: scripts remove nothing.
    fn remaining(&self, inventory: &Path) -> Result<String> {
        let fleet = self.ground.examples().join(self.example.fleet);
        let arguments =
            ["plan", "--output", "json", "--fleet", &text(&fleet)?, "--inventory", &text(inventory)?];
        let planned = self.person.run_to(&UNDECIDED, "plan", &self.oarlock, &arguments)?;
        let plan: Value = serde_json::from_str(&planned)?;
        if plan.get("unknown").and_then(Value::as_array).is_none_or(|unknown| !unknown.is_empty()) {
            bail!("the collected inventory has gaps: {}", plan.get("unknown").unwrap_or(&Value::Null));
        }
        let steps = plan.get("steps").and_then(Value::as_array).context("a plan without steps")?;
        let mut removals = Vec::new();
        let mut wrong = Vec::new();
        for step in steps {
            let field = |pointer: &str| step.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let shown =
                format!("{} {} {}", field("/action/type"), field("/object/kind"), field("/object/name"));
            match field("/action/type") {
                "unchanged" => {}
                "delete" => removals.push(shown),
                _ => wrong.push(format!("{shown}: {}", step.pointer("/action").unwrap_or(&Value::Null))),
            }
        }
        if !wrong.is_empty() {
            bail!("the scripts were run, and there is still to do:\n{}", wrong.join("\n"));
        }
        for removal in &removals {
            println!("{}: left for a person: {removal}", self.example.name);
        }
        Ok(format!("left to plan: {} removals of what others made", removals.len()))
    }
}

/// The accounts of an inventory.
fn accounts(inventory: &Path) -> Result<Vec<String>> {
    let mut accounts = Vec::new();
    for entry in fs::read_dir(inventory.join("accounts"))? {
        accounts.push(entry?.file_name().to_string_lossy().into_owned());
    }
    accounts.sort();
    Ok(accounts)
}

/// The second run makes nothing and removes nothing.
fn nothing_new(calls: &[Call]) -> Result<()> {
    let is_new = |call: &&Call| !call.reads && !AGAIN.contains(&call.action.as_str());
    let new: Vec<_> = calls.iter().filter(is_new).map(ToString::to_string).collect();
    if new.is_empty() { Ok(()) } else { bail!("the second run changes something:\n{}", new.join("\n")) }
}

/// Files by their path in a folder.
fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(text(path.strip_prefix(folder)?)?, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

/// Two inventories are the same but for the times at which something was touched.
fn same(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Result<()> {
    let timeless = |text: &str| {
        let told = |line: &&str| !TOUCHED.iter().any(|field| line.contains(field));
        text.lines().filter(told).map(str::to_owned).collect::<Vec<_>>()
    };
    let paths: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |path: &&&String| {
        before.get(**path).map(|text| timeless(text)) != after.get(**path).map(|text| timeless(text))
    };
    let different: Vec<_> = paths.iter().filter(differs).map(|path| path.as_str()).collect();
    if different.is_empty() { Ok(()) } else { bail!("the second run changes {}", different.join(", ")) }
}

fn text(path: &Path) -> Result<String> {
    Ok(path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned())
}
