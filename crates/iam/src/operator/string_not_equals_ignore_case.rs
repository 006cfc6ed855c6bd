//! `StringNotEqualsIgnoreCase` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};
use crate::pattern::Reading;

/// Another text, whatever the case of letters.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringNotEqualsIgnoreCase",
    negated: true,
    variables: true,
    wildcards: false,
    compile: |value, version| {
        Operand::text(
            value,
            Reading { wildcards: false, variables: version.has_variables(), ignores_case: true },
        )
    },
};
