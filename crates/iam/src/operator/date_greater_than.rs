//! `DateGreaterThan` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// A later instant.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateGreaterThan",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::Greater),
};
