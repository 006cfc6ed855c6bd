//! `NumericNotEquals` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// Another number.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericNotEquals",
    negated: true,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::Equal),
};
