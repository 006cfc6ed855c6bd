//! Policy variables of the policies that are compared.

use std::collections::BTreeSet;

use super::search::Draft;
use crate::{
    Context, ContextValue, Element,
    arn_pattern::ArnPattern,
    context::Lookup,
    operator::Operand,
    pattern::{Pattern, Token},
    statement::Compiled,
};

/// So many choices of values are tried.
const CHOICES: usize = 300;

/// A value of which no policy speaks.
const STRANGER: &str = "stranger";

/// The variables, and perhaps the values that were chosen for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    keys: BTreeSet<String>,
    values: Option<Context>,
}

impl Variables {
    /// Those of some statements, of which nothing is known.
    pub(super) fn free(statements: &[Compiled]) -> Self {
        let own = statements.iter().flat_map(Compiled::variables).map(str::to_owned);
        Self { keys: own.collect(), values: None }
    }

    /// The values that were chosen.
    pub(super) fn values(&self) -> Option<&Context> {
        self.values.as_ref()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Whether a value, or none, was chosen for a key.
    pub(super) fn is_chosen(&self, key: &str) -> bool {
        self.values.is_some() && self.has(key)
    }

    /// The keys with the values that were chosen.
    pub(super) fn chosen(&self) -> Vec<(String, ContextValue)> {
        let values = self.values.iter();
        values
            .flat_map(|values| self.keys.iter().filter_map(|key| Some((key.clone(), values.value(key)?))))
            .collect()
    }

    /// Choices of values that may make one of some requests so as the policies were taken to be: none, one of which no policy
    /// speaks, those that the requests have for the key, and what stands in the requests where the patterns have the variable.
    pub(super) fn choices(&self, statements: &[Compiled], drafts: &[Draft]) -> Vec<Self> {
        if self.keys.is_empty() {
            return Vec::new();
        }
        let mut choices = vec![Vec::new()];
        for key in &self.keys {
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
        let chosen = |values| Self { keys: self.keys.clone(), values: Some(Context::complete(values)) };
        choices.into_iter().map(chosen).collect()
    }
}

/// Values of a key that are worth trying, or none.
fn candidates(key: &str, statements: &[Compiled], drafts: &[Draft]) -> BTreeSet<Option<String>> {
    let mut values = BTreeSet::from([None, Some(STRANGER.to_owned())]);
    for draft in drafts.iter().take(super::CANDIDATES) {
        let contexts = draft.keys.iter();
        let own = contexts.clone().filter(|(own, _)| own == key).flat_map(|(_, value)| texts_of(value));
        values.extend(own.map(|text| Some(text.to_owned())));
        let texts = contexts.flat_map(|(_, value)| texts_of(value)).chain([&*draft.resource]);
        for text in texts {
            for pattern in statements.iter().flat_map(Compiled::patterns) {
                values.extend(captured(pattern, key, text).into_iter().map(Some));
            }
        }
    }
    values
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
            Token::Variable { key: own, .. } if **own == *key => {
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

impl Context {
    /// The value of a key, whose name is in lower case, if it is known and there.
    pub(super) fn value(&self, key: &str) -> Option<ContextValue> {
        match self.get(key) {
            Lookup::One(value) => Some(ContextValue::One(value.to_owned())),
            Lookup::Many(values) => Some(ContextValue::Many(values.to_vec())),
            Lookup::Absent | Lookup::Unknown => None,
        }
    }
}

impl Compiled {
    /// The keys of all its variables.
    fn variables(&self) -> impl Iterator<Item = &str> {
        self.patterns().flat_map(Pattern::variables)
    }

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
