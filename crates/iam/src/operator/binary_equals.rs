//! `BinaryEquals` (IAM User Guide, "Binary condition operators").

use super::{Operand, Operator};

/// The same bytes, in base64.
pub(super) const OPERATOR: Operator = Operator {
    name: "BinaryEquals",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::binary(value),
};
