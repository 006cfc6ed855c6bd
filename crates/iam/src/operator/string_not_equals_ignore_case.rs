//! `StringNotEqualsIgnoreCase` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// Another text, whatever the case of letters.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotEqualsIgnoreCase",
    negated: true,
    variables: true,
    wildcards: false,
    compile: Operand::text_ignoring_case,
};
