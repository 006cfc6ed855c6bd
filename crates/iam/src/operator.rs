//! Condition operators: one file each, an operator is a value (IAM User Guide, "IAM JSON policy elements: Condition operators").

mod arn_equals;
mod arn_like;
mod arn_not_equals;
mod arn_not_like;
mod binary_equals;
mod bool;
mod date_equals;
mod date_greater_than;
mod date_greater_than_equals;
mod date_less_than;
mod date_less_than_equals;
mod date_not_equals;
mod ip_address;
mod not_ip_address;
mod null;
mod numeric_equals;
mod numeric_greater_than;
mod numeric_greater_than_equals;
mod numeric_less_than;
mod numeric_less_than_equals;
mod numeric_not_equals;
mod operand;
mod string_equals;
mod string_equals_ignore_case;
mod string_like;
mod string_not_equals;
mod string_not_equals_ignore_case;
mod string_not_like;

pub(crate) use operand::{Operand, Relation};

use crate::Version;

/// One condition operator, without prefix and suffix.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// As policies write it.
    pub name: &'static str,
    /// Whether it asks that no value matches, and is met by a key that is absent.
    pub negated: bool,
    /// Whether its values may have policy variables.
    pub variables: bool,
    /// Whether `*` and `?` in its values are wildcards.
    pub wildcards: bool,
    /// Reads one value of the policy.
    pub(crate) compile: fn(&Operator, &str, Version) -> Operand,
}

/// An operator as a condition uses it.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Which.
    pub operator: &'static Operator,
    /// How many of a key's values must match.
    pub quantifier: Quantifier,
    /// `…IfExists`: met by a key that is absent.
    pub if_exists: bool,
}

/// How many of a key's values must match (IAM User Guide, "Set operators for multivalued context keys").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// No prefix: for keys with a single value.
    TheOne,
    /// `ForAllValues:`, also met by a key that is absent.
    All,
    /// `ForAnyValue:`, never met by a key that is absent.
    Any,
}

/// All operators.
pub const OPERATORS: &[Operator] = &[
    string_equals::OPERATOR,
    string_not_equals::OPERATOR,
    string_equals_ignore_case::OPERATOR,
    string_not_equals_ignore_case::OPERATOR,
    string_like::OPERATOR,
    string_not_like::OPERATOR,
    numeric_equals::OPERATOR,
    numeric_not_equals::OPERATOR,
    numeric_less_than::OPERATOR,
    numeric_less_than_equals::OPERATOR,
    numeric_greater_than::OPERATOR,
    numeric_greater_than_equals::OPERATOR,
    date_equals::OPERATOR,
    date_not_equals::OPERATOR,
    date_less_than::OPERATOR,
    date_less_than_equals::OPERATOR,
    date_greater_than::OPERATOR,
    date_greater_than_equals::OPERATOR,
    bool::OPERATOR,
    binary_equals::OPERATOR,
    ip_address::OPERATOR,
    not_ip_address::OPERATOR,
    arn_equals::OPERATOR,
    arn_not_equals::OPERATOR,
    arn_like::OPERATOR,
    arn_not_like::OPERATOR,
    null::OPERATOR,
];

/// The operator of this name, with its prefix and suffix. Names have no case.
pub fn named(text: &str) -> Option<Comparison> {
    let (quantifier, rest) = match text.split_once(':') {
        None => (Quantifier::TheOne, text),
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Quantifier::All, rest),
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Any, rest),
        Some(_) => return None,
    };
    let find = |name: &str| OPERATORS.iter().find(|operator| operator.name.eq_ignore_ascii_case(name));
    if let Some(operator) = find(rest) {
        return Some(Comparison { operator, quantifier, if_exists: false });
    }
    let split = rest.len().checked_sub("IfExists".len())?;
    let (name, suffix) = (rest.get(..split)?, rest.get(split..)?);
    // Of `Null` there is none: it asks for existence itself.
    let operator = find(name).filter(|operator| !operator.is_null())?;
    suffix.eq_ignore_ascii_case("IfExists").then_some(Comparison { operator, quantifier, if_exists: true })
}

impl Operator {
    /// Whether it asks if the key is there, not for its value.
    pub fn is_null(&self) -> bool {
        self.name == "Null"
    }
}
