//! `DateEquals` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// The same instant.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::Equal),
};
