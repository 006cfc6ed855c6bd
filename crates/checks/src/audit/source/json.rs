//! JSON as programs print it, read at once: YAML has JSON in it, but its reader has to expect everything else, too. Whatever isn't plain (text
//! beyond ASCII, pairs of surrogates, what only YAML takes) is left to that one, so that both always say the same.

use super::{
    Content, Key, Node, Spot,
    node::{MOST, Style, intrinsic},
};

/// Deeper than anybody's documents, and not as deep as the YAML reader goes.
const DEPTH: usize = 64;

/// YAML takes no longer text as a key without saying so (YAML 1.2.2, 7.4.2, "Flow Mappings").
const KEY: usize = 1000;

/// One document that begins on a line of its file. None if it isn't plain JSON.
pub(super) fn read(text: &str, first_line: u32) -> Option<Node> {
    let mut reader = Reader { text, at: 0, line: first_line, line_start: 0, nodes: 0 };
    reader.space()?;
    if !matches!(reader.peek()?, b'{' | b'[') || !text.is_ascii() {
        return None;
    }
    let root = reader.node(0)?;
    reader.space();
    (reader.at == text.len()).then_some(root)
}

struct Reader<'t> {
    text: &'t str,
    /// In bytes, which are characters.
    at: usize,
    line: u32,
    line_start: usize,
    nodes: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past one character, if it is this one.
    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    /// Goes on to what is no space; None at the end.
    fn space(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                b' ' | b'\t' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.line = self.line.checked_add(1)?;
                    self.line_start = self.at;
                }
                _ => return Some(()),
            }
        }
    }

    fn spot(&self) -> Option<Spot> {
        Some(Spot { line: self.line, column: u32::try_from(self.at - self.line_start + 1).ok()? })
    }

    fn node(&mut self, depth: usize) -> Option<Node> {
        self.nodes += 1;
        if depth > DEPTH || self.nodes > MOST {
            return None;
        }
        let at = self.spot()?;
        let content = match self.peek()? {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Content::Scalar { text: self.string()?, style: Style::Quoted },
            _ => self.plain()?,
        };
        Some(Node { at, content })
    }

    fn list(&mut self, depth: usize) -> Option<Content> {
        self.at += 1;
        self.space()?;
        let mut items = Vec::new();
        if self.take(b']') {
            return Some(Content::List(items));
        }
        loop {
            items.push(self.node(depth + 1)?);
            if !self.goes_on(b']')? {
                return Some(Content::List(items));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Content> {
        self.at += 1;
        self.space()?;
        let mut entries = Vec::new();
        if self.take(b'}') {
            return Some(intrinsic(entries));
        }
        loop {
            let at = self.spot()?;
            if self.peek()? != b'"' {
                return None;
            }
            let text = self.string()?;
            self.space()?;
            // A merge key is YAML's.
            if text.len() > KEY || text == "<<" || !self.take(b':') {
                return None;
            }
            self.space()?;
            entries.push((Key { at, text }, self.node(depth + 1)?));
            if !self.goes_on(b'}')? {
                return Some(intrinsic(entries));
            }
        }
    }

    /// Whether a comma comes, and not the end.
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        self.space()?;
        if self.take(end) {
            return Some(false);
        }
        let goes_on = self.take(b',');
        self.space()?;
        goes_on.then_some(true)
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20 | 0x7f..))?;
            let before = rest.get(..plain)?;
            self.at += plain + 1;
            match rest.as_bytes().get(plain)? {
                b'"' if text.is_empty() => return Some(before.to_owned()),
                b'"' => {
                    text.push_str(before);
                    return Some(text);
                }
                b'\\' => {
                    text.push_str(before);
                    text.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        })
    }

    /// A number, a truth value or `null`.
    fn plain(&mut self) -> Option<Content> {
        let rest = self.text.get(self.at..)?;
        let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.bytes().take_while(|byte| is_of_word(byte)).count();
        let word = rest.get(..length)?;
        self.at += length;
        match word {
            "null" => Some(Content::Null),
            "true" | "false" => Some(Content::Scalar { text: word.to_owned(), style: Style::Plain }),
            number if number.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                number.parse::<f64>().ok()?;
                Some(Content::Scalar { text: number.to_owned(), style: Style::Plain })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// As the YAML reader has it.
    fn slowly(text: &str, first_line: u32) -> Option<Node> {
        Node::read_as_yaml(text, first_line, &mut false)
    }

    #[test]
    fn what_is_plain_is_read_here() {
        for text in [
            "{\n\t\"a\": [\"x\",\n\t\t{\"b\": 012}]\n}",
            r#" {"a": {}, "b": [], "c": [null, true, false, -1.5e3, 0, ""], "Ref": "x"} "#,
            r#"{"a": {"Ref": "x"}, "b": {"Fn::Sub": "${C}"}, "c": "\"\\\/\b\f\n\r\tA<"}"#,
            "[]\n",
            "{\"a\"\n:\n1\n,\n\"b\":2}",
        ] {
            let read = read(text, 7);
            assert!(read.is_some(), "{text}");
            assert_eq!(read, slowly(text, 7), "{text}");
        }
    }

    #[test]
    fn what_is_more_than_json_is_left_to_the_yaml_reader() {
        for text in [
            "{\"a\": 'x'}",
            "{a: 1}",
            "[1,]",
            "[1] # x",
            "{\"<<\": {\"a\": 1}}",
            "[\"ä\"]",
            r#"["\ud83d\ude00"]"#,
            "[\"a\nb\"]",
            "[\"a\tb\"]",
            "[1 2]",
            "[&a 1, *a]",
            "{\"a\": [",
            "[1]\n[2]",
            "x",
            "",
        ] {
            assert_eq!(read(text, 1), None, "{text}");
        }
    }

    #[test]
    fn the_example_s_files_are_read_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/inventory");
        let (mut all, mut fast) = (0, 0);
        for file in inventory::folder::inventory(&folder).unwrap() {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            if let Some(node) = read(text, 1) {
                fast += 1;
                assert_eq!(Some(node), slowly(text, 1), "{}", file.name);
            }
            all += usize::from(file.name.ends_with(".json"));
        }
        assert!(fast > 20 && fast * 10 >= all * 9, "{fast} of {all}");
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[ -~\u{e9}\t\n\u{1f600}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-zA-Z:<\"]{0,4}|Ref|Fn::x", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_printed_is_read_the_same(value in json(), pretty in any::<bool>(), first in 1_u32..9) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            if let Some(node) = read(&text, first) {
                prop_assert_eq!(Some(node), slowly(&text, first));
            }
        }

        #[test]
        fn whatever_is_cut_or_changed_is_read_the_same(value in json(), at in any::<prop::sample::Index>(), byte in 0_u8..128) {
            let mut text = value.to_string().into_bytes();
            let at = at.index(text.len());
            text[at] = byte;
            if let Some(node) = std::str::from_utf8(&text).ok().and_then(|text| read(text, 1)) {
                prop_assert_eq!(Some(node), slowly(std::str::from_utf8(&text).unwrap(), 1));
            }
        }
    }
}
