//! Wildcards of IAM: `*` is any text, `?` any one character (IAM User Guide, "IAM JSON policy elements: Action").

/// Whether the pattern matches the whole text, in any case. What it is asked about is ASCII, so a byte is a character.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut position) = (0, 0);
    // Where to go on if what follows the last star doesn't match: the star takes one byte more.
    let mut star = None;
    while let Some(byte) = text.get(position) {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, position));
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(byte) => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                (at, position) = (after, from + 1);
                star = Some((after, position));
            }
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (pattern, text) in
            [("*", ""), ("Get*", "getobject"), ("*Object", "GetObject"), ("G?tO*t", "GetObject"), ("**", "x")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "x"), ("?", ""), ("Get", "GetObject"), ("*Acl", "GetAclX"), ("Get?", "Get")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_star_takes_as_much_as_the_rest_needs() {
        assert!(matches("*ab", "aab"));
        assert!(matches("a*b*c", "abbcbc"));
        assert!(!matches("a*b*c", "acb"));
    }
}
