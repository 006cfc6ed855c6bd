//! `DateNotEquals` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// Another instant.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateNotEquals",
    negated: true,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::Equal),
};
