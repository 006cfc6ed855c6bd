//! ARNs with wildcards, compared field by field (IAM User Guide, "IAM JSON policy elements: Resource", and "Amazon Resource
//! Name (ARN) condition operators").

use crate::{
    Version,
    context::Context,
    name::Name,
    pattern::{Lacking, Matched, Pattern, Reading},
    piece::Piece,
    tri::Tri,
};

/// A pattern of ARNs. `*` in one of the first five fields stays in that field; in the last one it crosses everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`: whatever it is, also no ARN at all.
    All,
    /// Nothing but text in the first five fields: the same as comparing it as a whole.
    Whole(Pattern),
    /// The six fields; missing ones are completed with `*`.
    Fields(Box<[Pattern; 6]>),
}

impl ArnPattern {
    pub(crate) fn new(text: &str, version: Version) -> Self {
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Self::All;
        }
        let reading = Reading { wildcards: true, variables: version.has_variables(), ignores_case: false };
        let fields = fields(text);
        if let [first @ .., Some(_)] = &fields
            && first.iter().flatten().all(|field| !field.contains(['*', '?']))
            && !text.contains('$')
        {
            return Self::Whole(Pattern::new(text, reading));
        }
        let field = |field: Option<&str>| Pattern::new(field.unwrap_or("*"), reading);
        Self::Fields(Box::new(fields.map(field)))
    }

    /// Whether an ARN is of this form in this request. What is no ARN is so only of `*`. A variable without a value makes it
    /// nothing that could be compared, also where another field differs (IAM User Guide, "IAM policy elements: Variables and
    /// tags": there is no equal or like value).
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Matched {
        match self {
            Self::All => Matched::Is(Tri::Yes),
            Self::Whole(pattern) => pattern.matches(text, context),
            Self::Fields(patterns) => fields_match(patterns, text, context),
        }
    }

    /// Its fields, of which `*` alone has none.
    pub(crate) fn fields(&self) -> &[Pattern] {
        match self {
            Self::All => &[],
            Self::Whole(pattern) => std::slice::from_ref(pattern),
            Self::Fields(patterns) => &**patterns,
        }
    }

    /// What it is made of, as [`Pattern::pieces`] has it. Where a variable's value is more than a field's, nothing matches.
    pub(crate) fn pieces(&self, values: Option<&Context>) -> Result<Vec<Piece>, Lacking> {
        let patterns = match self {
            Self::All => return Ok(vec![Piece::Any(None)]),
            Self::Whole(pattern) => return pattern.pieces(None, values),
            Self::Fields(patterns) => patterns,
        };
        let mut all = Vec::new();
        for (number, pattern) in patterns.iter().enumerate() {
            let end = (number < 5).then_some(':');
            let pieces = pattern.pieces(end, values)?;
            let is_longer = pieces.iter().any(|piece| matches!(piece, Piece::Char(own) if Some(*own) == end));
            if is_longer {
                return Err(Lacking::Value);
            }
            all.extend(pieces);
            all.extend(end.map(Piece::Char));
        }
        Ok(all)
    }

    /// The keys of its variables.
    pub(crate) fn variables(&self) -> Box<dyn Iterator<Item = &Name> + '_> {
        match self {
            Self::All => Box::new(std::iter::empty()),
            Self::Whole(pattern) => Box::new(pattern.variables()),
            Self::Fields(patterns) => Box::new(patterns.iter().flat_map(Pattern::variables)),
        }
    }
}

fn fields_match(patterns: &[Pattern; 6], text: &str, context: &Context) -> Matched {
    let resolved = Tri::all(patterns.iter().map(|pattern| pattern.resolved(context)));
    if resolved == Tri::No {
        return Matched::Unresolved;
    }
    match (each_matches(patterns, text, context), resolved) {
        (Tri::No, Tri::Unknown) => Matched::Differs,
        (is, _) => Matched::Is(is),
    }
}

fn each_matches(patterns: &[Pattern; 6], text: &str, context: &Context) -> Tri {
    let mut rest = text;
    let mut all = Tri::Yes;
    for (number, pattern) in patterns.iter().enumerate() {
        let field = if number == 5 {
            rest
        } else {
            let Some((field, after)) = rest.split_once(':') else { return Tri::No };
            rest = after;
            field
        };
        match pattern.matches(field, context) {
            Matched::Is(Tri::Unknown) => all = Tri::Unknown,
            Matched::Is(Tri::Yes) => {}
            _ => return Tri::No,
        }
    }
    all
}

/// The six fields of a pattern. A colon within `${…}` separates nothing.
pub(crate) fn fields(text: &str) -> [Option<&str>; 6] {
    let mut fields = [None; 6];
    let mut rest = Some(text);
    for (number, field) in fields.iter_mut().enumerate() {
        let Some(from) = rest else { break };
        let end = if number == 5 { None } else { colon(from) };
        *field = from.get(..end.unwrap_or(from.len()));
        rest = end.and_then(|end| from.get(end + 1..));
    }
    fields
}

fn colon(text: &str) -> Option<usize> {
    let mut in_variable = false;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if last == '$' => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable => return Some(at),
            _ => {}
        }
        last = c;
    }
    None
}
