//! `StringLike` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};
use crate::pattern::Reading;

/// Text of this form; `*` is any text, `?` one character.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringLike",
    negated: false,
    variables: true,
    wildcards: true,
    compile: |value, version| {
        Operand::text(
            value,
            Reading { wildcards: true, variables: version.has_variables(), ignores_case: false },
        )
    },
};
