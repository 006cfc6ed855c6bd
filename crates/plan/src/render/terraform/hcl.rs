//! HCL as `terraform fmt` leaves it.
//!
//! The formatter aligns the equals signs of consecutive lines that each hold a whole attribute; a line that opens a
//! bracket stands alone and ends the run (hclwrite/format.go, `formatCells`).

use std::fmt::Write as _;

use serde_json::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A string, number, boolean, list or object.
    Value(Value),
    /// HCL as it is: a reference or a type.
    Raw(String),
    /// A list of expressions.
    List(Vec<Expr>),
    /// An object of expressions.
    Object(Vec<(String, Expr)>),
    /// A function with one argument per expression.
    Call(&'static str, Vec<Expr>),
}

/// The inside of a block, or of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Item {
    Attribute(String, Expr),
    Block(String, Body),
    Comment(String),
    Blank,
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::Value(Value::from(text))
    }
}

impl From<Value> for Expr {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl Expr {
    /// A reference, a type: anything that is HCL already.
    pub(super) fn raw(text: impl Into<String>) -> Self {
        Self::Raw(text.into())
    }
}

impl Body {
    /// `name = value`
    pub(super) fn set(mut self, name: &str, value: impl Into<Expr>) -> Self {
        self.items.push(Item::Attribute(name.to_owned(), value.into()));
        self
    }

    /// What `other` holds, below.
    pub(super) fn then(mut self, other: Body) -> Self {
        self.items.extend(other.items);
        self
    }

    /// A blank line, unless one stands there or nothing does.
    pub(super) fn blank(mut self) -> Self {
        if !matches!(self.items.last(), None | Some(Item::Blank)) {
            self.items.push(Item::Blank);
        }
        self
    }

    /// `head { … }`, with a blank line before it.
    pub(super) fn block(self, head: impl Into<String>, body: Body) -> Self {
        let mut spaced = self.blank_unless_comment();
        spaced.items.push(Item::Block(head.into(), body));
        spaced
    }

    /// Lines of `# text`, with a blank line before them.
    pub(super) fn comment(self, text: &str) -> Self {
        let mut spaced = self.blank();
        spaced.items.push(Item::Comment(text.to_owned()));
        spaced
    }

    /// `resource "type" "name" { … }`
    pub(super) fn resource(self, kind: &str, name: &str, body: Body) -> Self {
        self.block(format!("resource \"{kind}\" \"{name}\""), body)
    }

    /// The text, as `terraform fmt` would leave it.
    pub(super) fn print(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out
    }

    fn blank_unless_comment(self) -> Self {
        if matches!(self.items.last(), Some(Item::Comment(_))) { self } else { self.blank() }
    }

    fn write(&self, indent: usize, out: &mut String) {
        let mut run: Vec<(String, String)> = Vec::new();
        for item in &self.items {
            if let Item::Attribute(name, value) = item {
                push(&mut run, name.clone(), text(value, indent), indent, out);
                continue;
            }
            flush(&mut run, indent, out);
            match item {
                Item::Block(head, body) if body.items.is_empty() => {
                    let _ = writeln!(out, "{}{head} {{}}", pad(indent));
                }
                Item::Block(head, body) => {
                    let _ = writeln!(out, "{}{head} {{", pad(indent));
                    body.write(indent + 2, out);
                    let _ = writeln!(out, "{}}}", pad(indent));
                }
                Item::Comment(words) => out.push_str(&crate::render::text::comment(words, indent)),
                Item::Blank | Item::Attribute(..) => out.push('\n'),
            }
        }
        flush(&mut run, indent, out);
    }
}

/// A string as an HCL literal. `${` and `%{` would start a template; after another `$` or `%` the usual doubling is
/// ambiguous, so the sign is written as its code point.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let opens = matches!(c, '$' | '%') && chars.peek() == Some(&'{');
        match c {
            '$' | '%' if opens && before == c => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            '$' | '%' if opens => out.extend([c, c]),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
        before = c;
    }
    out.push('"');
    out
}

fn pad(indent: usize) -> String {
    " ".repeat(indent)
}

/// Adds a line to the run of aligned ones; an expression over several lines ends the run and stands alone.
fn push(run: &mut Vec<(String, String)>, name: String, value: String, indent: usize, out: &mut String) {
    if value.contains('\n') {
        flush(run, indent, out);
        let _ = writeln!(out, "{}{name} = {value}", pad(indent));
    } else {
        run.push((name, value));
    }
}

fn flush(run: &mut Vec<(String, String)>, indent: usize, out: &mut String) {
    let width = run.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in run.drain(..) {
        let gap = pad(width - name.chars().count());
        let _ = writeln!(out, "{}{name}{gap} = {value}", pad(indent));
    }
}

/// An expression whose first line starts somewhere and whose other lines are indented for `indent`.
fn text(expr: &Expr, indent: usize) -> String {
    match expr {
        Expr::Raw(raw) => raw.clone(),
        Expr::Value(Value::String(value)) => string(value, indent),
        Expr::Value(Value::Array(values)) => {
            list(&values.iter().cloned().map(Expr::Value).collect::<Vec<_>>(), indent)
        }
        Expr::Value(Value::Object(map)) => object(
            &map.iter().map(|(key, value)| (key.clone(), Expr::Value(value.clone()))).collect::<Vec<_>>(),
            indent,
        ),
        Expr::Value(scalar) => scalar.to_string(),
        Expr::List(items) => list(items, indent),
        Expr::Object(fields) => object(fields, indent),
        Expr::Call(function, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|argument| text(argument, indent)).collect();
            format!("{function}({})", arguments.join(", "))
        }
    }
}

