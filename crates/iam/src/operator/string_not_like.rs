//! `StringNotLike` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// Text not of this form.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotLike",
    negated: true,
    variables: true,
    wildcards: true,
    compile: Operand::text,
};
