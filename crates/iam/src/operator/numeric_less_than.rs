//! `NumericLessThan` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// A smaller number.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericLessThan",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::Less),
};
