//! Requests told apart only as far as policies do: one value of each class in which all patterns and conditions hold alike.

mod operands;
pub(crate) mod texts;
mod values;
mod ways;

use std::collections::BTreeSet;

pub(crate) use operands::Operands;
pub(crate) use values::values;
pub(crate) use ways::{Way, ways};

use crate::{Context, ContextValue, context::Lookup};

/// Why no answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beyond(pub(crate) &'static str);

/// What is taken for the values of policy variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    /// The keys whose values are chosen, or open.
    keys: BTreeSet<String>,
    /// None for whatever they may be.
    values: Option<Context>,
}

impl Variables {
    /// Those of which nothing is known.
    pub(crate) fn free(keys: BTreeSet<String>) -> Self {
        Self { keys, values: None }
    }

    /// The same with values for them.
    pub(crate) fn chosen(&self, values: Context) -> Self {
        Self { keys: self.keys.clone(), values: Some(values) }
    }

    /// Those that a request has.
    pub(crate) fn of(context: &Context) -> Self {
        Self { keys: BTreeSet::new(), values: Some(context.clone()) }
    }

    pub(crate) fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    pub(crate) fn values(&self) -> Option<&Context> {
        self.values.as_ref()
    }

    /// Whether a value, or none, was chosen for a key.
    pub(crate) fn has_chosen(&self, key: &str) -> bool {
        self.values.is_some() && self.keys.contains(key)
    }

    /// The keys with the values that were chosen.
    pub(crate) fn choice(&self) -> Vec<(String, ContextValue)> {
        let values = self.values.iter();
        values
            .flat_map(|values| self.keys.iter().filter_map(|key| Some((key.clone(), values.value(key)?))))
            .collect()
    }
}

impl Context {
    /// The value of a key, whose name is in lower case, if it is known and there.
    pub(crate) fn value(&self, key: &str) -> Option<ContextValue> {
        match self.lookup(key) {
            Lookup::One(value) => Some(ContextValue::One(value.to_owned())),
            Lookup::Many(values) => Some(ContextValue::Many(values.to_vec())),
            Lookup::Absent | Lookup::Unknown => None,
        }
    }
}
