//! `DateGreaterThanEquals` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// The same instant or a later one.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateGreaterThanEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::GreaterOrEqual),
};
