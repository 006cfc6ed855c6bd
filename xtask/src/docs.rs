//! `cargo xtask docs`: what the Markdown files say about the repository is so.
//!
//! Links lead to files, paths in backticks exist, and every **Invariant:** names the test that holds it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::Workspace;

/// First folders of the paths that are looked for; a word in backticks that starts otherwise is no path.
const FOLDERS: [&str; 8] = [".ci/", ".cargo/", "crates/", "docs/", "examples/", "fuzz/", "tests/", "xtask/"];

/// Made by running things, so never in a clone.
const GENERATED: [&str; 3] = ["fuzz/corpus", "fuzz/artifacts", "target/"];

/// Prints what is wrong, one line each; anything wrong is an error.
pub fn run(workspace: &Workspace) -> Result<()> {
    let problems = problems(&workspace.root)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => println!("the Markdown files agree with the repository"),
        count => bail!("{count} places in Markdown files disagree with the repository"),
    }
    Ok(())
}

/// All that is wrong, as `file:line: what`.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in markdown(root)? {
        let text = fs::read_to_string(root.join(&file))?;
        let mut report =
            |line: usize, what: String| problems.push(format!("{}:{line}: {what}", file.display()));
        for (number, line) in text.lines().enumerate() {
            for link in links(line) {
                let folder = file.parent().unwrap_or(Path::new(""));
                if !root.join(folder).join(&link).exists() {
                    report(number + 1, format!("links to `{link}`, which doesn't exist"));
                }
            }
            for path in paths(line) {
                if !root.join(&path).exists() {
                    report(number + 1, format!("names `{path}`, which doesn't exist"));
                }
            }
        }
        for (line, what) in invariants(root, &text) {
            report(line, what);
        }
    }
    Ok(problems)
}

/// The Markdown files of the repository, relative to its root: those at the top, in docs and in examples.
fn markdown(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(PathBuf::new(), false), ("docs".into(), true), ("examples".into(), true)];
    while let Some((folder, deep)) = folders.pop() {
        if !root.join(&folder).is_dir() {
            continue;
        }
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if deep && entry.file_type()?.is_dir() {
                folders.push((path, true));
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Targets of `[text](target)` that are files: no other site, no anchor.
fn links(line: &str) -> Vec<String> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files
        .filter_map(|target| target.split('#').next())
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Paths in backticks; one with a placeholder (`<name>`, `*`, `{…}`) counts up to the folder before it.
fn paths(line: &str) -> Vec<String> {
    let words = line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
    let words = words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)));
    let words = words.filter(|word| GENERATED.iter().all(|generated| !word.starts_with(generated)));
    words.filter_map(fixed_part).collect()
}

fn fixed_part(path: &str) -> Option<String> {
    let path = path.trim_end_matches([',', '.', ':', ';']);
    let fixed = match path.find(['<', '*', '{', '…']) {
        Some(start) => path.get(..start)?.rsplit_once('/')?.0,
        None => path,
    };
    Some(fixed.to_owned())
}

/// What is wrong with the paragraphs that start with **Invariant:**.
///
/// Each ends in the tests that hold it: `path/to/file.rs` and `name_of_the_test`, both in backticks.
fn invariants(root: &Path, text: &str) -> Vec<(usize, String)> {
    let lines: Vec<_> = text.lines().collect();
    let mut problems = Vec::new();
    for (number, _) in lines.iter().enumerate().filter(|(_, line)| line.contains("**Invariant:**")) {
        let paragraph: Vec<_> =
            lines.iter().skip(number).take_while(|line| !line.trim().is_empty()).copied().collect();
        let next = paragraph.iter().skip(1).position(|line| line.contains("**Invariant:**"));
        let paragraph = paragraph.iter().take(next.map_or(paragraph.len(), |next| next + 1));
        let words: Vec<String> =
            paragraph.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
        if let Some(what) = unheld(root, &words) {
            problems.push((number + 1, what));
        }
    }
    problems
}

fn unheld(root: &Path, words: &[String]) -> Option<String> {
    let (file, test) = match words {
        [.., file, test] if file.ends_with(".rs") || file.ends_with(".toml") => (file, test),
        _ => {
            return Some(
                "this invariant doesn't end in the file and the name of the test that holds it".into(),
            );
        }
    };
    match fs::read_to_string(root.join(file)) {
        Err(_) => Some(format!("`{file}` doesn't exist")),
        Ok(source) if !source.contains(test.as_str()) => Some(format!("`{file}` has no `{test}`")),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(readme: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("docs")).unwrap();
        fs::write(folder.path().join("docs/here.rs"), "fn it_holds() {}").unwrap();
        fs::write(folder.path().join("README.md"), readme).unwrap();
        problems(folder.path()).unwrap()
    }

    #[test]
    fn a_link_to_nowhere_is_reported_with_its_line() {
        assert_eq!(
            check("[a](docs/here.rs) [b](https://example.com/x) [c](#part)\n[d](docs/gone.md#part)"),
            ["README.md:2: links to `docs/gone.md`, which doesn't exist"]
        );
    }

    #[test]
    fn a_path_in_backticks_must_exist_up_to_its_placeholder() {
        assert_eq!(
            check("`docs/<page>.md`, `vi docs/here.rs`, `other/thing.rs`, `crates/<name>/x.rs`"),
            ["README.md:1: names `crates`, which doesn't exist"]
        );
    }

    #[test]
    fn an_invariant_names_a_test_that_exists() {
        assert!(check("**Invariant:** always `x` (`docs/here.rs`, `it_holds`).").is_empty());
        assert_eq!(
            check("**Invariant:** always\n(`docs/here.rs`, `it_breaks`)."),
            ["README.md:1: `docs/here.rs` has no `it_breaks`"]
        );
        assert_eq!(check("**Invariant:** always.").len(), 1);
    }
}
