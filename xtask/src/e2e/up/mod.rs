//! `cargo xtask e2e up` and `down`: a hub, a spoke and an AWS API server for people to play with.
//!
//! Servers end with the process that started them, so a keeper stays: this program once more, in a process group of its own. It
//! keeps on as long as a file names it, and the operating system's lock tells whether it is there, however it ended.

use std::{
    env, fs,
    os::unix::process::CommandExt as _,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use super::{go, python};
use crate::Workspace;

mod keeper;
mod place;

use place::Place;

/// How long the servers may take until all stand, or all are gone.
const WITHIN: Duration = Duration::from_secs(300);

const BETWEEN: Duration = Duration::from_millis(100);

/// What can be asked of the servers that stay.
#[derive(Subcommand)]
pub(crate) enum Servers {
    /// Start servers that stay, and print what a shell evaluates to find them: eval "$(cargo xtask e2e up)"
    Up,
    /// End the servers that `up` has started
    Down,
    /// Start the servers and hold them: what `up` leaves behind
    #[command(hide = true)]
    Keep,
}

/// Does it.
pub(super) fn run(workspace: &Workspace, servers: &Servers) -> Result<()> {
    let place = Place::of(workspace);
    match servers {
        Servers::Up => up(workspace, &place),
        Servers::Down => down(&place),
        Servers::Keep => keeper::keep(workspace, &place),
    }
}

/// Only what the shell evaluates goes to stdout.
fn up(workspace: &Workspace, place: &Place) -> Result<()> {
    if place.lock()?.is_none() {
        eprintln!("they run already");
    } else {
        // Not left to the keeper: people should see why it takes its time.
        for program in ["aws-front", "eks", "argocd", "apiserver"] {
            go::program(workspace, program)?;
        }
        python::tools(workspace)?;
        start(place)?;
    }
    print!("{}", environment(place)?);
    eprintln!(
        "contexts of kubectl: hub, spoke (the default), and argocd, which is the spoke as Argo CD comes to it\n\
         profiles of the AWS CLI: hub, spoke, argocd; without one you are the root user of the spoke's account\n\
         `cargo xtask e2e down` ends the servers"
    );
    Ok(())
}

/// Starts the keeper, unless somebody was faster.
fn start(place: &Place) -> Result<()> {
    let Some(lock) = place.lock()? else { return Ok(()) };
    place.prepare()?;
    eprintln!("starting a hub, a spoke and an AWS API server; logs are in {}", place.folder.display());
    Command::new(env::current_exe()?)
        .args(["e2e", "keep"])
        // So the lock is the keeper's until it is gone, and never free in between.
        .stdin(lock)
        .stdout(place.log()?)
        .stderr(place.log()?)
        .process_group(0)
        .spawn()
        .context("cannot start the keeper")?;
    Ok(())
}

/// Waits until the keeper has written it.
fn environment(place: &Place) -> Result<String> {
    let deadline = Instant::now() + WITHIN;
    loop {
        let is_kept = place.lock()?.is_none();
        match fs::read_to_string(place.environment()) {
            Ok(lines) if is_kept => return Ok(lines),
            _ if !is_kept => {
                bail!("the servers don't stand; logs are in {}\n{}", place.folder.display(), place.said())
            }
            _ if Instant::now() > deadline => {
                bail!("not within {} s; logs are in {}", WITHIN.as_secs(), place.folder.display())
            }
            _ => thread::sleep(BETWEEN),
        }
    }
}

fn down(place: &Place) -> Result<()> {
    if place.lock()?.is_some() {
        eprintln!("no servers run");
        return Ok(());
    }
    let keeper = place.dismiss()?;
    let deadline = Instant::now() + WITHIN;
    let _lock = loop {
        match place.lock()? {
            Some(lock) => break lock,
            None if Instant::now() > deadline => bail!("process {keeper} doesn't end; {}", place.said()),
            None => thread::sleep(BETWEEN),
        }
    };
    place.clear()?;
    eprintln!("ended");
    Ok(())
}
