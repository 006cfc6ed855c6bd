//! Habits that no lint knows: how the crates depend on each other, how long files are, what isn't in them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests of the files in the repository"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde_json::Value;
use xtask::Workspace;

/// Each crate knows some of those before it, none after; ARCHITECTURE.md shows the same order.
const ORDER: [&str; 12] = [
    "facts",
    "manifest",
    "iam",
    "rbac",
    "inventory",
    "fleet",
    "argocd",
    "access",
    "plan",
    "checks",
    "live",
    "cli",
];

/// Those that reach for what is outside: AWS and Kubernetes, and people.
const OPEN: [&str; 2] = ["live", "cli"];

/// Crates that reach for the network, an async runtime, a clock or chance.
const IMPURE: [&str; 12] = [
    "async-std",
    "chrono",
    "hyper",
    "kube",
    "mio",
    "rand",
    "reqwest",
    "rustls",
    "smol",
    "time",
    "tokio",
    "ureq",
];

/// A file that is longer has more than one subject.
const LONGEST: usize = 600;

fn git_files(patterns: &[&str]) -> Vec<(String, String)> {
    let root = Workspace::here().root;
    // Untracked files too: a habit is easier to keep before the commit than after it.
    let listed = Command::new("git")
        .current_dir(&root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--"])
        .args(patterns)
        .output()
        .unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let mut files: Vec<_> = names.lines().map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
        .into_iter()
        .filter_map(|name| Some((fs::read_to_string(root.join(&name)).ok()?, name)))
        .map(|(t, n)| (n, t))
        .collect()
}

/// Name → names of the dependencies that are really built, with the features that are on; without dev-dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut metadata = Workspace::here().cargo(&["metadata", "--format-version", "1", "--locked"]);
    let metadata: Value = serde_json::from_slice(&metadata.output().unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let names: BTreeMap<_, _> = packages
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap().to_owned()))
        .collect();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let all = node["deps"].as_array().unwrap().iter();
        let ordinary = all
            .filter(|other| other["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()));
        let ordinary = ordinary.map(|other| names[other["pkg"].as_str().unwrap()].clone());
        known.entry(names[node["id"].as_str().unwrap()].clone()).or_default().extend(ordinary);
    }
    known
}

fn ours(name: &str) -> Option<usize> {
    ORDER.iter().position(|noun| name.strip_prefix("oarlock-") == Some(*noun))
}

#[test]
fn crates_know_only_those_above_them() {
    let dependencies = dependencies();
    let mut seen = 0;
    for (name, known) in &dependencies {
        let Some(position) = ours(name) else { continue };
        seen += 1;
        for other in known.iter().filter_map(|other| ours(other)) {
            assert!(other < position, "{name} may not depend on {}", ORDER[other]);
        }
    }
    assert_eq!(seen, ORDER.len(), "a crate is missing from ORDER, or one of ORDER is gone");
}

#[test]
fn every_crate_of_ours_has_its_place_in_the_order() {
    let root = Workspace::here().root;
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(ORDER.contains(&name.as_str()), "{name} has no place in the order of crates");
    }
}

#[test]
fn pure_crates_depend_on_no_network_runtime_clock_or_chance() {
    let dependencies = dependencies();
    for noun in ORDER.iter().filter(|noun| !OPEN.contains(noun)) {
        let mut open = vec![format!("oarlock-{noun}")];
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            for next in dependencies.get(&name).into_iter().flatten() {
                assert!(!IMPURE.contains(&next.as_str()), "{noun} depends on {next}, by way of {name}");
                assert!(!next.starts_with("aws-"), "{noun} depends on {next}, by way of {name}");
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
    }
}

#[test]
fn files_have_one_subject_and_so_are_short() {
    let mut lengths: Vec<_> =
        git_files(&["*.rs"]).into_iter().map(|(name, text)| (text.lines().count(), name)).collect();
    lengths.sort();
    assert!(!lengths.is_empty());
    println!("median {} lines; the longest:", lengths[lengths.len() / 2].0);
    for (length, name) in lengths.iter().rev().take(5) {
        println!("{length:>5} {name}");
    }
    let long: Vec<_> = lengths.iter().filter(|(length, _)| *length > LONGEST).collect();
    assert!(long.is_empty(), "above {LONGEST} lines: {long:?}");
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    // Written in two parts, so that this file doesn't find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("todo", "!("),
        concat!("dbg", "!("),
    ];
    for (name, text) in git_files(&["*.rs", "*.md", "*.toml", ".ci"]) {
        for (number, line) in text.lines().enumerate() {
            let mark = marks.iter().find(|mark| line.contains(**mark));
            assert!(mark.is_none(), "{name}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn no_file_names_a_place_on_the_machine_that_it_was_written_on() {
    let root = Workspace::here().root;
    let home = std::env::var("HOME").unwrap_or_default();
    // In containers the home or the checkout may be `/` or `/root`, too short to look for.
    let machine = [root.to_str().unwrap(), home.as_str()].map(str::to_owned);
    let machine: Vec<_> = machine.into_iter().filter(|path| path.matches('/').count() > 1).collect();
    for (name, text) in git_files(&["."]) {
        for (number, line) in text.lines().enumerate() {
            let found = machine.iter().find(|path| line.contains(path.as_str()));
            assert!(found.is_none(), "{name}:{}: {line}", number + 1);
            assert!(!line.contains(concat!("/home", "/")), "{name}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn markdown_agrees_with_the_repository() {
    let problems = xtask::docs::problems(&Workspace::here().root).unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A plan is wrapped at the width of a terminal, the README isn't.
#[test]
fn the_readme_shows_what_the_example_prints() {
    let root = Workspace::here().root;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plan = words(&fs::read_to_string(root.join("examples/acme/plan.out")).unwrap());
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, shown) = readme.split_once("ends with the proof:\n\n").unwrap();
    let (shown, _) = shown.split_once("\n\n").unwrap();
    for line in shown.lines().map(words).filter(|line| line != "…") {
        assert!(plan.contains(&line), "examples/acme/plan.out hasn't what README.md shows: {line}");
    }
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    for (name, text) in git_files(&["crates/*/Cargo.toml", "xtask/Cargo.toml"]) {
        assert!(text.contains("[lints]\nworkspace = true"), "{name} doesn't take the workspace's lints");
    }
}
