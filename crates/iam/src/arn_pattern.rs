//! ARNs with wildcards, compared field by field (IAM User Guide, "IAM JSON policy elements: Resource", and "Amazon Resource
//! Name (ARN) condition operators").

use crate::{
    Version,
    context::Context,
    name::Name,
    pattern::{Matched, Pattern, Reading},
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
            && first.iter().flatten().all(|field| !field.contains(['*', '?', '$']))
        {
            return Self::Whole(Pattern::new(text, reading));
        }
        let field = |field: Option<&str>| Pattern::new(field.unwrap_or("*"), reading);
        Self::Fields(Box::new(fields.map(field)))
    }

    /// Whether an ARN is of this form in this request. What is no ARN is so only of `*`.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Matched {
        let patterns = match self {
            Self::All => return Matched::Is(Tri::Yes),
            Self::Whole(pattern) => return pattern.matches(text, context),
            Self::Fields(patterns) => patterns,
        };
        let mut rest = text;
        let mut all = Tri::Yes;
        for (number, pattern) in patterns.iter().enumerate() {
            let field = if number == 5 {
                rest
            } else {
                let Some((field, after)) = rest.split_once(':') else { return Matched::Is(Tri::No) };
                rest = after;
                field
            };
            match pattern.matches(field, context) {
                Matched::Is(Tri::No) => return Matched::Is(Tri::No),
                Matched::Is(is) => all = all.min(is),
                Matched::Unresolved => return Matched::Unresolved,
            }
        }
        Matched::Is(all)
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

/// The six fields of a pattern. A colon within `${…}` separates nothing.
fn fields(text: &str) -> [Option<&str>; 6] {
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
