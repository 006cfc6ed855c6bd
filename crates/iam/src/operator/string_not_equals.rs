//! `StringNotEquals` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};
use crate::pattern::Reading;

/// Another text.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotEquals",
    negated: true,
    variables: true,
    wildcards: false,
    compile: |value, version| {
        Operand::text(
            value,
            Reading { wildcards: false, variables: version.has_variables(), ignores_case: false },
        )
    },
};
