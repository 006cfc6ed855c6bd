//! The text of a file that may be edited, and the edits that keep its form and comments.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use facts::Place;

use super::Fix;
use crate::audit::source::{Node, Spot};

/// The files of a scene that may be edited, by name.
pub(crate) type Sources<'s> = BTreeMap<&'s str, Source<'s>>;

/// A file's text.
#[derive(Debug)]
pub(crate) struct Source<'s> {
    file: &'s Arc<str>,
    text: &'s str,
    /// Where its lines begin.
    lines: Vec<usize>,
}

impl<'s> Source<'s> {
    /// None of what nobody writes by hand: an inventory's file, which says what AWS said, and standard input.
    pub(crate) fn new(file: &'s Arc<str>, bytes: &'s [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if &**file == "-" || is_of_inventory(file) {
            return None;
        }
        // A byte order mark has no column.
        let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let others = text.match_indices('\n').map(|(at, _)| at + 1);
        Some(Self { file, text, lines: std::iter::once(first).chain(others).collect() })
    }

    /// A scalar or a key is written otherwise, with the quotes that it has.
    pub(crate) fn write(&self, at: Spot, from: &str, to: &str) -> Option<Fix> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ":/._-".contains(c);
        if to.is_empty() || !to.chars().all(is_plain) || to.ends_with(':') {
            return None;
        }
        let token = self.token(at, from)?;
        let quote = usize::from(self.text.get(token.clone())?.starts_with(['"', '\'']));
        self.fix(token.start + quote..token.end - quote, to.to_owned())
    }

    /// One of several scalars in a list goes.
    pub(crate) fn without(&self, list: &Node, item: &Node) -> Option<Fix> {
        let items = list.items();
        let index = items.iter().position(|each| std::ptr::eq(each, item)).filter(|_| items.len() > 1)?;
        let token = |node: &Node| self.token(node.at, node.text()?);
        let own = token(item)?;
        if !self.text.get(self.offset(list.at)?..)?.starts_with('[') {
            return self.without_line(&own);
        }
        let range = match items.get(index + 1) {
            Some(next) => own.start..token(next)?.start,
            None => token(items.get(index.checked_sub(1)?)?)?.end..own.end,
        };
        let between = self.text.get(range.clone())?.replacen(self.text.get(own)?, "", 1);
        // A comment between them is somebody's.
        (between.trim() == ",").then_some(())?;
        self.fix(range, String::new())
    }

    /// The line of an item `- …`, if nothing else stands on it.
    fn without_line(&self, item: &Range<usize>) -> Option<Fix> {
        let line = self.line(item.start)?;
        let before = self.text.get(line.start..item.start)?;
        let after = self.text.get(item.end..line.end)?;
        (before.trim() == "-" && after.trim().is_empty()).then_some(())?;
        self.fix(line, String::new())
    }

    /// A further entry of a map that has some, before its first one and written as that is.
    pub(crate) fn with(&self, map: &Node, key: &str, value: &str) -> Option<Fix> {
        let (first, _) = map.entries().first()?;
        let token = self.token(first.at, &first.text)?;
        let quote = if self.text.get(token.clone())?.starts_with('\'') { '\'' } else { '"' };
        let line = self.line(token.start)?;
        let before = self.text.get(line.start..token.start)?;
        let end = if self.text.get(line)?.ends_with("\r\n") { "\r\n" } else { "\n" };
        let is_block = map.at == first.at;
        let after = match (is_block, before.trim().is_empty()) {
            (true, _) => {
                let indent: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                format!("{end}{indent}")
            }
            (false, true) => format!(",{end}{before}"),
            (false, false) => ", ".to_owned(),
        };
        let text = format!("{quote}{key}{quote}: {quote}{value}{quote}{after}");
        self.fix(token.start..token.start, text)
    }

