//! Evaluators that others wrote: programs that read questions and print answers, a line of JSON each.

use std::{
    io::{BufRead, BufReader, BufWriter, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use iam::Decision;
use serde::Deserialize;

use super::{dispute::Dispute, question::Question};
use crate::{
    e2e::{python, suite::Ground},
    npm,
};

/// An evaluator of policies.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// The question as far as it is about what it knows.
    pub(super) takes: fn(&Question) -> Option<Question>,
    /// Where it decides otherwise than AWS documents.
    pub(super) disputes: &'static [Dispute],
    command: fn(&Ground<'_>) -> Result<Command>,
}

/// What one says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    decision: Option<Word>,
    error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
    /// By a statement or for want of one.
    Denied,
}

/// The evaluators. What ministack's `SimulateCustomPolicy` leaves out, `tests/e2e/python/decide.py` says. moto has no such
/// operation, and no evaluator worth asking: a condition that isn't met denies there, and a Deny with `NotResource` grants
/// (moto/iam/access_control.py, `IAMPolicyStatement`).
pub(super) const PEERS: [Peer; 2] = [
    Peer {
        name: "iam-simulate",
        takes: super::disputes::iam_simulate::takes,
        disputes: super::disputes::iam_simulate::DISPUTES,
        command: |ground| {
            let packages = npm::packages(ground.workspace, "iam-simulate")?;
            let mut node = Command::new("node");
            node.arg(ground.workspace.root.join("tests/e2e/iam-simulate/decide.mjs")).arg(packages);
            Ok(node)
        },
    },
    Peer {
        name: "ministack",
        takes: super::disputes::ministack::takes,
        disputes: super::disputes::ministack::DISPUTES,
        command: |ground| {
            let mut python = Command::new(python::tools(ground.workspace)?.python);
            python.arg(ground.workspace.root.join("tests/e2e/python/decide.py"));
            Ok(python)
        },
    },
];

impl Answer {
    pub(super) fn is(&self, decision: Decision) -> bool {
        let word = match decision {
            Decision::Allowed => Word::Allowed,
            Decision::ExplicitDeny => Word::ExplicitDeny,
            Decision::ImplicitDeny => Word::ImplicitDeny,
            Decision::Unknown => return false,
        };
        self.decision.is_some_and(|own| own == word || (own == Word::Denied && word != Word::Allowed))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.error, self.decision) {
            (Some(error), _) => write!(f, "{error}"),
            (None, decision) => write!(f, "{decision:?}"),
        }
    }
}

/// A running one. It ends when this is dropped.
pub(super) struct Running {
    pub(super) peer: &'static Peer,
    child: Child,
    stdin: BufWriter<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    pub(super) fn start(peer: &'static Peer, ground: &Ground<'_>) -> Result<Self> {
        // Times without a zone are read by the clock of the machine.
        let mut child = (peer.command)(ground)?
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", peer.name))?;
        let stdin = BufWriter::new(child.stdin.take().context("a peer without stdin")?);
        let stdout = BufReader::new(child.stdout.take().context("a peer without stdout")?);
        Ok(Self { peer, child, stdin, stdout })
    }

    /// Asks many questions at once.
    pub(super) fn ask(&mut self, questions: &[&Question]) -> Result<Vec<Answer>> {
        let (stdin, stdout) = (&mut self.stdin, &mut self.stdout);
        let answers = thread::scope(|scope| {
            // Who writes must not wait for who reads.
            let writing = scope.spawn(move || -> Result<()> {
                for question in questions {
                    writeln!(stdin, "{}", serde_json::to_string(question)?)?;
                }
                Ok(stdin.flush()?)
            });
            let answers = stdout.lines().take(questions.len());
            let answers: Result<Vec<Answer>> =
                answers.map(|line| Ok(serde_json::from_str(&line?)?)).collect();
            writing.join().ok().context("the writer stopped")??;
            answers
        })
        .with_context(|| format!("{} gave no answer", self.peer.name))?;
        if answers.len() != questions.len() {
            bail!("{} stopped: {}", self.peer.name, self.child.wait()?);
        }
        Ok(answers)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It keeps nothing, so it may end at any time.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
