//! Splits a YAML stream into its documents, without parsing them.
//!
//! A line that begins with `---` or `...`, followed by white space or the end of the line, separates documents wherever
//! it stands: no scalar, quoted or block, may contain such a line (YAML 1.2.2, production `c-forbidden`). So one
//! malformed document can't take the next ones with it.

use memchr::memmem;

/// One document with its markers and directives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Document<'a> {
    /// The text, from the line of its `---` (or its first line) to the line before the next one's.
    pub(crate) bytes: &'a [u8],
    /// The line of the file on which it begins, from 1.
    pub(crate) line: u32,
}

/// All documents of a stream, in order. Those that hold nothing are among them.
pub(crate) fn documents(bytes: &[u8]) -> impl Iterator<Item = Document<'_>> {
    let mut rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut line = 1;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (document, after) = rest.split_at(end_of_first(rest));
        let found = Document { bytes: document, line };
        line += line_breaks(document);
        rest = after;
        Some(found)
    })
}

/// Where the first document of a stream ends.
fn end_of_first(stream: &[u8]) -> usize {
    let starts = memmem::find_iter(stream, b"---")
        .find(|&at| is_marker(stream, at) && at != 0 && !stream.get(..at).is_some_and(only_directives));
    let before = stream.get(..starts.unwrap_or(stream.len())).unwrap_or(stream);
    match memmem::find_iter(before, b"...").find(|&at| is_marker(stream, at)) {
        Some(at) => line_end(before, at),
        None => before.len(),
    }
}

fn is_marker(stream: &[u8], at: usize) -> bool {
    let begins_line = at == 0 || matches!(stream.get(at - 1), Some(b'\n' | b'\r'));
    begins_line && matches!(stream.get(at + 3), None | Some(b'\n' | b'\r' | b' ' | b'\t'))
}

/// Directives (`%YAML 1.2`) stand before the `---` of the document that they belong to.
fn only_directives(text: &[u8]) -> bool {
    let mut lines =
        text.split(|&b| b == b'\n' || b == b'\r').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let starts_with = |line: &[u8], byte| line.first() == Some(&byte);
    lines.all(|line| starts_with(line, b'%') || starts_with(line, b'#')) && text.contains(&b'%')
}

fn line_end(text: &[u8], from: usize) -> usize {
    let tail = text.get(from..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', tail).map_or(text.len(), |at| {
        let crlf = tail.get(at..at + 2) == Some(b"\r\n");
        from + at + if crlf { 2 } else { 1 }
    })
}

/// How many line breaks a text holds; `\r\n` is one, and so is an old Macintosh's lone `\r`.
pub(crate) fn line_breaks(text: &[u8]) -> u32 {
    let feeds = memchr::memchr_iter(b'\n', text).count();
    let lone = memchr::memchr_iter(b'\r', text).filter(|at| text.get(at + 1) != Some(&b'\n')).count();
    u32::try_from(feeds + lone).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(u32, &str)> {
        documents(text.as_bytes()).map(|d| (d.line, std::str::from_utf8(d.bytes).unwrap())).collect()
    }

    #[test]
    fn markers_split_wherever_they_begin_a_line() {
        assert_eq!(
            split("a: 1\n---\nb: 2\n--- {c: 3}\n"),
            [(1, "a: 1\n"), (2, "---\nb: 2\n"), (4, "--- {c: 3}\n")]
        );
        assert_eq!(split("---\na: |\n  ---\n  x---\n----\n"), [(1, "---\na: |\n  ---\n  x---\n----\n")]);
        assert_eq!(split("\u{feff}a: 1\r\n---\r\nb: 2"), [(1, "a: 1\r\n"), (2, "---\r\nb: 2")]);
    }

    #[test]
    fn three_dots_end_a_document_and_directives_stay_with_theirs() {
        let text = "a: 1\n... # end\n%YAML 1.2\n# why\n---\nb: 2\n...\n";
        assert_eq!(split(text), [(1, "a: 1\n... # end\n"), (3, "%YAML 1.2\n# why\n---\nb: 2\n...\n")]);
    }
}
