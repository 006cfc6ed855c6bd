//! The two pattern languages of Argo CD's settings, with their own libraries' semantics.
//!
//! Most settings are matched by github.com/gobwas/glob v0.2.3 (util/glob/glob.go), where `*` crosses `/` unless the
//! caller names separators. AppProject's lists of kinds are matched by Go's `path/filepath.Match`.

use std::{iter::Peekable, str::Chars};

/// A pattern that the library refuses. Argo CD takes such a pattern as one that matches nothing, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// `[` without `]`.
    #[error("unexpected end of input")]
    UnexpectedEnd,
    /// `[a-zx]`: the library takes one range or one set of characters.
    #[error("expected close range character")]
    ExpectedClose,
    /// `[]`.
    #[error("could not parse range")]
    EmptyRange,
    /// `[z-a]`.
    #[error("hi character '{hi}' should be greater than lo '{lo}'")]
    RangeOrder {
        /// First character of the range.
        lo: char,
        /// Last character of the range.
        hi: char,
    },
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    terms: Vec<Term>,
    separator: Option<char>,
    /// A lone `?` or `[!…]` matches the empty text too: the library looks at the character that isn't there.
    matches_nothing: bool,
    /// The text itself, where the pattern is no more than that.
    exact: Option<String>,
    /// Both ends, where anything may be between them: the library lets them overlap, so that `web*b` matches `web`
    /// (match/prefix_suffix.go).
    ends: Option<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// One character.
    Literal(char),
    /// `?`: one character but the separator.
    Single,
    /// `*`: any characters but the separator.
    Any,
    /// `**`: any characters.
    Super,
    /// `[…]`: one character in (or not in) these ranges.
    Class { not: bool, ranges: Vec<(char, char)> },
    /// `{…,…}`
    AnyOf(Vec<Vec<Term>>),
}

impl Glob {
    /// Compiles a pattern as `glob.Compile(pattern)` does.
    ///
    /// # Errors
    /// With the library's own words.
    pub fn new(pattern: &str) -> Result<Self, GlobError> {
        Self::with_separator(pattern, None)
    }

    /// Compiles a pattern whose `*` and `?` stop at a separator.
    ///
    /// # Errors
    /// With the library's own words.
    pub fn with_separator(pattern: &str, separator: Option<char>) -> Result<Self, GlobError> {
        let mut chars = pattern.chars().peekable();
        let mut terms = Vec::new();
        // An unclosed brace is closed by the end of the pattern, as the library has it.
        sequence(&mut chars, false, &mut terms)?;
        let matches_nothing = matches!(terms.as_slice(), [Term::Single | Term::Class { not: true, .. }]);
        Ok(Self { exact: exact(&terms), ends: ends(&terms, separator), terms, separator, matches_nothing })
    }

    /// Compiles a pattern as Go's `filepath.Match` does; none if it is malformed, and then it matches nothing.
    pub(crate) fn filepath(pattern: &str) -> Option<Self> {
        let mut chars = pattern.chars().peekable();
        let mut terms = Vec::new();
        while let Some(c) = chars.next() {
            terms.push(match c {
                '*' => Term::Any,
                '?' => Term::Single,
                '\\' => Term::Literal(chars.next()?),
                '[' => filepath_class(&mut chars)?,
                other => Term::Literal(other),
            });
        }
        Some(Self { exact: exact(&terms), ends: None, terms, separator: Some('/'), matches_nothing: false })
    }

    /// Whether the whole text matches.
    pub fn is_match(&self, text: &str) -> bool {
        if let Some(exact) = &self.exact {
            return exact == text;
        }
        if let Some((start, end)) = &self.ends {
            return text.starts_with(start) && text.ends_with(end);
        }
        if text.is_empty() && self.matches_nothing {
            return true;
        }
        let text: Vec<char> = text.chars().collect();
        let mut start = vec![false; text.len() + 1];
        start.iter_mut().take(1).for_each(|at| *at = true);
        advance(&self.terms, &text, self.separator, start).last() == Some(&true)
    }
}

/// `glob.Match(pattern, text)`: a pattern that is refused matches nothing.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    Glob::new(pattern).is_ok_and(|glob| glob.is_match(text))
}

fn exact(terms: &[Term]) -> Option<String> {
    let literal = |term: &Term| if let Term::Literal(c) = term { Some(*c) } else { None };
    terms.iter().map(literal).collect()
}

/// Both ends of a pattern that is a text, stars that cross everything, and another text.
fn ends(terms: &[Term], separator: Option<char>) -> Option<(String, String)> {
    let crosses = |term: &Term| *term == Term::Super || (*term == Term::Any && separator.is_none());
    let star = terms.iter().position(crosses)?;
    let (start, rest) = terms.split_at_checked(star)?;
    let after = rest.iter().position(|term| !crosses(term))?;
    let (start, end) = (exact(start)?, exact(rest.get(after..)?)?);
    (!start.is_empty() && !end.is_empty()).then_some((start, end))
}

type Pattern<'a> = Peekable<Chars<'a>>;

/// Reads terms up to the end, or up to the `,` or `}` that ends an alternative; returns what ended it.
fn sequence(
    chars: &mut Pattern<'_>,
    in_braces: bool,
    terms: &mut Vec<Term>,
) -> Result<Option<char>, GlobError> {
    while let Some(c) = chars.next() {
        terms.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => Term::Super,
            '*' => Term::Any,
            '?' => Term::Single,
            '[' => class(chars)?,
            '{' => alternatives(chars)?,
            ',' | '}' if in_braces => return Ok(Some(c)),
            // A backslash at the very end stands for nothing.
            '\\' => match chars.next() {
                Some(escaped) => Term::Literal(escaped),
                None => return Ok(None),
            },
            other => Term::Literal(other),
        });
    }
    Ok(None)
}

