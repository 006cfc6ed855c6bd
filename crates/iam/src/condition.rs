//! One condition of a statement: a comparison, a key, and the values to compare with (IAM User Guide, "IAM JSON policy
//! elements: Condition", and "Set operators for multivalued context keys").

use crate::{
    Values, Version,
    context::{Context, Lookup},
    few::Few,
    name::Name,
    operator::{Comparison, Operand, Quantifier, named},
    pattern::Matched,
    statement::Failed,
    tri::Tri,
};

/// A condition, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    comparison: Comparison,
    key: Name,
    operands: Few<Operand>,
}

impl Condition {
    /// None if there is no such operator.
    pub(crate) fn new(operator: &str, key: &str, values: &Values, version: Version) -> Option<Self> {
        let comparison = named(operator)?;
        let operator = comparison.operator;
        let operands = values.iter().map(|value| (operator.compile)(operator, value, version)).collect();
        Some(Self { comparison, key: Name::new(key.to_lowercase()), operands })
    }

    /// Whether it is met.
    pub(crate) fn holds(&self, context: &Context) -> Tri {
        let found = context.get(&self.key);
        if self.comparison.operator.is_null() {
            return self.is_null(found);
        }
        match (found, self.comparison.quantifier) {
            (Lookup::Unknown, _) => Tri::Unknown,
            (Lookup::Absent, Quantifier::Any) => self.comparison.if_exists.into(),
            (Lookup::Absent, Quantifier::All) => Tri::Yes,
            (Lookup::Absent, Quantifier::TheOne) => {
                (self.comparison.if_exists || self.comparison.operator.negated).into()
            }
            (Lookup::One(value), _) => self.is_met_by(value, context),
            (Lookup::Many(values), Quantifier::All) => {
                Tri::all(values.iter().map(|value| self.is_met_by(value, context)))
            }
            (Lookup::Many(values), Quantifier::Any) => {
                Tri::any(values.iter().map(|value| self.is_met_by(value, context)))
            }
            // A key with several values needs a quantifier.
            (Lookup::Many([value]), Quantifier::TheOne) => self.is_met_by(value, context),
            (Lookup::Many(_), Quantifier::TheOne) => Tri::No,
        }
    }

    /// The key that it compares, in lower case.
    pub(crate) fn key(&self) -> &str {
        self.key.as_str()
    }

    pub(crate) fn operands(&self) -> &[Operand] {
        &self.operands
    }

    pub(crate) fn quantifier(&self) -> Quantifier {
        self.comparison.quantifier
    }

    /// Whether it asks that no value matches.
    pub(crate) fn is_negated(&self) -> bool {
        self.comparison.operator.negated
    }

    /// Whether it asks if the key is there, not for its value.
    pub(crate) fn is_of_existence(&self) -> bool {
        self.comparison.operator.is_null()
    }

    /// Of a condition of existence: whether it is met by a key that is there.
    pub(crate) fn accepts_presence(&self) -> bool {
        self.accepts(false)
    }

    /// How to say that it isn't met.
    pub(crate) fn failed(&self) -> Failed {
        Failed::Condition { operator: self.comparison.operator.name, key: self.key.as_str().to_owned() }
    }

    /// The keys that it asks for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.key).chain(self.variables())
    }

    /// The keys of the variables in its values.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Name> {
        self.operands.iter().flat_map(Operand::variables)
    }

    fn is_null(&self, found: Lookup<'_>) -> Tri {
        let wants = |absent| self.accepts(absent);
        match found {
            Lookup::Unknown if wants(true) == wants(false) => wants(true).into(),
            Lookup::Unknown => Tri::Unknown,
            Lookup::Absent => wants(true).into(),
            Lookup::One(_) | Lookup::Many(_) => wants(false).into(),
        }
    }

    fn accepts(&self, absent: bool) -> bool {
        self.operands.iter().any(|operand| matches!(operand, Operand::Boolean(value) if *value == absent))
    }

    /// Whether one value of the key is as the operator wants it.
    fn is_met_by(&self, value: &str, context: &Context) -> Tri {
        let matches = self.operands.iter().map(|operand| operand.matches(value, context));
        self.is_met_by_any(matches)
    }

    /// Whether it is met by what came of comparing one value with each operand.
    pub(crate) fn is_met_by_any(&self, matches: impl IntoIterator<Item = Matched>) -> Tri {
        Matched::any(matches, self.comparison.operator.negated)
    }
}
