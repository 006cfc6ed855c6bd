//! Writing to stdout: whole, or not at all; and without a panic when the reader has gone.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use anyhow::Context;

use crate::printable;

/// Writes data to stdout. A reader that closed the pipe (`| head`) is no error.
///
/// # Errors
/// Where stdout can't be written otherwise.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to stdout"),
    }
}

/// Prints text for people, which may quote other people's files.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_text(text: &str) -> anyhow::Result<()> {
    print(&printable::text(text))
}

/// Prints a value as indented JSON.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    match write_json(&mut stdout, value) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to stdout"),
    }
}

/// Writes a value as indented JSON, piece by piece: the whole of a large plan would be as large again as the plan.
///
/// # Errors
/// Where the writer fails.
pub(crate) fn write_json(mut writer: impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut writer, value)?;
    writer.write_all(b"\n")?;
    writer.flush()
}

/// Says something to the person who runs Oarlock: stderr, one line.
pub(crate) fn say(text: &str) {
    say_rendered(&printable::text(text));
}

/// Says what a renderer has made presentable already, with colours.
pub(crate) fn say_rendered(text: &str) {
    // Nobody can be told that nobody can be told.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether stderr may be coloured.
#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is a convention of the environment, https://no-color.org"
)]
pub(crate) fn colour_on_stderr() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Where a text goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// How wide lines are where no terminal says it.
const COLUMNS: usize = 100;

/// Narrower than that nothing can be read.
const LEAST: usize = 40;

/// How many columns a text may take: those of the terminal, or of `COLUMNS`, as ls and ps have it.
#[expect(clippy::disallowed_methods, reason = "COLUMNS is a convention of the environment, POSIX.1-2024 8.3")]
pub(crate) fn width(stream: Stream) -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || match stream {
        Stream::Stdout => terminal_size::terminal_size_of(io::stdout()),
        Stream::Stderr => terminal_size::terminal_size_of(io::stderr()),
    };
    let columns = said.or_else(|| terminal().map(|(width, _)| usize::from(width.0)));
    columns.unwrap_or(COLUMNS).max(LEAST)
}

/// Whether stdout may be coloured.
#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is a convention of the environment, https://no-color.org"
)]
pub(crate) fn colour_on_stdout() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
