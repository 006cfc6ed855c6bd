//! `IpAddress` (IAM User Guide, "IP address condition operators").

use super::{Operand, Operator};

/// An address in this range of IPv4 or IPv6.
pub(super) const OPERATOR: Operator = Operator {
    name: "IpAddress",
    negated: false,
    variables: false,
    wildcards: false,
    compile: |_, value, _| Operand::address(value),
};
