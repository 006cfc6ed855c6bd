use serde::Serialize;

use crate::Gap;

/// The answer of any evaluator: an IAM policy set, Kubernetes RBAC, an EKS access policy.
///
/// An unknown is never folded into yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome<By> {
    /// Something allows it and nothing forbids it.
    Allowed {
        /// What allows it.
        by: By,
    },
    /// Something forbids it explicitly.
    Denied {
        /// What forbids it.
        by: By,
    },
    /// Nothing allows it.
    NotAllowed,
    /// Not enough is known to decide.
    Unknown {
        /// What would have to be known.
        missing: Vec<Gap>,
    },
}

impl<By> Outcome<By> {
    /// Whether it is certainly allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// The answer to "does this hold for all requests?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict<Witness> {
    /// It holds for every request.
    Holds,
    /// It doesn't, and here is one concrete request that shows it.
    Violated {
        /// The request that breaks it.
        witness: Witness,
    },
    /// Not enough is known to decide.
    Unknown {
        /// What would have to be known.
        missing: Vec<Gap>,
    },
}

impl<Witness> Verdict<Witness> {
    /// Whether it certainly holds.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds)
    }
}
