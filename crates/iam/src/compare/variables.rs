//! Policy variables of the policies that are compared.

use std::collections::BTreeSet;

use super::search::Draft;
use crate::{
    Context, ContextValue, Element,
    arn_pattern::ArnPattern,
    classes::Variables,
    operator::Operand,
    pattern::{Pattern, Token},
    statement::Compiled,
};

/// So many choices of values are tried.
const CHOICES: usize = 300;

/// A value of which no policy speaks.
const STRANGER: &str = "stranger";

/// Those of some statements, of which nothing is known.
pub(super) fn free(statements: &[Compiled]) -> Variables {
    let patterns = statements.iter().flat_map(Compiled::patterns);
    Variables::free(patterns.flat_map(Pattern::variables).map(|key| key.as_str().to_owned()).collect())
}

/// Choices of values that may make one of some requests so as the policies were taken to be: none, one of which no policy
/// speaks, those that the requests have for the key, and what stands in the requests where the patterns have the variable.
pub(super) fn choices(free: &Variables, statements: &[Compiled], drafts: &[Draft]) -> Vec<Variables> {
    if free.keys().is_empty() {
        return Vec::new();
    }
    let mut choices = vec![Vec::new()];
    for key in free.keys() {
        let values = candidates(key, statements, drafts);
        let with = |known: &Vec<(String, ContextValue)>| {
            let known = known.clone();
            let add = move |value: &Option<String>| {
                let value = value.iter().map(|value| (key.clone(), ContextValue::One(value.clone())));
                known.iter().cloned().chain(value).collect()
            };
            values.iter().map(add).collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(with).take(CHOICES).collect();
    }
    choices.into_iter().map(|values| free.chosen(Context::complete(values))).collect()
}

/// Values of a key that are worth trying, or none; those first that mostly do.
fn candidates(key: &str, statements: &[Compiled], drafts: &[Draft]) -> Vec<Option<String>> {
    let mut values = BTreeSet::new();
    for draft in drafts.iter().take(super::CANDIDATES) {
        let contexts = draft.keys.iter();
        let own = contexts.clone().filter(|(own, _)| own == key).flat_map(|(_, value)| texts_of(value));
        values.extend(own.map(str::to_owned));
        let texts = contexts.flat_map(|(_, value)| texts_of(value)).chain([&*draft.resource]);
        for text in texts {
            for pattern in statements.iter().flat_map(Compiled::patterns) {
                values.extend(captured(pattern, key, text));
            }
        }
    }
    [Some(STRANGER.to_owned()), None].into_iter().chain(values.into_iter().map(Some)).collect()
}

fn texts_of(value: &ContextValue) -> Vec<&str> {
    match value {
        ContextValue::One(value) => vec![value],
        ContextValue::Many(values) => values.iter().map(String::as_str).collect(),
    }
}

/// What a variable may stand for in a text: whatever begins where the text before it ends.
fn captured(pattern: &Pattern, key: &str, text: &str) -> BTreeSet<String> {
    let mut before = "";
    let mut all = BTreeSet::new();
    for token in pattern.tokens() {
        match token {
            Token::Text(own) => before = own,
            Token::Variable { key: own, .. } if own.as_str() == key => {
                for (at, found) in text.match_indices(before) {
                    let rest = text.get(at + found.len()..).unwrap_or_default();
                    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
                    all.extend(ends.filter_map(|end| rest.get(..end)).map(str::to_owned));
                }
            }
            _ => before = "",
        }
    }
    all
}

impl Compiled {
    /// The patterns of its resources and conditions, those of ARNs field by field.
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let resources = self.resources().into_iter().flat_map(Element::listed).flat_map(ArnPattern::fields);
        let operands = self.conditions().iter().flat_map(|condition| condition.operands());
        resources.chain(operands.flat_map(|operand| match operand {
            Operand::Text(pattern) => std::slice::from_ref(pattern),
            Operand::Arn(pattern) => pattern.fields(),
            _ => &[],
        }))
    }
}
