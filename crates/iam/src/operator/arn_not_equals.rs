//! `ArnNotEquals` (IAM User Guide, "Amazon Resource Name (ARN) condition operators").

use super::{Operand, Operator};

/// An ARN not of this form: the same as `ArnNotLike`.
pub(super) const OPERATOR: Operator = Operator {
    name: "ArnNotEquals",
    negated: true,
    variables: true,
    wildcards: true,
    compile: |_, value, version| Operand::arn(value, version),
};
