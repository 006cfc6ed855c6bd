//! `Null` (IAM User Guide, "Condition operator to check existence of condition keys").

use super::{Operand, Operator};

/// Whether the key is absent.
pub(super) const OPERATOR: Operator = Operator {
    name: "Null",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::boolean(value),
};