    /// A word of the command that begins here goes.
    pub(crate) fn struck(&self, at: Spot, word: &str) -> Option<Fix> {
        let start = self.offset(at)?;
        let mut end = start;
        for line in self.text.get(start..)?.split_inclusive('\n') {
            end += line.len();
            if !line.trim_end().ends_with('\\') {
                break;
            }
        }
        let command = self.text.get(start..end)?;
        let is_word = |(at, _): &(usize, &str)| {
            let around = (command.get(..*at), command.get(at + word.len()..));
            let (Some(before), Some(after)) = around else { return false };
            before.ends_with(char::is_whitespace)
                && (after.is_empty() || after.starts_with(char::is_whitespace))
        };
        let mut found = command.match_indices(word).filter(is_word);
        let (at, _) = found.next().filter(|_| found.next().is_none())?;
        let word = start + at..start + at + word.len();
        let line = self.line(word.start)?;
        let before = self.text.get(line.start.max(start)..word.start)?;
        if !before.trim().is_empty() {
            return self.fix(word.start - (before.len() - before.trim_end().len())..word.end, String::new());
        }
        let rest = self.text.get(word.end..line.end)?;
        match rest.trim() {
            // The line before would go on into nothing.
            "" => None,
            "\\" => self.fix(line, String::new()),
            _ => self.fix(word.start..word.end + (rest.len() - rest.trim_start().len()), String::new()),
        }
    }

    /// A scalar or key, quotes included, that stands at a place letter by letter.
    fn token(&self, at: Spot, text: &str) -> Option<Range<usize>> {
        let start = self.offset(at)?;
        let rest = self.text.get(start..)?;
        let quote = ["\"", "'"].into_iter().find(|quote| rest.starts_with(quote)).unwrap_or_default();
        let after = rest.strip_prefix(quote)?.strip_prefix(text)?.strip_prefix(quote)?;
        let ends = after.is_empty() || after.starts_with([' ', '\t', '\r', '\n', ',', ']', '}', ':']);
        (!text.is_empty() && ends).then_some(start..start + text.len() + 2 * quote.len())
    }

    fn offset(&self, at: Spot) -> Option<usize> {
        let start = *self.lines.get(usize::try_from(at.line).ok()?.checked_sub(1)?)?;
        let characters = usize::try_from(at.column).ok()?.checked_sub(1)?;
        let rest = self.text.get(start..)?;
        let (offset, _) = rest.char_indices().nth(characters)?;
        Some(start + offset)
    }

    /// The line around an offset, with its end.
    fn line(&self, offset: usize) -> Option<Range<usize>> {
        let after = self.lines.partition_point(|start| *start <= offset);
        let start = *self.lines.get(after.checked_sub(1)?)?;
        Some(start..self.lines.get(after).copied().unwrap_or(self.text.len()))
    }

    fn fix(&self, range: Range<usize>, text: String) -> Option<Fix> {
        let (line, column) = self.spot(range.start)?;
        let (end_line, end_column) = self.spot(range.end)?;
        let place = Place::new(Arc::clone(self.file), line, column);
        Some(Fix { place, end_line, end_column, text, start: range.start, end: range.end })
    }

    fn spot(&self, offset: usize) -> Option<(u32, u32)> {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let column = self.text.get(start..offset)?.chars().count() + 1;
        Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }
}

