//! Text with wildcards and policy variables (IAM User Guide, "IAM policy elements: Variables and tags").

use crate::{
    Version,
    context::{Context, Lookup},
    name::Name,
    piece::Piece,
    tri::Tri,
};

/// A pattern as a policy writes it, ready to be compared. Nearly all are a text, or one with a `*` at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// This text.
    Exactly(Box<str>),
    /// What begins so.
    Beginning(Box<str>),
    /// All others.
    Like(Box<Like>),
}

/// A pattern of several parts, or one in which case makes no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Like {
    tokens: Vec<Token>,
    ignores_case: bool,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Text(Box<str>),
    /// `*`
    Any,
    /// `?`
    One,
    /// `${key}` or `${key, 'default'}`
    Variable {
        key: Name,
        default: Option<Box<str>>,
    },
}

/// What comes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matched {
    Is(Tri),
    /// A variable has no value: nothing is said, neither that it matches nor that it doesn't.
    Unresolved,
    /// It doesn't match; whether its variables have values isn't known.
    Differs,
}

impl Matched {
    /// Whether any of some comparisons matches; inverted, whether none does, of which nothing is said where one is unresolved.
    pub(crate) fn any(all: impl IntoIterator<Item = Self>, inverted: bool) -> Tri {
        let (mut any, mut unresolved) = (Tri::No, Tri::No);
        for one in all {
            match one {
                Self::Is(Tri::Yes) => {
                    any = Tri::Yes;
                    break;
                }
                Self::Is(is) => any = any.max(is),
                Self::Unresolved => unresolved = Tri::Yes,
                Self::Differs => unresolved = unresolved.max(Tri::Unknown),
            }
        }
        if inverted { any.not().and(|| unresolved.not()) } else { any }
    }
}

/// Why it can't be said what a pattern is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// A variable has no value, so that nothing matches.
    Value,
    /// Of a variable nothing is known.
    Knowledge,
}

/// How a pattern is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) wildcards: bool,
    pub(crate) variables: bool,
    pub(crate) ignores_case: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str, reading: Reading) -> Self {
        let mut tokens = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        let flush = |literal: &mut String, tokens: &mut Vec<Token>| {
            if !literal.is_empty() {
                tokens.push(Token::Text(std::mem::take(literal).into()));
            }
        };
        while let Some(first) = rest.chars().next() {
            let variable = if reading.variables { variable(rest) } else { None };
            if let Some((content, after)) = variable {
                rest = after;
                match content {
                    "*" | "?" | "$" => literal.push_str(content),
                    content => {
                        flush(&mut literal, &mut tokens);
                        tokens.push(named(content));
                    }
                }
                continue;
            }
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            match first {
                '*' if reading.wildcards => {
                    flush(&mut literal, &mut tokens);
                    if tokens.last() != Some(&Token::Any) {
                        tokens.push(Token::Any);
                    }
                }
                '?' if reading.wildcards => {
                    flush(&mut literal, &mut tokens);
                    tokens.push(Token::One);
                }
                other => literal.push(other),
            }
        }
        flush(&mut literal, &mut tokens);
        match tokens.as_slice() {
            _ if reading.ignores_case => {}
            [] => return Self::Exactly("".into()),
            [Token::Text(text)] => return Self::Exactly(text.clone()),
            [Token::Any] => return Self::Beginning("".into()),
            [Token::Text(text), Token::Any] => return Self::Beginning(text.clone()),
            _ => {}
        }
        Self::Like(Box::new(Like { tokens, ignores_case: reading.ignores_case }))
    }

    /// Its parts in order, if it is more than a text with perhaps a `*` at its end.
    pub(crate) fn tokens(&self) -> &[Token] {
        if let Self::Like(like) = self { &like.tokens } else { &[] }
    }

    /// Whether a text is of this form, which has no variables.
    pub(crate) fn is_like(&self, text: &str) -> bool {
        self.matches(text, &Context::default()) == Matched::Is(Tri::Yes)
    }

    /// Whether a text is of this form in this request.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Matched {
        let like = match self {
            Self::Exactly(own) => return Matched::Is((**own == *text).into()),
            Self::Beginning(own) => return Matched::Is(text.starts_with(&**own).into()),
            Self::Like(like) => like,
        };
        match resolved(&like.tokens, context) {
            Tri::Yes => Matched::Is(like.walk(text, context).into()),
            Tri::Unknown => Matched::Is(Tri::Unknown),
            Tri::No => Matched::Unresolved,
        }
    }

    /// The keys of its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Name> {
        self.tokens().iter().filter_map(|token| match token {
            Token::Variable { key, .. } => Some(key),
            _ => None,
        })
    }

    /// What it is made of, within a field that `end` ends, if it is one of several: with the values of its variables, or with any
    /// text in their place where none are given.
    pub(crate) fn pieces(&self, end: Option<char>, values: Option<&Context>) -> Result<Vec<Piece>, Lacking> {
        let mut pieces = Vec::new();
        let ignores_case = matches!(self, Self::Like(like) if like.ignores_case);
        let letter = |own| if ignores_case { Piece::Letter(own) } else { Piece::Char(own) };
        if let Self::Exactly(own) | Self::Beginning(own) = self {
            pieces.extend(own.chars().map(letter));
        }
        if let Self::Beginning(_) = self {
            pieces.push(Piece::Any(end));
        }
        for token in self.tokens() {
            match token {
                Token::Any => pieces.push(Piece::Any(end)),
                Token::One => pieces.push(Piece::One(end)),
                Token::Text(text) => pieces.extend(text.chars().map(letter)),
                Token::Variable { key, default } => {
                    let Some(values) = values else {
                        pieces.push(Piece::Any(end));
                        continue;
                    };
                    let value = match values.get(key) {
                        Lookup::One(value) => value,
                        Lookup::Unknown => return Err(Lacking::Knowledge),
                        Lookup::Absent => default.as_deref().ok_or(Lacking::Value)?,
                        Lookup::Many(_) => return Err(Lacking::Value),
                    };
                    pieces.extend(value.chars().map(letter));
                }
            }
        }
        Ok(pieces)
    }

    /// Whether all variables have values.
    pub(crate) fn resolved(&self, context: &Context) -> Tri {
        resolved(self.tokens(), context)
    }
}

