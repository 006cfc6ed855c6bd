//! `NotIpAddress` (IAM User Guide, "IP address condition operators").

use super::{Operand, Operator};

/// An address outside of this range.
pub(super) const OPERATOR: Operator = Operator {
    name: "NotIpAddress",
    negated: true,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::address(value),
};