/// Whether a path is like those below an inventory: `accounts/<account>/…`, `clusters/<account>/…`.
fn is_of_inventory(path: &str) -> bool {
    let is_account = |name: &str| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let pairs = parts.iter().zip(parts.iter().skip(1));
    pairs.into_iter().any(|(folder, name)| matches!(*folder, "accounts" | "clusters") && is_account(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl Fn(&Source<'_>, &Node) -> Option<Fix>) -> Option<String> {
        let file = Arc::from("a.yaml");
        let source = Source::new(&file, text.as_bytes()).unwrap();
        let node = Node::parse(text, 1).unwrap();
        let fix = edit(&source, &node)?;
        Some(super::super::applied(text, vec![&fix]).0)
    }

    fn without_x(text: &str) -> Option<String> {
        edited(text, |source, root| {
            let list = root.get("a")?;
            source.without(list, list.items().iter().find(|item| item.text() == Some("x"))?)
        })
    }

    #[test]
    fn an_item_goes_with_its_comma_or_its_line() {
        assert_eq!(without_x("a: [x, y] # c\n").as_deref(), Some("a: [y] # c\n"));
        assert_eq!(without_x("a: [y, \"x\"]\n").as_deref(), Some("a: [y]\n"));
        assert_eq!(without_x("{\"a\": [\n  \"x\",\n  \"y\"\n]}").as_deref(), Some("{\"a\": [\n  \"y\"\n]}"));
        assert_eq!(without_x("a:\n- y\n- x\nb: 1\n").as_deref(), Some("a:\n- y\nb: 1\n"));
        // The last one, and one with a comment, stay.
        assert_eq!(without_x("a: [x]\n"), None);
        assert_eq!(without_x("a:\n- x # why\n- y\n"), None);
        assert_eq!(without_x("a: [\n  x, # why\n  y]\n"), None);
    }

    #[test]
    fn an_entry_is_written_as_the_first_one_is() {
        let with = |text: &str| edited(text, |source, root| source.with(root.get("a")?, "k", "v"));
        assert_eq!(with("{\"a\": {\"b\": 1}}").as_deref(), Some("{\"a\": {\"k\": \"v\", \"b\": 1}}"));
        assert_eq!(
            with("{\"a\": {\n\t\"b\": 1}}").as_deref(),
            Some("{\"a\": {\n\t\"k\": \"v\",\n\t\"b\": 1}}")
        );
        assert_eq!(with("a:\n  b: 1\n").as_deref(), Some("a:\n  \"k\": \"v\"\n  b: 1\n"));
        assert_eq!(with("a: {}\n"), None);
    }

    #[test]
    fn what_is_written_otherwise_than_it_is_read_has_no_fix() {
        let write = |text: &str| {
            edited(text, |source, root| {
                let node = root.get("a")?;
                source.write(node.at, node.text()?, "false")
            })
        };
        assert_eq!(write("\u{feff}a: 'true'").as_deref(), Some("\u{feff}a: 'false'"));
        assert_eq!(write("é: 1\na: 'true' # ä\n").as_deref(), Some("é: 1\na: 'false' # ä\n"));
        assert_eq!(write("a: \"tr\\x75e\"\n"), None);
        assert_eq!(write("a: >-\n  tr\n  ue\n"), None);
    }

    #[test]
    fn a_word_goes_from_wherever_it_stands_in_a_command() {
        let struck = |text: &str| edited_command(text).map(|fixed| fixed.replace('\n', "|"));
        assert_eq!(struck("x --i --j\n").as_deref(), Some("x --j|"));
        assert_eq!(struck("x --j --i\n").as_deref(), Some("x --j|"));
        assert_eq!(struck("x \\\n  --i \\\n  --j\n").as_deref(), Some("x \\|  --j|"));
        assert_eq!(struck("x \\\n  --i --j\n").as_deref(), Some("x \\|  --j|"));
        assert_eq!(struck("x \\\n  --i\n"), None);
        assert_eq!(struck("x --i --i\n"), None);
    }

    fn edited_command(text: &str) -> Option<String> {
        let file = Arc::from("a.sh");
        let source = Source::new(&file, text.as_bytes()).unwrap();
        let fix = source.struck(Spot { line: 1, column: 1 }, "--i")?;
        Some(super::super::applied(text, vec![&fix]).0)
    }

    #[test]
    fn files_of_an_inventory_are_known_by_their_path() {
        assert!(is_of_inventory("inventory/accounts/111122223333/roles.json"));
        assert!(is_of_inventory("/x/clusters/111122223333/eu-west-1/spoke/describe.json"));
        assert!(!is_of_inventory("accounts/team/trust.json"));
    }
}
