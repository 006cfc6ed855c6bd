//! The examples on the pages of the checks, and what holds for all of them.

#![expect(clippy::disallowed_methods, reason = "the list is compared with the files that there are")]

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use inventory::{File, Inventory};
use jiff::civil::date;

use super::{About, CHECKS, Inputs, LooseFile, Report, audit, mend};

/// One block of a page: the words behind its fence, and its text.
struct Block {
    language: String,
    words: Vec<String>,
    text: String,
}

fn blocks(about: &About) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in about.body().lines() {
        if let Some(words) = line.strip_prefix("```") {
            if !open {
                let mut words = words.split_whitespace().map(str::to_owned);
                let language = words.next().unwrap_or_default();
                blocks.push(Block { language, words: words.collect(), text: String::new() });
            }
            open = !open;
        } else if let Some(block) = blocks.last_mut().filter(|_| open) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    blocks
}

/// The files of a block: one, or several below lines as `head` prints them between files.
fn files(block: &Block) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in block.text.lines() {
        if let Some(path) = line.strip_prefix("==> ").and_then(|rest| rest.strip_suffix(" <==")) {
            files.push((path.to_owned(), String::new()));
        } else {
            if files.is_empty() {
                let ending = if block.language == "bash" { "sh" } else { block.language.as_str() };
                files.push((format!("example.{ending}"), String::new()));
            }
            let (_, text) = files.last_mut().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

fn run(files: &[(String, String)]) -> Report {
    let mut loose = Vec::new();
    let mut of_inventory = Vec::new();
    for (path, text) in files {
        let (name, bytes) = (Arc::from(path.as_str()), text.clone().into_bytes());
        match path.strip_prefix("inventory/") {
            Some(below) => of_inventory.push(File { path: below.to_owned(), name, bytes }),
            None => loose.push(LooseFile { name, bytes }),
        }
    }
    let reading = Inventory::read(&of_inventory);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let inventory = (!of_inventory.is_empty()).then_some((&reading.inventory, &*of_inventory));
    let inputs = Inputs { files: &loose, inventory, ignored: &[], today: date(2026, 11, 26) };
    let all: Vec<_> = CHECKS.iter().collect();
    audit(&inputs, &all)
}

fn ids(report: &Report) -> Vec<String> {
    report.findings.iter().map(|found| found.finding.id.to_string()).collect()
}

#[test]
fn what_a_page_says_to_be_found_is_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for check in CHECKS {
        let id = check.about.id();
        for block in
            blocks(check.about).iter().filter(|block| block.words.first().is_some_and(|w| w == "finds"))
        {
            let report = run(&files(block));
            let also = block.words.iter().filter_map(|word| word.strip_prefix("also:"));
            let mut expected: Vec<String> = also.map(str::to_owned).collect();
            expected.push(id.clone());
            expected.sort();
            let mut found = ids(&report);
            found.sort();
            if found != expected
                || report.findings.iter().any(|found| found.place().is_none_or(|place| place.line == 0))
            {
                wrong.push(format!("{id}: found {:#?}, {:?}", report.findings, report.skipped));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the files of a block become by the fixes of one check; none if it has none.
fn mended(id: &str, files: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let loose = files
        .iter()
        .map(|(path, text)| LooseFile { name: Arc::from(path.as_str()), bytes: text.clone().into_bytes() });
    let loose: Vec<LooseFile> = loose.collect();
    let inputs = Inputs { files: &loose, inventory: None, ignored: &[], today: date(2026, 11, 26) };
    let only: Vec<_> = CHECKS.iter().filter(|check| check.about.id() == id).collect();
    let mended = mend(&inputs, &only, audit(&inputs, &only));
    assert!(mended.refused.is_empty() && mended.overlapping == 0, "{id}: {mended:?}");
    let of = |edited: super::Edited| (edited.name.to_string(), edited.after);
    let edited: Vec<(String, String)> = mended.files.into_iter().map(of).collect();
    assert!(edited.is_empty() || mended.report.findings.is_empty(), "{id}: {edited:?}");
    (!edited.is_empty()).then_some(edited)
}

#[test]
fn what_a_page_says_to_be_found_becomes_what_it_says_to_be_fixed() {
    let mut fixing = BTreeSet::new();
    for check in CHECKS {
        let id = check.about.id();
        let blocks = blocks(check.about);
        let is = |block: &Block, word: &str| block.words.first().is_some_and(|first| first == word);
        for (number, block) in blocks.iter().enumerate().filter(|(_, block)| is(block, "finds")) {
            let fixed = blocks.get(number + 1).filter(|next| is(next, "fixed")).map(files);
            if block.text.contains("==> inventory/") {
                assert!(fixed.is_none(), "{id}: an inventory is never edited");
                continue;
            }
            let edited = mended(&id, &files(block));
            assert_eq!(edited, fixed, "{id}");
            if let Some(fixed) = fixed {
                assert_eq!(mended(&id, &fixed), None, "{id}: once is enough");
                fixing.insert(id.clone());
            }
        }
    }
    assert!(fixing.len() >= 12, "{fixing:?}");
}

#[test]
fn what_a_page_calls_clean_has_no_finding_of_its_check() {
    let mut wrong = Vec::new();
    for check in CHECKS {
        let id = check.about.id();
        for block in
            blocks(check.about).iter().filter(|block| block.words.first().is_some_and(|w| w == "clean"))
        {
            let report = run(&files(block));
            if ids(&report).contains(&id) {
                wrong.push(format!("{id}: {:#?}", report.findings));
            }
            assert!(report.unread.is_empty(), "{id}: the clean block isn't read");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_has_a_title_both_blocks_and_a_source() {
    for check in CHECKS {
        let (id, about) = (check.about.id(), check.about);
        assert!(about.title().ends_with('.'), "{id}: the title `{}` is no sentence", about.title());
        let words: BTreeSet<String> =
            blocks(about).iter().flat_map(|block| block.words.first().cloned()).collect();
        assert!(words.contains("finds") && words.contains("clean"), "{id} lacks a block");
        assert!(about.body().contains("References: "), "{id} names no source");
    }
}

#[test]
fn every_file_of_a_family_is_a_check_of_the_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/audit");
    let listed: BTreeSet<String> = CHECKS
        .iter()
        .map(|check| format!("{}/{}", check.about.family(), check.about.id().replace('-', "_")))
        .collect();
    let mut there = BTreeSet::new();
    for family in CHECKS.iter().map(|check| check.about.family()).collect::<BTreeSet<_>>() {
        for entry in fs::read_dir(root.join(family)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let source = fs::read_to_string(root.join(family).join(&name)).unwrap();
            if source.contains("about! {") {
                there.insert(format!("{family}/{}", name.trim_end_matches(".rs")));
            }
        }
    }
    assert_eq!(there, listed);
    assert_eq!(listed.len(), CHECKS.len(), "two checks have one name");
}

#[test]
fn the_pages_in_docs_are_those_of_the_checks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let stale: Vec<String> = CHECKS
        .iter()
        .filter(|check| read(&format!("{}.md", check.about.id())) != check.about.markdown())
        .map(|check| check.about.id())
        .collect();
    assert!(stale.is_empty(), "run `cargo xtask checks`: {stale:?}");
    assert_eq!(read("README.md"), super::index(), "run `cargo xtask checks`");
    let pages = fs::read_dir(&folder).unwrap().count();
    assert_eq!(pages, CHECKS.len() + 1, "a page of a check that is no more: run `cargo xtask checks`");
}
