//! `StringNotLike` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};
use crate::pattern::Reading;

/// Text not of this form.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotLike",
    negated: true,
    variables: true,
    wildcards: true,
    compile: |value, version| {
        Operand::text(
            value,
            Reading { wildcards: true, variables: version.has_variables(), ignores_case: false },
        )
    },
};
