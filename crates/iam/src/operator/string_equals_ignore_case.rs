//! `StringEqualsIgnoreCase` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// The same text but for the case of letters.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringEqualsIgnoreCase",
    negated: false,
    variables: true,
    wildcards: false,
    compile: Operand::text_ignoring_case,
};
