//! Commands as people type or copy them, and the documents that they write between `<<EOF` and `EOF`.

use std::sync::Arc;

use super::{
    Spot,
    document::{Text, stream},
};

/// One command, lines that end in a backslash joined.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) file: Arc<str>,
    pub(crate) at: Spot,
    pub(crate) text: String,
}

pub(super) fn read(file: &Arc<str>, content: &str, first_line: u32, text: &mut Text) {
    let mut lines = (first_line..).zip(content.lines());
    while let Some((line, first)) = lines.next() {
        let column = u32::try_from(first.len() - first.trim_start().len()).unwrap_or_default() + 1;
        let mut command = first.trim().trim_start_matches("$ ").to_owned();
        let mut last = first.trim_end().to_owned();
        while last.ends_with('\\') {
            let Some((_, next)) = lines.next() else { break };
            command.truncate(command.trim_end_matches('\\').trim_end().len());
            command.push(' ');
            command.push_str(next.trim());
            last = next.trim_end().to_owned();
        }
        if let Some(word) = here_document(&last) {
            let body = lines.by_ref().take_while(|(_, line)| line.trim() != word);
            let body: Vec<(u32, &str)> = body.collect();
            document(file, &body, text);
        }
        if !command.is_empty() && !command.starts_with('#') {
            text.commands.push(Command { file: Arc::clone(file), at: Spot { line, column }, text: command });
        }
    }
}

fn document(file: &Arc<str>, body: &[(u32, &str)], text: &mut Text) {
    let Some((line, _)) = body.first() else { return };
    let joined: String = body.iter().flat_map(|(_, line)| [*line, "\n"]).collect();
    if !joined.trim_start().starts_with(['{', '[']) && !joined.contains("apiVersion:") {
        return;
    }
    let malformed = text.malformed.len();
    stream(file, &joined, *line, text);
    // With variables of the shell in it, it may be no document yet.
    text.malformed.truncate(malformed);
}

/// The word that ends a here-document which this line begins (POSIX.1-2024, Shell Command Language, 2.7.4), also Terraform's.
fn here_document(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("<<")?;
    let word = after.trim_start_matches(['-', '~']).split_whitespace().next()?;
    let word = word.trim_matches(['\'', '"']);
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_word.then_some(word)
}

impl Command {
    pub(crate) fn place(&self) -> facts::Place {
        facts::Place::new(Arc::clone(&self.file), self.at.line, self.at.column)
    }
}
