//! Text from other people's files, as it may be shown: a name in a manifest must not steer the reader's terminal.

use std::borrow::Cow;

/// A text of several lines, with what a terminal would obey written as escapes (`\u{1b}`).
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n')
}

/// One line: line breaks are escapes, too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| true)
}

fn escaped(text: &str, unless_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_bad = |c: char| (c.is_control() || reorders(c)) && unless_kept(c);
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let show = |c: char| if is_bad(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(show).collect())
}

/// Characters that make text read in another order than it is written (Unicode TR 36, "Bidirectional Text Spoofing").
fn reorders(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(text("a\u{1b}[2J\rb\nc"), "a\\u{1b}[2J\\rb\nc");
        assert_eq!(line("a\nb\u{202e}c"), "a\\nb\\u{202e}c");
        assert_eq!(text("grüße …\n"), "grüße …\n");
    }
}
