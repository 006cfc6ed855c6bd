//! `cargo xtask fuzz`: coverage-guided fuzzing of what reads other people's bytes.
//!
//! The targets are ordinary cargo-fuzz targets, and `cargo +nightly fuzz run <target>` works as well. Here they are
//! built with the toolchain at hand: coverage instrumentation is an LLVM pass that stable rustc has too, and
//! memory sanitizers would find nothing in a workspace that forbids `unsafe`.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{Workspace, process};

/// What cargo-fuzz passes to rustc for `--sanitizer none` (cargo-fuzz, src/project.rs).
const INSTRUMENT: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// How long, and what.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u32,
    /// Only these targets (files of fuzz/fuzz_targets, without `.rs`)
    pub(crate) targets: Vec<String>,
}

/// Builds the targets and runs one after the other; the first crash is an error.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let known = targets(&workspace.root.join("fuzz/fuzz_targets"))?;
    if let Some(unknown) = options.targets.iter().find(|name| !known.contains(*name)) {
        let known: Vec<_> = known.into_iter().collect();
        bail!("no fuzz target is called `{unknown}`: there are {}", known.join(", "));
    }
    let host = host(workspace)?;
    build(workspace, &host)?;
    let binaries = workspace.target.join("fuzz").join(&host).join("release");
    for target in known.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name)) {
        println!("--- {target}, {} s", options.seconds);
        run_target(workspace, &binaries.join(target), target, options.seconds)?;
    }
    Ok(())
}

fn targets(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

fn host(workspace: &Workspace) -> Result<String> {
    let version = process::output(&mut workspace.cargo(&["version", "--verbose"]))?;
    let version = String::from_utf8(version)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`cargo version --verbose` names no host")?.to_owned())
}

fn build(workspace: &Workspace, host: &str) -> Result<()> {
    let mut command = workspace.cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    // With --target, build scripts and procedural macros stay without instrumentation.
    command.args(["--target", host, "--target-dir"]).arg(workspace.target.join("fuzz"));
    command.env("RUSTFLAGS", INSTRUMENT);
    // `-Cpasses` takes LLVM's own passes and is stable; `RUSTC_BOOTSTRAP` would be needed for a sanitizer only.
    process::run(&mut command)
}

fn run_target(workspace: &Workspace, binary: &Path, target: &str, seconds: u32) -> Result<()> {
    let fuzz = workspace.root.join("fuzz");
    let (corpus, artifacts) = (fuzz.join("corpus").join(target), fuzz.join("artifacts").join(target));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(binary);
    command.current_dir(&fuzz).arg(&corpus).arg(fuzz.join("seeds").join(target));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    // A parser that needs ten seconds or a gigabyte for a few kilobytes is broken too.
    command.args([
        "-max_len=8192",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-print_funcs=0",
    ]);
    command.args(["-verbosity=0".to_owned(), format!("-max_total_time={seconds}")]);
    process::run(&mut command)
        .with_context(|| format!("the input that broke `{target}` is in {}", artifacts.display()))
}
