//! `ArnLike` (IAM User Guide, "Amazon Resource Name (ARN) condition operators").

use super::{Operand, Operator};

/// An ARN of this form, field by field.
pub(super) const OPERATOR: Operator = Operator {
    name: "ArnLike",
    negated: false,
    variables: true,
    wildcards: true,
    compile: |_, value, version| Operand::arn(value, version),
};