fn alternatives(chars: &mut Pattern<'_>) -> Result<Term, GlobError> {
    let mut alternatives = Vec::new();
    loop {
        let mut terms = Vec::new();
        let end = sequence(chars, true, &mut terms)?;
        alternatives.push(terms);
        if end != Some(',') {
            return Ok(Term::AnyOf(alternatives));
        }
    }
}

/// What follows `[`: either one range or a set of characters, in which `-` is a character.
fn class(chars: &mut Pattern<'_>) -> Result<Term, GlobError> {
    let not = chars.next_if_eq(&'!').is_some();
    let first = chars.next().ok_or(GlobError::UnexpectedEnd)?;
    if chars.next_if_eq(&'-').is_some() {
        let hi = chars.next().ok_or(GlobError::UnexpectedEnd)?;
        return match chars.next() {
            None => Err(GlobError::UnexpectedEnd),
            Some(']') if hi < first => Err(GlobError::RangeOrder { lo: first, hi }),
            Some(']') => Ok(Term::Class { not, ranges: vec![(first, hi)] }),
            Some(_) => Err(GlobError::ExpectedClose),
        };
    }
    let mut ranges = Vec::new();
    let mut next = Some(first);
    while let Some(c) = next {
        match c {
            ']' if ranges.is_empty() => return Err(GlobError::EmptyRange),
            ']' => return Ok(Term::Class { not, ranges }),
            '\\' => ranges.extend(chars.next().map(|escaped| (escaped, escaped))),
            other => ranges.push((other, other)),
        }
        next = chars.next();
    }
    Err(GlobError::UnexpectedEnd)
}

/// What follows `[` in `filepath.Match`: ranges and characters, with `^` for negation.
fn filepath_class(chars: &mut Pattern<'_>) -> Option<Term> {
    let not = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Some(Term::Class { not, ranges });
        }
        let lo = filepath_char(chars)?;
        let hi = if chars.next_if_eq(&'-').is_some() { filepath_char(chars)? } else { lo };
        ranges.push((lo, hi));
    }
}

fn filepath_char(chars: &mut Pattern<'_>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        other => Some(other),
    }
}

/// From the places in the text that could be reached to those after these terms: linear, whatever the pattern.
fn advance(terms: &[Term], text: &[char], separator: Option<char>, mut at: Vec<bool>) -> Vec<bool> {
    for term in terms {
        at = match term {
            Term::Any => spread(text, at, |c| Some(c) != separator),
            Term::Super => spread(text, at, |_| true),
            Term::Literal(literal) => step(text, &at, |c| c == *literal),
            Term::Single => step(text, &at, |c| Some(c) != separator),
            Term::Class { not, ranges } => {
                step(text, &at, |c| ranges.iter().any(|(lo, hi)| (*lo..=*hi).contains(&c)) != *not)
            }
            Term::AnyOf(alternatives) => {
                let ends = alternatives.iter().map(|terms| advance(terms, text, separator, at.clone()));
                ends.fold(vec![false; at.len()], |all, end| {
                    all.iter().zip(&end).map(|(a, b)| *a || *b).collect()
                })
            }
        };
    }
    at
}

fn step(text: &[char], at: &[bool], accepts: impl Fn(char) -> bool) -> Vec<bool> {
    std::iter::once(false).chain(text.iter().zip(at).map(|(c, here)| *here && accepts(*c))).collect()
}

fn spread(text: &[char], mut at: Vec<bool>, accepts: impl Fn(char) -> bool) -> Vec<bool> {
    let mut before = false;
    for (index, here) in at.iter_mut().enumerate() {
        let passed = index.checked_sub(1).and_then(|i| text.get(i)).is_some_and(|c| accepts(*c));
        *here = *here || (before && passed);
        before = *here;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_the_library_does() {
        // Each line was answered by github.com/gobwas/glob v0.2.3: pattern, separator, text, match.
        let cases = include_str!("../tests/data/gobwas-glob.tsv");
        for line in cases.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [pattern, separator, text, expected] = fields.as_slice() else { panic!("{line}") };
            let glob = Glob::with_separator(pattern, separator.chars().next());
            let answer = match &glob {
                Ok(glob) => glob.is_match(text).to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(answer, *expected, "{line}");
        }
    }

    #[test]
    fn filepath_patterns_are_gos_own() {
        let is_match =
            |pattern: &str, text: &str| Glob::filepath(pattern).is_some_and(|glob| glob.is_match(text));
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "Deployment", true),
            ("team1-*", "team1-ns", true),
            ("*.k8s.io", "rbac.authorization.k8s.io", true),
            ("*", "a/b", false),
            ("[a-z]x", "bx", true),
            ("[^a-z]x", "bx", false),
            ("[!a]x", "bx", false),
            ("{a,b}", "a", false),
            ("{a,b}", "{a,b}", true),
            ("[", "[", false),
            ("a\\", "a", false),
            ("[]a]", "]", false),
            ("[a-cx]", "x", true),
        ] {
            assert_eq!(is_match(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_their_number() {
        let glob = Glob::new(&"*a".repeat(200)).unwrap();
        assert!(!glob.is_match(&"a".repeat(199)));
        assert!(glob.is_match(&"a".repeat(2000)));
    }
}
