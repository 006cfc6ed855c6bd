//! `NumericLessThanEquals` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// The same number or a smaller one.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericLessThanEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::LessOrEqual),
};
