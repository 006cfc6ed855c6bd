//! `StringNotEquals` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// Another text.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotEquals",
    negated: true,
    variables: true,
    wildcards: false,
    compile: Operand::text,
};
