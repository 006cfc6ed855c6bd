//! A fleet's way from what is there to what is wanted, as a person goes it with the AWS CLI and kubectl: collect, render,
//! apply, apply again, collect, plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use facts::MANAGED_BY;
use serde_json::Value;

use super::{
    clusters::{self, Clusters},
    files,
    front::{Aws, Call},
    left::{Left, told_as_planned},
    moto,
    person::Person,
    text,
};
use crate::e2e::{python::Tools, suite::Ground};

/// An example fleet.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) name: &'static str,
    pub(super) fleet: &'static str,
    pub(super) inventory: &'static str,
    /// Not only where everything is asked for.
    pub(super) always: bool,
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

/// Fine, with findings, or incomplete: the examples have both, and what waits for a person's choice stays so.
const JUDGED: [i32; 3] = [0, 4, 5];

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
    let way = Way {
        tools,
        ground,
        example,
        person,
        inventory,
        aws: &aws,
        clusters: &clusters,
        oarlock: ground.oarlock()?,
    };
    way.go().with_context(|| format!("{}\n{}\nAWS: {}", example.fleet, clusters.logs(), aws.log().display()))
}

/// Whoever goes the way, and with what.
pub(super) struct Way<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) tools: &'a Tools,
    pub(super) person: Person<'a>,
    example: &'a Example,
    inventory: PathBuf,
    aws: &'a Aws,
    clusters: &'a Clusters,
    oarlock: PathBuf,
}

