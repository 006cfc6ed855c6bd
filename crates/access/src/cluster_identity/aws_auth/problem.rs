//! What is wrong with aws-auth.

/// Why a block maps nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockProblem {
    /// Not a text, which the API server would not have taken.
    #[error("it is no text: the `|` after its key may be missing")]
    NotText,
    /// Not YAML. The authenticator leaves such a block out; whether its parser takes what ours refuses isn't known.
    #[error("it is no YAML: {0}")]
    NotYaml(String),
    /// YAML, but no list, which leaves the authenticator without any element.
    #[error("it is no list")]
    NotAList,
}

/// What is wrong with an element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemProblem {
    /// The authenticator drops it.
    #[error("it is no mapping of fields, and dropped")]
    NotAMapping,
    /// The authenticator drops it.
    #[error("it has no ARN, and is dropped")]
    NoArn,
    /// The authenticator drops it.
    #[error("it has both `rolearn` and `sso`, and is dropped")]
    ArnAndSso,
    /// The authenticator drops it.
    #[error("its `sso` has no account id or no name of a permission set, and is dropped")]
    BadSso,
    /// A later element has the same ARN.
    #[error("element {by} has the same ARN, and the last one counts")]
    Superseded {
        /// The later element's position.
        by: usize,
    },
    /// It maps nobody unless EKS has switched on what is off by default (pkg/config/features.go, `SSORoleMatch`).
    #[error("`sso` works only behind the feature gate `SSORoleMatch`, and EKS documents none")]
    SsoNeedsFeatureGate,
    /// It matches nobody.
    #[error("with a `partition`, `sso` matches nobody")]
    SsoWithPartition,
    /// It matches nobody: callers come without their role's path (EKS User Guide, "Grant IAM users and roles access to
    /// Kubernetes APIs with a ConfigMap").
    #[error("the role's ARN has a path, and matches nobody")]
    RolePath,
    /// It matches nobody: callers come as their role.
    #[error("it is the ARN of a session, and matches nobody: name the role")]
    SessionArn,
    /// It matches nobody.
    #[error("there are no wildcards, and it matches nobody")]
    Wildcard,
    /// It matches nobody.
    #[error("it is no ARN of a role or user, and matches nobody")]
    NotAnArn,
    /// It matches one user, and not the account.
    #[error("it is the account's root user, and nobody else of the account")]
    RootUserOnly,
    /// It works all the same: both blocks are only compared with the caller's ARN.
    #[error("it belongs into the other block, though it works in this one")]
    OtherBlock,
    /// A field is left out because of its type.
    #[error("a value of its `{field}` is of another type, and left out")]
    FieldIgnored {
        /// The field.
        field: &'static str,
    },
    /// Its user has an empty name.
    #[error("it has no user name: bindings and audit logs can't tell its users apart")]
    NoUsername,
    /// A placeholder that the authenticator doesn't know.
    #[error("`{0}` is no placeholder, and stays as it is")]
    UnknownPlaceholder(String),
}

impl ItemProblem {
    /// Whether the authenticator goes on as if the element weren't there.
    pub fn drops(&self) -> bool {
        matches!(
            self,
            Self::NotAMapping | Self::NoArn | Self::ArnAndSso | Self::BadSso | Self::Superseded { .. }
        )
    }

    /// Whether the element matches no caller, whoever it is meant for.
    pub fn matches_nobody(&self) -> bool {
        matches!(
            self,
            Self::SsoWithPartition | Self::RolePath | Self::SessionArn | Self::Wildcard | Self::NotAnArn
        )
    }
}
