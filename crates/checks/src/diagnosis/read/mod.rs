//! From a text of any kind to messages: logs, objects of Kubernetes and Argo CD, events of CloudTrail and of API servers, and
//! all of that in one another. What can't be parsed is lines of text.

mod audit;
mod cloudtrail;
mod line;
mod object;

use std::sync::Arc;

use facts::Place;
use serde_json::Value;

use super::message::Message;

/// So often a value over several lines is tried that turns out to be none: a text of nothing but `{` would take for ever.
const ATTEMPTS: usize = 32;

/// The messages of a text.
pub fn messages(name: &str, text: &str) -> Vec<Message> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        Reader { name: name.into(), text, at: 0, line: 0, attempts: ATTEMPTS, messages: Vec::new() };
    while reader.step() {}
    reader.messages
}

struct Reader<'t> {
    name: Arc<str>,
    text: &'t str,
    /// The byte at which the next line begins.
    at: usize,
    /// How many lines are read.
    line: u32,
    attempts: usize,
    messages: Vec<Message>,
}

impl Reader<'_> {
    /// Reads one line, or one value over several lines.
    fn step(&mut self) -> bool {
        let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) else { return false };
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let place = Place::new(Arc::clone(&self.name), self.line + 1, 0);
        let taken = match line.chars().next() {
            Some('{' | '[') if !line.starts_with("[pod/") => self.json(line, rest, &place),
            Some('a' | 'k' | 'i') if begins_object(line) => self.yaml(rest, &place),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            self.plain(line, place);
            line.len() + 1
        });
        let taken = taken.min(rest.len());
        self.line += u32::try_from(rest.get(..taken).unwrap_or_default().matches('\n').count()).unwrap_or(0);
        self.at += taken.max(1);
        true
    }

    /// A JSON value that begins here: how long it is.
    fn json(&mut self, line: &str, rest: &str, place: &Place) -> Option<usize> {
        if let Ok(value) = serde_json::from_str::<Value>(line) {
            object::add(&value, place, &mut self.messages);
            return Some(line.len() + 1);
        }
        self.attempts = self.attempts.checked_sub(1)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        if !(value.is_object() || value.is_array()) {
            return None;
        }
        object::add(&value, place, &mut self.messages);
        Some(values.byte_offset())
    }

    /// A YAML document that begins here: how long it is. It ends at `---`.
    fn yaml(&mut self, rest: &str, place: &Place) -> Option<usize> {
        self.attempts = self.attempts.checked_sub(1)?;
        let end = rest.find("\n---").map_or(rest.len(), |end| end + 1);
        let document = rest.get(..end)?;
        let value: Value = manifest::parse(&place.file, document.as_bytes()).ok()?;
        object::add(&value, place, &mut self.messages);
        Some(end)
    }

    /// A line of text, which may go on.
    fn plain(&mut self, line: &str, place: Place) {
        let text = line.trim_end_matches('\r');
        match self.messages.last_mut().filter(|_| continues(text)) {
            Some(last) => {
                last.text.push('\n');
                last.text.push_str(text);
            }
            None => line::add(text, place, &mut self.messages),
        }
    }
}

/// Whether a line begins a Kubernetes object as kubectl and people write it.
fn begins_object(line: &str) -> bool {
    ["apiVersion:", "kind:", "items:"].iter().any(|key| line.starts_with(key))
}

/// Whether a line goes on with the error of the one before: kubectl's errors about manifests have four lines (kubectl,
/// pkg/cmd/apply/apply.go), the API server's about rules one for each rule, those of the AWS SDK for Go v1 one for each cause
/// (aws/awserr/types.go, `SprintError`).
fn continues(line: &str) -> bool {
    let words = [
        "Resource: \"",
        "Name: \"",
        "Object: ",
        "from server for: ",
        "to:",
        "for: \"",
        "{APIGroups:",
        "{NonResourceURLs:",
        "caused by: ",
        "\t",
    ];
    words.iter().any(|word| line.starts_with(word))
}
