//! `DateLessThanEquals` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// The same instant or an earlier one.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateLessThanEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::LessOrEqual),
};
