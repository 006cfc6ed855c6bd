//! Text that goes into comments, file names and identifiers.

use sha2::{Digest, Sha256};

/// The first line of every file, without the comment sign.
pub(super) fn header(fleet: &str) -> String {
    format!("Rendered by Oarlock from fleet {}; do not edit, render again.", one_line(fleet))
}

/// `text` in one line: nothing in it can end a comment.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` as lines of at most about 100 characters, each starting with `# `.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let prefix = format!("{}# ", " ".repeat(indent));
    let mut lines: Vec<String> = Vec::new();
    for word in one_line(text).split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{prefix}{word}")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// `ClusterRoleBinding` as `cluster-role-binding`.
pub(super) fn kebab(kind: &str) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in kind.chars() {
        if c.is_ascii_uppercase() && after_lower {
            out.push('-');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    }
    out
}

/// `text` as a file name on any file system: letters, digits, `.`, `_` and `-`; a digest tells changed names apart.
pub(super) fn file_name(text: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let kept: String = text.chars().map(|c| if legal(c) { c } else { '-' }).collect();
    if kept == text && !text.starts_with('.') && !text.is_empty() {
        return kept;
    }
    format!("{}-{}", kept.trim_start_matches('.'), digest(text))
}

/// Eight hex digits that stand for `text`.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// `1 role`, `2 roles`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_never_leaves_its_line() {
        let text = comment("a\nrm -rf /\r\n\u{2028}b \u{85} c", 2);
        assert_eq!(text, "  # a rm -rf / b c\n");
    }

    #[test]
    fn long_comments_are_wrapped_between_words() {
        let text = comment(&"word ".repeat(60), 0);
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.starts_with("# word") && line.len() <= 101));
    }

    #[test]
    fn kinds_become_file_names() {
        assert_eq!(kebab("ClusterRoleBinding"), "cluster-role-binding");
        assert_eq!(kebab("CSIDriver"), "csidriver");
    }

    #[test]
    fn names_that_only_differ_in_illegal_characters_stay_apart() {
        assert_eq!(file_name("team-x"), "team-x");
        assert_ne!(file_name("a/b"), file_name("a:b"));
        assert!(!file_name("../x").contains('/'));
        assert!(!file_name("..").starts_with('.'));
    }
}
