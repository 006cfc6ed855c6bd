//! Servers under test: started with a pipe as their stdin, ready when they have printed one line, ended by closing the pipe.
//!
//! A server that loses its parent reads the end of its stdin and stops: nothing is left running, however the parent ended.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How long a server may take until it has said where it is; they take seconds.
const STARTS_WITHIN: Duration = Duration::from_secs(180);

/// How long it may take to end, then it is killed.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<io::Result<String>>,
    log: PathBuf,
}

impl Server {
    /// Starts a server and reads the line of JSON by which it says that it is ready, and where.
    ///
    /// # Errors
    /// With the end of the log, where it stops instead.
    pub(super) fn start<T: DeserializeOwned>(
        name: &str,
        command: &mut Command,
        folder: &Path,
    ) -> Result<(Self, T)> {
        fs::create_dir_all(folder)?;
        let log = folder.join(format!("{name}.log"));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("a server without stdout")?;
        let (sender, lines) = channel();
        // A server that prints more than is asked for must not block.
        thread::spawn(move || BufReader::new(stdout).lines().try_for_each(|line| sender.send(line)));
        let mut server = Self { name: name.to_owned(), child, stdin, lines, log };
        let ready = server.hear(STARTS_WITHIN)?;
        Ok((server, ready))
    }

    /// Says one line of JSON and reads the answer.
    ///
    /// # Errors
    /// With the end of the log, where it stops or is silent instead.
    pub(super) fn ask<T: DeserializeOwned>(&mut self, question: &Value, within: Duration) -> Result<T> {
        let stdin = self.stdin.as_mut().context("a server that was told to end")?;
        // If it has stopped, hearing says so, with the log.
        let _ = writeln!(stdin, "{question}").and_then(|()| stdin.flush());
        self.hear(within).with_context(|| format!("asked {question}"))
    }

    fn hear<T: DeserializeOwned>(&mut self, within: Duration) -> Result<T> {
        match self.lines.recv_timeout(within) {
            Ok(line) => {
                let line = line?;
                serde_json::from_str(&line).with_context(|| format!("{} said `{line}`", self.name))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.child.wait()?;
                bail!("{} stopped: {status}\n{}", self.name, self.end_of_log())
            }
            Err(RecvTimeoutError::Timeout) => {
                bail!("{} said nothing for {} s\n{}", self.name, within.as_secs(), self.end_of_log())
            }
        }
    }

    /// Where it writes what it has to say.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    fn end_of_log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(15)).copied().collect::<Vec<_>>().join("\n");
        format!("{last}\nall of it: {}", self.log.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let deadline = Instant::now() + ENDS_WITHIN;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(Some(_)) | Err(_) => return,
                Ok(None) => thread::sleep(Duration::from_millis(20)),
            }
        }
        // It had its time; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ends_by_itself_when_whoever_started_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let ended = folder.path().join("ended");
        let mut command = Command::new("sh");
        command.arg("-c").arg(r#"echo "{}"; cat; : > "$0""#).arg(&ended);
        let (server, _) = Server::start::<Value>("sh", &mut command, folder.path()).unwrap();
        assert!(!ended.exists());
        drop(server);
        assert!(ended.exists(), "it was killed");
    }

    #[test]
    fn a_server_that_stops_instead_of_starting_is_an_error_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg("echo no port is free >&2; exit 3");
        let error = Server::start::<Value>("sh", &mut command, folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("sh stopped: exit status: 3\nno port is free\n"), "{error}");
    }
}
