//! `Bool` (IAM User Guide, "Boolean condition operators").

use super::{Operand, Operator};

/// `true` or `false`, in any case.
pub(super) const OPERATOR: Operator = Operator {
    name: "Bool",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::boolean(value),
};
