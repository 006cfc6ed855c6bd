//! `StringEquals` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};
use crate::pattern::Reading;

/// The same text, case and all.
pub(super) const OPERATOR: Operator = Operator {
    name: "StringEquals",
    negated: false,
    variables: true,
    wildcards: false,
    compile: |value, version| {
        Operand::text(
            value,
            Reading { wildcards: false, variables: version.has_variables(), ignores_case: false },
        )
    },
};
