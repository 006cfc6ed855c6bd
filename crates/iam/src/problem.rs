//! What is wrong with a document, as AWS would say it when the document is saved.

use crate::{Effect, place::Path};

/// What a document is attached to: which elements it may have depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An identity policy, a permissions boundary or a session policy.
    Identity,
    /// A resource policy other than a role's trust policy, for example of a bucket or a key.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// A VPC endpoint policy.
    Endpoint,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyProblem {
    /// The element that it is about.
    pub path: Path,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Why AWS refuses a document, or reads it otherwise than it looks.
///
/// The sources are the IAM User Guide's "Grammar of the IAM JSON policy language" and the pages on the elements, unless a
/// reason names another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// No JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A value of another kind than the element takes.
    #[error("should be {wanted}, not {found}")]
    Shape {
        /// What the element takes.
        wanted: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A field that the language doesn't have.
    #[error("`{0}` is no element of a policy")]
    UnknownElement(String),
    /// The same field twice.
    #[error("`{0}` is there more than once")]
    Repeated(String),
    /// A field that has to be there.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// Both ways to write an element.
    #[error("it has both `{0}` and `Not{0}`")]
    BothWays(&'static str),
    /// A list without a value.
    #[error("an empty list")]
    Empty,
    /// Not one of the two versions.
    #[error("`{0}` is no version of the policy language: it should be `2012-10-17`")]
    UnknownVersion(String),
    /// Neither `Allow` nor `Deny`, which are case-sensitive.
    #[error("`{0}` is neither `Allow` nor `Deny`")]
    UnknownEffect(String),
    /// Other characters than letters and digits in a `Sid` of an identity policy.
    #[error("the `Sid` `{0}` may have letters and digits only")]
    SidCharacters(String),
    /// Two statements of the same name.
    #[error("the `Sid` `{0}` is another statement's, too")]
    RepeatedSid(String),
    /// No `service:Action` and not `*`.
    #[error("`{0}` is no action: it should look like `service:Action`")]
    NoAction(String),
    /// A wildcard before the colon.
    #[error("the service of `{0}` may not have wildcards")]
    WildcardService(String),
    /// Not `*` and no ARN.
    #[error("`{0}` is no resource: it should be `*` or start with `arn:`")]
    NoArn(String),
    /// A principal that can't be one.
    #[error(
        "`{0}` is no principal: it should be an ARN without wildcards, an account's twelve digits or `*`"
    )]
    NoPrincipal(String),
    /// A kind of principals that the language doesn't have.
    #[error("`{0}` is no kind of principals: it should be `AWS`, `Service`, `Federated` or `CanonicalUser`")]
    UnknownPrincipals(String),
    /// An element where it can't be.
    #[error("a policy of this kind has no `{0}`")]
    Misplaced(&'static str),
    /// `NotPrincipal` that grants ("AWS JSON policy elements: NotPrincipal").
    #[error("`NotPrincipal` goes with `Deny` only")]
    NotPrincipalAllows,
    /// In a resource control policy, whose principal is always everybody (Organizations User Guide, "RCP syntax").
    #[error("the principal of a resource control policy can only be `*`")]
    NotEverybody,
    /// An effect that a policy of the kind can't have (Organizations User Guide, "RCP syntax").
    #[error("a policy of this kind has no statements with `{0:?}`")]
    EffectOfKind(Effect),
    /// An operator that the language doesn't have.
    #[error("`{0}` is no condition operator")]
    UnknownOperator(String),
    /// A variable in a resource of a document of the old version, which IAM calls "failed legacy parsing".
    #[error("`{0}` has a policy variable, which takes `\"Version\": \"2012-10-17\"`")]
    VariableInOldVersion(String),
    /// A variable in a condition of a document of the old version: plain text, which nobody means.
    #[error("`{0}` is plain text, and no variable, without `\"Version\": \"2012-10-17\"`")]
    VariableIsText(String),
}

impl PolicyProblem {
    pub(crate) fn new(path: &Path, reason: Reason) -> Self {
        Self { path: path.clone(), reason }
    }
}

impl Reason {
    /// Whether AWS refuses to save such a document, so that there is nothing to evaluate.
    pub fn is_refused(&self) -> bool {
        !matches!(self, Self::VariableIsText(_))
    }
}

impl std::fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}
