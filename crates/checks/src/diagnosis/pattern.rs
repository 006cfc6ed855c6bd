//! Patterns of error texts: literal text with named parts, `User "{user}" cannot {verb} resource`.
//!
//! What a part may hold follows from its name, so that a pattern reads as the text does that it is for.

use std::{collections::BTreeMap, fmt::Write as _};

use regex::Regex;

/// The named parts of an error text.
pub type Parts = BTreeMap<String, String>;

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// The longest literal text in it: a line without it can't match, and looking for it is cheap.
    literal: String,
    names: Vec<String>,
}

/// Where a pattern was found, and what its parts are there.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) parts: Parts,
}

/// A piece of a pattern.
enum Piece<'t> {
    Literal(&'t str),
    /// Its name; without one it is anything.
    Part(&'t str),
}

impl Pattern {
    /// Compiles a pattern; `None` where a part is named twice.
    pub(crate) fn new(template: &str) -> Option<Self> {
        let (begins, template) = template.strip_prefix('^').map_or(("", template), |rest| (r"\A", rest));
        let (template, ends) = template.strip_suffix('$').map_or((template, ""), |rest| (rest, r"\z"));
        let pieces = pieces(template);
        let mut text = begins.to_owned();
        let (mut literal, mut names) = ("", Vec::new());
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Literal(own) => {
                    text.push_str(&regex::escape(own));
                    if own.len() > literal.len() {
                        literal = own;
                    }
                }
                Piece::Part("") => text.push_str(r"[^\n]*?"),
                Piece::Part("...") => text.push_str(r"(?s:.)*?"),
                Piece::Part(name) => {
                    let lazy = if index + 1 == pieces.len() { "" } else { "?" };
                    let _ = write!(text, "(?P<{}>{}{lazy})", name.replace('-', "_"), class(name));
                    names.push((*name).to_owned());
                }
            }
        }
        text.push_str(ends);
        let regex = Regex::new(&text).ok()?;
        Some(Self { regex, literal: literal.to_owned(), names })
    }

    /// Everywhere in a text.
    pub(crate) fn find(&self, text: &str) -> Vec<Found> {
        if !text.contains(&self.literal) {
            return Vec::new();
        }
        let found = self.regex.captures_iter(text).filter_map(|captures| {
            let whole = captures.get(0)?;
            let part = |name: &String| {
                let own = captures.name(&name.replace('-', "_"))?.as_str();
                Some((name.clone(), own.trim_end_matches(['.', ':', ',']).to_owned()))
            };
            let parts = self.names.iter().filter_map(part).collect();
            Some(Found { start: whole.start(), end: whole.end(), parts })
        });
        found.collect()
    }

    /// The names of its parts.
    #[cfg(test)]
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

/// What a part of this name may hold.
fn class(name: &str) -> &'static str {
    match name {
        // Names of people's own choosing, in quotes or at the end of a line.
        "user" | "path" | "file" | "reason" | "groups" => r#"[^"'\n]+"#,
        // Rules as the API server lists them, one a line (pkg/apis/rbac/v1/evaluation_helpers.go, `CompactString`).
        "rules" => r"(?:[ \n]*\{[^}\n]*\})*",
        // Empty for the core group.
        "group" | "namespace" => r#"[^ \t\r\n"',;()]*"#,
        "count" | "code" => "[0-9]+",
        _ => r#"[^ \t\r\n"',;()]+"#,
    }
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        pieces.extend((!literal.is_empty()).then_some(Piece::Literal(literal)));
        pieces.push(Piece::Part(name));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Literal(rest)));
    pieces
}

/// A sentence with its parts put in; one that isn't known stands there in angle brackets.
pub(crate) fn filled(template: &str, parts: &Parts) -> String {
    let mut text = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Literal(own) => text.push_str(own),
            Piece::Part(name) => match parts.get(name) {
                Some(part) if part.is_empty() && name == "group" => text.push_str("the core group"),
                Some(part) => text.push_str(part),
                None => {
                    let _ = write!(text, "<{name}>");
                }
            },
        }
    }
    text
}

/// The names that a sentence asks for.
#[cfg(test)]
pub(crate) fn asked(template: &str) -> Vec<&str> {
    let names = pieces(template).into_iter().filter_map(|piece| match piece {
        Piece::Part(name) => Some(name),
        Piece::Literal(_) => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_where_the_text_goes_on() {
        let pattern =
            Pattern::new(r#"User "{user}" cannot {verb} resource "{resource}" in API group "{group}""#)
                .unwrap();
        let found = pattern.find(r#"x: User "a b" cannot list resource "pods/log" in API group "" at"#);
        let parts: Vec<_> = found[0].parts.iter().map(|(name, own)| (name.as_str(), own.as_str())).collect();
        assert_eq!(parts, [("group", ""), ("resource", "pods/log"), ("user", "a b"), ("verb", "list")]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let parts = Parts::from([("verb".to_owned(), "get".to_owned())]);
        assert_eq!(filled("{verb} on {resource}", &parts), "get on <resource>");
    }
}
