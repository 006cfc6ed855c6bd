//! `StringLike` (IAM User Guide, "String condition operators").

use super::{Operand, Operator};

/// Text of this form; `*` is any text, `?` one character.
pub(super) const OPERATOR: Operator =
    Operator { name: "StringLike", negated: false, variables: true, wildcards: true, compile: Operand::text };