impl Way<'_> {
    fn go(&self) -> Result<String> {
        let seed = self.person.repository("tests/e2e/python/seed.py");
        self.person.run("seed", &self.tools.python, &[&text(&seed)?, &text(&self.inventory)?])?;
        let before = self.collect("before")?;
        let first = self.apply("first", &self.render("scripts", &before)?, &[])?;
        let told = fs::read_to_string(self.person.folder("first").join("stderr"))?;
        told_as_planned(&told, &self.plan("plan-before", &before)?)?;
        let once = self.collect("once")?;
        let bridged = Left::of(&self.plan("plan", &once)?).context("after the first run")?;
        let scripts = self.render("scripts-again", &once)?;
        // By the plan nothing has changed that a workload reads when it starts.
        let second = self.apply("second", &scripts, &["OARLOCK_SKIP_RESTART=1"])?;
        nothing_new(&second)?;
        let twice = self.collect("twice")?;
        same(&files(&once)?, &files(&twice)?, &bridged.narrowed)?;
        let left = Left::of(&self.plan("plan-again", &twice)?).context("after the second run")?;
        if !left.narrowed.is_empty() {
            bail!("the second run's plan changes trust policies again, in {:?}", left.narrowed);
        }
        let roles = moto::agrees(self, &scripts, &twice)?;
        self.leaves_fields_of_others(&scripts)?;
        for removal in &left.removals {
            println!("{}: left for a person: {removal}", self.example.name);
        }
        let changing = |calls: &[Call]| calls.iter().filter(|call| !call.reads).count();
        Ok(format!(
            "{}: {} changing calls to AWS, then {} that say the same again, {} removals left; roles that moto has alike: {roles}",
            self.example.name,
            changing(&first),
            changing(&second),
            left.removals.len(),
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
    fn render(&self, name: &str, inventory: &Path) -> Result<PathBuf> {
        let out = self.person.folder(name);
        let fleet = text(&self.ground.examples().join(self.example.fleet))?;
        let (inventory, folder) = (text(inventory)?, text(&out)?);
        let from = ["render", "--fleet", &fleet, "--inventory", &inventory];
        let arguments = [&from[..], &["--format", "aws-cli", "--out-dir", &folder]].concat();
        self.person.run_to(&JUDGED, &format!("render-{name}"), &self.oarlock, &arguments)?;
        let scripts = files(&out)?.into_keys().filter(|path| path.ends_with(".sh"));
        let scripts: Vec<_> = scripts.map(|path| format!("{folder}/{path}")).collect();
        let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
        self.person.run(&format!("shellcheck-{name}"), &self.tools.shellcheck, &scripts)?;
        Ok(out)
    }

    /// Runs all scripts with variables of theirs; all calls to AWS that they made.
    fn apply(&self, name: &str, scripts: &Path, variables: &[&str]) -> Result<Vec<Call>> {
        let before = self.aws.calls()?.len();
        let script = text(&scripts.join("apply.sh"))?;
        self.person.run(name, Path::new("env"), &[variables, &[script.as_str()]].concat())?;
        let mut calls = self.aws.calls()?;
        let made = calls.split_off(before);
        if made.is_empty() {
            bail!("no call reached the AWS server");
        }
        Ok(made)
    }

    /// A field that somebody else has taken stops the scripts, by the owner's name, unless they are told to take it over.
    fn leaves_fields_of_others(&self, scripts: &Path) -> Result<()> {
        let (arn, _) = self.clusters.servers().next().context("the example has no cluster")?;
        let kubectl = self.clusters.kubectl(&self.tools.kubectl, arn).context("it has no kubectl")?;
        let ours = kubectl.list("clusterroles", &format!("{MANAGED_BY}=oarlock"))?;
        let name = ours.iter().find_map(|role| role.pointer("/metadata/name")?.as_str());
        let name = name.with_context(|| format!("{arn} has no ClusterRole of Oarlock's"))?;
        let taken = format!("{MANAGED_BY}=somebody");
        kubectl.run(&["label", "--overwrite", "--field-manager=somebody", "clusterrole", name, &taken])?;
        let script = text(&scripts.join("apply.sh"))?;
        let variables = ["OARLOCK_SKIP_RESTART=1", "OARLOCK_FORCE_CONFLICTS="];
        self.person.run_to(
            &[1],
            "refused",
            Path::new("env"),
            &[&variables[..], &[script.as_str()]].concat(),
        )?;
        let told = fs::read_to_string(self.person.folder("refused").join("stderr"))?;
        if !(told.contains("conflict with \"somebody\"") && told.contains(MANAGED_BY)) {
            bail!("a conflict is told without the field or its owner:\n{told}");
        }
        if kubectl.list("clusterroles", &taken)?.len() != 1 {
            bail!("the field of somebody else on the ClusterRole `{name}` was taken over");
        }
        Ok(())
    }

    /// The plan on an inventory, as JSON.
    pub(super) fn plan(&self, name: &str, inventory: &Path) -> Result<Value> {
        let fleet = text(&self.ground.examples().join(self.example.fleet))?;
        let inventory = text(inventory)?;
        let arguments = ["plan", "--output", "json", "--fleet", &fleet, "--inventory", &inventory];
        Ok(serde_json::from_str(&self.person.run_to(&JUDGED, name, &self.oarlock, &arguments)?)?)
    }
}

/// The accounts of an inventory.
pub(in crate::e2e) fn accounts(inventory: &Path) -> Result<Vec<String>> {
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

/// Two inventories are the same but for EKS's times, and for the roles of the accounts where the second plan narrowed some.
fn same(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    narrowed: &BTreeSet<String>,
) -> Result<()> {
    let timeless = |text: &str| {
        let told = |line: &&str| !line.contains("\"modifiedAt\"");
        text.lines().filter(told).map(str::to_owned).collect::<Vec<_>>()
    };
    let is_narrowed =
        |path: &str| narrowed.iter().any(|account| path.starts_with(&format!("accounts/{account}/")));
    // An API server serves custom kinds in any order, and no script changes what it serves.
    let is_told = |path: &str| !path.contains("/kubernetes/discovery/");
    let paths: BTreeSet<_> =
        before.keys().chain(after.keys()).filter(|path| is_told(path) && !is_narrowed(path)).collect();
    let differs = |path: &&&String| {
        before.get(**path).map(|text| timeless(text)) != after.get(**path).map(|text| timeless(text))
    };
    let different: Vec<_> = paths.iter().filter(differs).map(|path| path.as_str()).collect();
    if different.is_empty() { Ok(()) } else { bail!("the second run changes {}", different.join(", ")) }
}
