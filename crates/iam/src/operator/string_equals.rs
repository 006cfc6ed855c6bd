//! `StringEquals` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// The same text, case and all.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringEquals",
    negated: false,
    variables: true,
    wildcards: false,
    compile: Operand::text,
};
