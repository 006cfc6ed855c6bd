//! `NumericGreaterThan` (IAM User Guide, "Numeric condition operators").

use super::{Operand, Operator, Relation};

/// A greater number.
pub(super) const OPERATOR: Operator = Operator {
    name: "NumericGreaterThan",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::number(value, Relation::Greater),
};
