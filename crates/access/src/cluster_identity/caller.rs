//! Who calls, and its ARN as the authenticator compares it.

use facts::{AccountId, Arn, ArnError, Partition};

/// Who comes to a cluster with a token of `aws eks get-token`.
///
/// What isn't known stays `None`: an answer that hangs on it is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub(super) principal: Principal,
    /// Its unique id (`AROA…`, `AIDA…`). EKS keeps that of an access entry's principal to itself, so no decision uses it;
    /// it is part of the user's uid in audit logs.
    pub unique_id: Option<String>,
    /// The session name of an assumed role.
    pub session: Option<String>,
    /// The access key of its credentials.
    pub access_key: Option<String>,
    /// When the role or user was created, as the AWS CLI prints it.
    pub created: Option<String>,
    /// Whether it created the cluster, which no call of the API tells.
    pub created_cluster: Option<bool>,
}

impl Caller {
    /// A role, user, root user or federated user by its ARN; or a role by the ARN of one of its sessions, which leaves the
    /// role's path unknown.
    ///
    /// # Errors
    /// It is the ARN of something that can't call a cluster.
    pub fn new(arn: &str) -> Result<Self, CallerError> {
        let (principal, session) = Principal::of(arn)?;
        Ok(Self {
            principal,
            unique_id: None,
            session,
            access_key: None,
            created: None,
            created_cluster: None,
        })
    }

    /// Its ARN as the authenticator compares it: that of a role has no path.
    pub fn arn(&self) -> &str {
        &self.principal.arn
    }

    /// What `{{SessionName}}` stands for: only an assumed role has one (pkg/token/token.go, `Verify`).
    pub(super) fn session_name(&self) -> Option<&str> {
        match self.principal.kind {
            Kind::Role => self.session.as_deref(),
            _ => Some(""),
        }
    }
}

/// Why an ARN is nobody's who can call a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerError {
    /// Not an ARN with an account.
    #[error(transparent)]
    Arn(#[from] ArnError),
    /// The ARN of something else.
    #[error(
        "`{0}` is no caller: it should be the ARN of a role, a session of a role, a user, a federated user or an account's root user"
    )]
    Kind(String),
}

/// What kind of principal it is (pkg/arn/arn.go, `PrincipalType`); a session counts as its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Role,
    User,
    FederatedUser,
    Root,
}

/// A principal in the form that is compared (aws-iam-authenticator, pkg/arn/arn.go, `Canonicalize` and `StripPath`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) kind: Kind,
    pub(super) partition: Partition,
    pub(super) account: AccountId,
    /// Without a role's path: STS doesn't tell it. A user's path it does tell.
    pub(super) arn: String,
    /// Without any path.
    pub(super) name: String,
    /// A role's path, where the ARN was the role's own.
    pub(super) path: Option<String>,
}

impl Principal {
    /// The principal, and the session's name if the ARN is a session's.
    pub(super) fn of(text: &str) -> Result<(Self, Option<String>), CallerError> {
        let arn: Arn = text.parse()?;
        let account: AccountId = arn.account.parse()?;
        let unknown = || CallerError::Kind(text.to_owned());
        let (kind, rest) = arn.resource.split_once('/').unwrap_or((&arn.resource, ""));
        let (kind, named, session) = match (arn.service.as_str(), kind) {
            ("iam", "role") => (Kind::Role, rest, None),
            ("iam", "user") => (Kind::User, rest, None),
            ("iam", "root") if rest.is_empty() => (Kind::Root, "root", None),
            ("sts", "federated-user") => (Kind::FederatedUser, rest, None),
            ("sts", "assumed-role") => {
                let (role, session) = rest.rsplit_once('/').ok_or_else(unknown)?;
                (Kind::Role, role, Some(session.to_owned()))
            }
            _ => return Err(unknown()),
        };
        let (path, name) = named.rsplit_once('/').map_or(("", named), |(path, name)| (path, name));
        if name.is_empty() || !arn.region.is_empty() {
            return Err(unknown());
        }
        let path = match path {
            "" => "/".to_owned(),
            path => format!("/{path}/"),
        };
        let canonical = match kind {
            Kind::Role => format!("arn:{}:iam::{account}:role/{name}", arn.partition),
            _ => text.to_owned(),
        };
        let is_role = kind == Kind::Role && session.is_none();
        let principal = Self {
            kind,
            partition: arn.partition,
            arn: canonical,
            name: name.to_owned(),
            path: is_role.then_some(path),
            account,
        };
        Ok((principal, session))
    }

    /// Whether an ARN is this one: case is no matter (pkg/config/mapper.go, `Matches`).
    pub(super) fn is(&self, arn: &str) -> bool {
        self.arn.to_lowercase() == arn.to_lowercase()
    }

    /// The command that tells when it was created.
    pub(super) fn described_by(&self) -> String {
        match self.kind {
            Kind::User => format!("aws iam get-user --user-name {}", self.name),
            _ => format!("aws iam get-role --role-name {}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(arn: &str) -> String {
        Caller::new(arn).unwrap().arn().to_owned()
    }

    #[test]
    fn a_session_is_its_role_and_a_role_has_no_path() {
        assert_eq!(
            canonical("arn:aws:sts::111122223333:assumed-role/x/s"),
            "arn:aws:iam::111122223333:role/x"
        );
        assert_eq!(
            canonical("arn:aws-cn:iam::111122223333:role/a/b/x"),
            "arn:aws-cn:iam::111122223333:role/x"
        );
    }

    #[test]
    fn users_and_the_root_user_keep_their_arn() {
        for arn in [
            "arn:aws:iam::111122223333:user/team/ann",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:federated-user/bob",
        ] {
            assert_eq!(canonical(arn), arn);
        }
    }

    #[test]
    fn what_can_not_call_a_cluster_is_refused() {
        for arn in [
            "arn:aws:iam::111122223333:group/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:sts::111122223333:assumed-role/x",
            "arn:aws:s3:::bucket",
            "ann",
        ] {
            assert!(Caller::new(arn).is_err(), "{arn}");
        }
    }
}