/// Text of several lines is written line by line, so that people can review it.
fn string(value: &str, indent: usize) -> String {
    if !value.trim_end_matches('\n').contains('\n') {
        return quoted(value);
    }
    let lines: String =
        value.split('\n').map(|line| format!("{}{},\n", pad(indent + 2), quoted(line))).collect();
    format!("join(\"\\n\", [\n{lines}{}])", pad(indent))
}

fn list(items: &[Expr], indent: usize) -> String {
    let short: Vec<String> = items.iter().map(|item| text(item, indent)).collect();
    let line = format!("[{}]", short.join(", "));
    let scalars = items
        .iter()
        .all(|item| !matches!(item, Expr::Value(Value::Array(_) | Value::Object(_)) | Expr::Object(_)));
    if items.is_empty() || (scalars && !line.contains('\n') && line.chars().count() + indent < 90) {
        return line;
    }
    let inner = pad(indent + 2);
    let lines: String = items.iter().map(|item| format!("{inner}{},\n", text(item, indent + 2))).collect();
    format!("[\n{lines}{}]", pad(indent))
}

fn object(fields: &[(String, Expr)], indent: usize) -> String {
    if fields.is_empty() {
        return "{}".to_owned();
    }
    let mut out = String::from("{\n");
    let mut run = Vec::new();
    for (name, value) in fields {
        push(&mut run, key(name), text(value, indent + 2), indent + 2, &mut out);
    }
    flush(&mut run, indent + 2, &mut out);
    out + &pad(indent) + "}"
}

/// A key that is an identifier stands bare; HCL would take a key like `for` or `null` for something else.
fn key(name: &str) -> String {
    let mut chars = name.chars();
    let identifier = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let keyword = matches!(name, "for" | "if" | "in" | "null" | "true" | "false");
    if identifier && !keyword { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Reads an HCL literal as Terraform does: first templates, then escapes (hclsyntax/scan_tokens.rl, `ParseStringLiteralToken`).
    fn read(literal: &str) -> Option<String> {
        let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
        let chars: Vec<char> = inner.chars().collect();
        let (mut out, mut at) = (String::new(), 0);
        while at < chars.len() {
            match (chars[at], chars.get(at + 1), chars.get(at + 2)) {
                ('"', ..) => return None,
                (a @ ('$' | '%'), Some(b), Some('{')) if a == *b => {
                    out.extend([a, '{']);
                    at += 3;
                }
                ('$' | '%', Some('{'), _) => return None,
                ('\\', Some('u'), _) => {
                    let code: String = chars.get(at + 2..at + 6)?.iter().collect();
                    out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    at += 6;
                }
                ('\\', Some(escape), _) => {
                    out.push(match escape {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        '"' | '\\' => *escape,
                        _ => return None,
                    });
                    at += 2;
                }
                (c, ..) if c.is_control() => return None,
                (c, ..) => {
                    out.push(c);
                    at += 1;
                }
            }
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn a_literal_reads_back_as_the_text(text in "([$%{}\"\\\\\n\t a-c]|\\PC|\\p{Cc}){0,12}") {
            prop_assert_eq!(read(&quoted(&text)), Some(text));
        }
    }

    #[test]
    fn templates_are_text() {
        assert_eq!(quoted("${aws:PrincipalTag/x}"), r#""$${aws:PrincipalTag/x}""#);
        assert_eq!(quoted("%{ if }"), r#""%%{ if }""#);
        assert_eq!(quoted("$${a}"), r#""$\u0024{a}""#);
        assert_eq!(quoted("100% $5"), r#""100% $5""#);
    }

    #[test]
    fn equals_signs_are_aligned_until_a_bracket_opens() {
        let body = Body::default()
            .set("a", "x")
            .set("long", "y")
            .set("o", json!({"k": 1, "key-2": true}))
            .set("bc", "z");
        assert_eq!(
            body.print(),
            "a    = \"x\"\nlong = \"y\"\no = {\n  k     = 1\n  key-2 = true\n}\nbc = \"z\"\n"
        );
    }

    #[test]
    fn long_lists_take_a_line_per_item() {
        let long = vec!["0123456789".repeat(4); 3];
        assert_eq!(Body::default().set("a", json!(long)).print().lines().count(), 5);
        assert_eq!(Body::default().set("a", json!(["b", "c"])).print(), "a = [\"b\", \"c\"]\n");
    }

    #[test]
    fn text_of_several_lines_is_written_line_by_line() {
        assert_eq!(
            Body::default().set("a", "b\nc\n").print(),
            "a = join(\"\\n\", [\n  \"b\",\n  \"c\",\n  \"\",\n])\n"
        );
    }

    #[test]
    fn keys_that_hcl_would_take_for_something_else_are_quoted() {
        assert_eq!(key("for"), "\"for\"");
        assert_eq!(key("0"), "\"0\"");
        assert_eq!(key("StringEquals"), "StringEquals");
        assert_eq!(key("aws:PrincipalTag/x"), "\"aws:PrincipalTag/x\"");
    }
}
