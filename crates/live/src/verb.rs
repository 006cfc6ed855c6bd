//! The verbs that ask AWS and clusters: by their names CloudTrail and audit logs tell them apart.

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verb {
    /// `oarlock collect`
    #[default]
    Collect,
    /// `oarlock drift`
    Drift,
    /// `oarlock apply`
    Apply,
    /// `oarlock verify --live`
    Verify,
    /// `oarlock diagnose --live`
    Diagnose,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Drift => "drift",
            Self::Apply => "apply",
            Self::Verify => "verify",
            Self::Diagnose => "diagnose",
        }
    }

    /// By what name CloudTrail shows its sessions of assumed roles: `oarlock-apply`.
    pub(crate) fn session_name(self) -> String {
        format!("oarlock-{}", self.word())
    }

    /// What asks for the same permissions, where that differs: those who only read share a role.
    fn with_its_permissions(self) -> Self {
        match self {
            Self::Drift | Self::Diagnose => Self::Collect,
            own => own,
        }
    }

    /// What roles are called that are proposed for it: `oarlock-apply`.
    pub(crate) fn name(self) -> String {
        self.with_its_permissions().session_name()
    }

    /// The Kubernetes group that they are bound to: `oarlock:apply`.
    pub(crate) fn group(self) -> String {
        format!("oarlock:{}", self.with_its_permissions().word())
    }
}
