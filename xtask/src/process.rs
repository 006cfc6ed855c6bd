//! Child processes: what they print, and whether they succeeded.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// Runs a command; all that it prints goes through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if status.success() { Ok(()) } else { bail!("{} failed: {status}", shown(command)) }
}

/// Runs a command, passes on each line of its stdout and shows it to `line` as well.
pub(crate) fn run_watched(command: &mut Command, mut line: impl FnMut(&str)) -> Result<()> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    for text in BufReader::new(stdout).lines() {
        let text = text.context("the child printed something that is not UTF-8")?;
        println!("{text}");
        line(&text);
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { bail!("{} failed: {status}", shown(command)) }
}

/// Runs a command and returns its stdout.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        bail!("{} failed: {}", shown(command), output.status)
    }
}

/// Makes a folder and waits until nobody else works in it, for as long as the answer is kept: whoever comes second finds it done.
pub(crate) fn alone_in(folder: &Path) -> Result<File> {
    let lock = folder.join("lock");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = File::create(&lock).with_context(|| format!("cannot make {}", lock.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", lock.display()))?;
    Ok(file)
}

/// Between two looks whether it is time.
const PAUSE: Duration = Duration::from_millis(2);

/// Kills a child (SIGKILL) when it is time; how it ended, if it did so by itself. It is gone afterwards in any case.
pub(crate) fn kill_when(mut child: Child, is_time: impl Fn() -> Result<bool>) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let time = is_time();
        if !matches!(time, Ok(false)) {
            child.kill()?;
            child.wait()?;
            return time.map(|_| None);
        }
        thread::sleep(PAUSE);
    }
}

/// As somebody would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = format!("`{}", program.file_name().unwrap_or_default().to_string_lossy());
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text.push('`');
    text
}
