//! `NumericGreaterThanEquals` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// The same number or a greater one.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericGreaterThanEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::GreaterOrEqual),
};
