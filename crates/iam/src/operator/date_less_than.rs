//! `DateLessThan` (IAM User Guide, "Date condition operators").

use super::{Operand, Operator, Relation};

/// An earlier instant.
pub(super) const OPERATOR: Operator = Operator {
    name: "DateLessThan",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::instant(value, Relation::Less),
};
