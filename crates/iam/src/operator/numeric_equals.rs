//! `NumericEquals` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// The same number.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::Equal),
};