impl Like {
    /// Goes back to the last `*` only: if the tokens after an earlier one fit at all, they fit where they fit first.
    fn walk(&self, text: &str, context: &Context) -> bool {
        let mut tokens = self.tokens.as_slice();
        let mut rest = text;
        let mut last: Option<(&[Token], &str)> = None;
        loop {
            let step = match tokens.split_first() {
                None if rest.is_empty() => return true,
                None => None,
                Some((Token::Any, [])) => return true,
                Some((Token::Any, later)) => {
                    last = Some((later, rest));
                    Some((later, rest))
                }
                Some((Token::One, later)) => skip_one(rest).map(|rest| (later, rest)),
                Some((Token::Text(own), later)) => self.strip(own, rest).map(|rest| (later, rest)),
                Some((Token::Variable { key, default }, later)) => {
                    let value = match context.get(key) {
                        Lookup::One(value) => Some(value),
                        _ => default.as_deref(),
                    };
                    value.and_then(|value| self.strip(value, rest)).map(|rest| (later, rest))
                }
            };
            match (step, last) {
                (Some((next, after)), _) => (tokens, rest) = (next, after),
                (None, Some((later, from))) => {
                    let Some(from) = skip_one(from) else { return false };
                    last = Some((later, from));
                    (tokens, rest) = (later, from);
                }
                (None, None) => return false,
            }
        }
    }

    /// What is left of a text that begins with another.
    fn strip<'t>(&self, own: &str, text: &'t str) -> Option<&'t str> {
        if !self.ignores_case {
            return text.strip_prefix(own);
        }
        let mut rest = text.chars();
        for wanted in own.chars() {
            let seen = rest.next()?;
            if wanted != seen && !wanted.to_lowercase().eq(seen.to_lowercase()) {
                return None;
            }
        }
        Some(rest.as_str())
    }
}

/// Whether all variables have values: yes, not known, or none if they haven't.
fn resolved(tokens: &[Token], context: &Context) -> Tri {
    let mut all = Tri::Yes;
    for token in tokens {
        if let Token::Variable { key, default } = token {
            match context.get(key) {
                Lookup::One(_) => {}
                Lookup::Unknown => all = Tri::Unknown,
                Lookup::Absent if default.is_some() => {}
                Lookup::Absent | Lookup::Many(_) => return Tri::No,
            }
        }
    }
    all
}

fn skip_one(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

/// What is between `${` and `}` at the beginning of a text, and what follows.
fn variable(text: &str) -> Option<(&str, &str)> {
    let (content, after) = text.strip_prefix("${")?.split_once('}')?;
    Some((content, after))
}

fn named(content: &str) -> Token {
    let (key, default) = match content.split_once(',') {
        Some((key, default)) => {
            let text = default.trim();
            let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            (key, quoted.map(Into::into))
        }
        None => (content, None),
    };
    Token::Variable { key: Name::new(key.trim().to_lowercase()), default }
}

impl Version {
    /// Whether `${…}` is a variable.
    pub(crate) fn has_variables(self) -> bool {
        self == Self::V2012
    }
}
