//! Every file that Oarlock renders for the example fleets, in the hands of the tools that it is for; and mistakes in it, which
//! those tools must find, or their silence would mean nothing.

use std::{collections::BTreeMap, fs, path::Path, path::PathBuf};

use anyhow::{Result, bail};

use super::{python, suite::Ground};
use crate::process;

mod cloudformation;
mod kubernetes;
mod mistake;
mod providers;
mod readme;
mod said;
mod scripts;
mod terraform;

/// An example fleet.
struct Fleet {
    name: &'static str,
    file: &'static str,
    inventory: &'static str,
}

const FLEETS: [Fleet; 3] = [
    Fleet { name: "acme", file: "acme/fleet.yaml", inventory: "acme/inventory" },
    Fleet { name: "acme-irsa", file: "acme/fleet-irsa.yaml", inventory: "acme/inventory" },
    Fleet { name: "capability", file: "capability/fleet.yaml", inventory: "capability/inventory" },
];

/// An output format of `oarlock render`, and who reads it.
struct Format {
    name: &'static str,
    check: fn(&Rendered<'_>) -> Result<Counts>,
}

const FORMATS: [Format; 4] = [
    Format { name: "cloudformation", check: cloudformation::check },
    Format { name: "aws-cli", check: scripts::check },
    Format { name: "terraform", check: terraform::check },
    Format { name: "kubernetes", check: kubernetes::check },
];

/// How many of what were checked.
type Counts = BTreeMap<&'static str, usize>;

/// A fleet in one format.
struct Rendered<'a> {
    ground: &'a Ground<'a>,
    tools: &'a python::Tools,
    fleet: &'a Fleet,
    folder: PathBuf,
}

/// Renders each fleet in each format, and has it checked.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let tools = python::tools(ground.workspace)?;
    let oarlock = ground.oarlock()?;
    let mut counts = Counts::new();
    for fleet in &FLEETS {
        for format in &FORMATS {
            let case = format!("{}/{}", fleet.name, format.name);
            if !ground.wants(&case) {
                continue;
            }
            let folder = ground.folder.join(&case);
            render(&oarlock, &ground.examples().join(fleet.file), format.name, &folder)?;
            let checked = (format.check)(&Rendered { ground, tools: &tools, fleet, folder })?;
            println!("{case}: {}", listed(&checked));
            for (what, count) in checked {
                *counts.entry(what).or_default() += count;
            }
        }
    }
    if counts.is_empty() {
        bail!("no rendered folder's name has `{}` in it", ground.options.case);
    }
    Ok(format!("rendered files in the real tools: {}", listed(&counts)))
}

fn render(oarlock: &Path, fleet: &Path, format: &str, folder: &Path) -> Result<()> {
    let mut command = std::process::Command::new(oarlock);
    command.args(["render", "--fleet"]).arg(fleet).args(["--format", format, "--out-dir"]).arg(folder);
    let output = command.output()?;
    // Findings and gaps in a fleet don't keep it from being rendered.
    if ![0, 4, 5].map(Some).contains(&output.status.code()) {
        bail!("{}: {}", process::shown(&command), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn listed(counts: &Counts) -> String {
    counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

impl Rendered<'_> {
    /// Its files whose path and text are as wanted, sorted; there must be some.
    fn files(&self, wanted: impl Fn(&Path, &str) -> bool) -> Result<Vec<PathBuf>> {
        let (mut files, mut folders) = (Vec::new(), vec![self.folder.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if wanted(&path, &fs::read_to_string(&path)?) {
                    files.push(path);
                }
            }
        }
        if files.is_empty() {
            bail!("{} has none of the files that are to be checked", self.folder.display());
        }
        files.sort();
        Ok(files)
    }
}

/// Whether a path ends in `.extension`.
fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
