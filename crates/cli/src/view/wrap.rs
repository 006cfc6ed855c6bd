//! Lines that are no wider than the reader's screen, broken where people would break them.

/// A paragraph: the first line starts with `first`, the others with `rest`. What stands in backticks, a name or a
/// command that people copy, stays on one line if it fits on any.
pub(crate) fn paragraph(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    let room = width.saturating_sub(length(rest));
    for word in words(text, room) {
        let Some(line) = lines.last_mut() else { break };
        let space = usize::from(!is_empty);
        if is_empty || length(line) + space + length(word) <= width {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(format!("{rest}{word}"));
        }
        is_empty = false;
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The lines of a cell: broken at spaces, and where a word alone is too long after `,`, `.` or `/`.
pub(crate) fn cell(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut pieces = if length(word) > width { parts(word) } else { vec![word] }.into_iter();
        let first = pieces.next().into_iter().map(|piece| (" ", piece));
        for (space, piece) in first.chain(pieces.map(|piece| ("", piece))) {
            let Some(line) = lines.last_mut() else { break };
            let space = if line.is_empty() { "" } else { space };
            if line.is_empty() || length(line) + space.len() + length(piece) <= width {
                line.push_str(space);
                line.push_str(piece);
            } else {
                lines.push(piece.to_owned());
            }
        }
    }
    lines
}

/// How wide a cell is that is broken at spaces only, and one that is broken wherever it may be.
pub(crate) fn narrowest(text: &str) -> (usize, usize) {
    let widest = |pieces: &mut dyn Iterator<Item = &str>| pieces.map(length).max().unwrap_or(0);
    (widest(&mut text.split(' ')), widest(&mut text.split(' ').flat_map(parts)))
}

/// How many columns a text takes.
pub(crate) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Words are parted by spaces that stand outside of backticks, and inside where a word would be too long otherwise.
fn words(text: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let at_space = move |letter: char| {
        quoted ^= letter == '`';
        letter == ' ' && !quoted
    };
    let long = move |word: &&str| length(word) > room;
    let words = text.split(at_space);
    words
        .flat_map(move |word| word.split(if long(&word) { ' ' } else { '\0' }))
        .filter(|word| !word.is_empty())
}

/// The parts of a long word, each with the sign that it ends with.
fn parts(word: &str) -> Vec<&str> {
    word.split_inclusive([',', '.', '/']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_what_is_quoted_stay_whole() {
        let text = paragraph("run `kubectl get pods -A` and then see", "- ", "  ", 24);
        assert_eq!(text, "- run\n  `kubectl get pods -A`\n  and then see\n");
        assert_eq!(
            paragraph("of `too many words for a line`", "", "  ", 15),
            "of `too many\n  words for a\n  line`\n"
        );
        assert_eq!(paragraph("unbreakablylong", "  ", "    ", 8), "  unbreakablylong\n");
    }

    #[test]
    fn an_unpaired_backtick_loses_nothing() {
        assert_eq!(paragraph("a `b c d", "", "", 4), "a `b\nc d\n");
    }

    #[test]
    fn a_long_resource_is_broken_after_its_dots() {
        let lines = cell("validatingwebhookconfigurations.admissionregistration.k8s.io", 34);
        assert_eq!(lines, ["validatingwebhookconfigurations.", "admissionregistration.k8s.io"]);
        assert_eq!(cell("get,list,watch", 9), ["get,list,", "watch"]);
        assert_eq!(cell("compare, client-side-apply", 18), ["compare,", "client-side-apply"]);
    }

    #[test]
    fn the_narrowest_width_is_that_of_the_longest_piece() {
        assert_eq!(narrowest("compare, ui-get"), (8, 8));
        assert_eq!(narrowest("roles.rbac.authorization.k8s.io"), (31, 14));
    }
}
