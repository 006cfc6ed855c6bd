//! Words of a bash script.

/// `text` as one word: bare where bash gives no character a meaning, else in single quotes.
pub(super) fn quoted(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@');
    if !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    // Bash cannot hold a NUL in a word; no name or description of AWS or Kubernetes has one.
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

/// A command over one line, or with an argument per line where that would be too long.
pub(super) fn command(name: &str, arguments: &[&str]) -> String {
    let quoted = arguments.iter().map(|argument| quoted(argument));
    let words: Vec<String> = std::iter::once(name.to_owned()).chain(quoted).collect();
    let line = words.join(" ");
    if line.len() < 110 { line + "\n" } else { words.join(" \\\n  ") + "\n" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Splits a command as bash does for words that hold bare characters, single quotes and `\'` only (POSIX shell,
    /// "Quoting"); anything else that bash would expand makes it `None`.
    fn split(text: &str) -> Option<Vec<String>> {
        let (mut words, mut word, mut chars) = (Vec::new(), None::<String>, text.chars().peekable());
        while let Some(c) = chars.next() {
            match c {
                ' ' | '\n' => words.extend(word.take()),
                '\'' => {
                    let word = word.get_or_insert_default();
                    loop {
                        match chars.next()? {
                            '\'' => break,
                            inside => word.push(inside),
                        }
                    }
                }
                '\\' if chars.peek() == Some(&'\n') => {
                    chars.next();
                }
                '\\' => word.get_or_insert_default().push(chars.next()?),
                c if "$`\"!*?[]{}()<>|&;#~=%^".contains(c) || c.is_whitespace() => return None,
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        Some(words)
    }

    proptest! {
        #[test]
        fn every_argument_arrives_as_it_is(arguments in prop::collection::vec("([$`'\"\\\\!*~ \n\ta-c;|&<>(){}=-]|\\PC){0,40}", 0..6)) {
            let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut expected = vec!["run".to_owned()];
            expected.extend(arguments.clone());
            prop_assert_eq!(split(&command("run", &borrowed)), Some(expected));
        }
    }

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(quoted("arn:aws:iam::111122223333:role/x"), "arn:aws:iam::111122223333:role/x");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
