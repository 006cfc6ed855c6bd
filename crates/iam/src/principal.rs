//! Who makes a request, and whom a statement means (IAM User Guide, "AWS JSON policy elements: Principal").

use facts::AccountId;

use crate::{Principals, few::Few};

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    id: Box<str>,
    kind: PrincipalKind,
    account: Option<Box<str>>,
}

/// What a principal is, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// An IAM user; its name with its path.
    User {
        /// For example `team/ann`.
        name: Box<str>,
    },
    /// A role, whichever session of it.
    Role {
        /// With its path, for example `aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`.
        name: Box<str>,
    },
    /// One session of a role.
    Session {
        /// Without its path, which the ARN of a session doesn't have.
        role: Box<str>,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// The user's name.
        name: Box<str>,
    },
    /// An account's root user.
    Root,
    /// An AWS service, by its name.
    Service,
    /// Somebody whom an identity provider knows; the provider's ARN or host name.
    Federated,
    /// Nobody that AWS knows.
    Anonymous,
    /// An ARN of something else.
    Other,
}

impl Principal {
    /// An IAM principal, by its ARN.
    pub fn aws(arn: &str) -> Self {
        let mut fields = arn.splitn(6, ':');
        let service = fields.nth(2).unwrap_or_default();
        let account = fields.nth(1).filter(|account| AccountId::is(account));
        let resource = fields.next().unwrap_or_default();
        let (first, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let session = |rest: &str| rest.split_once('/').map(|(role, _)| role.into());
        let kind = match (service, first) {
            ("iam", "user") => PrincipalKind::User { name: rest.into() },
            ("iam", "role") => PrincipalKind::Role { name: rest.into() },
            ("iam", "root") => PrincipalKind::Root,
            ("sts", "assumed-role") => {
                session(rest).map_or(PrincipalKind::Other, |role| PrincipalKind::Session { role })
            }
            ("sts", "federated-user") => PrincipalKind::FederatedUser { name: rest.into() },
            _ => PrincipalKind::Other,
        };
        Self { id: arn.into(), kind, account: account.map(Into::into) }
    }

    /// An AWS service, for example `pods.eks.amazonaws.com`.
    pub fn service(name: &str) -> Self {
        Self { id: name.into(), kind: PrincipalKind::Service, account: None }
    }

    /// Somebody whom an identity provider knows.
    pub fn federated(provider: &str) -> Self {
        Self { id: provider.into(), kind: PrincipalKind::Federated, account: None }
    }

    /// Nobody that AWS knows.
    pub fn anonymous() -> Self {
        Self { id: "".into(), kind: PrincipalKind::Anonymous, account: None }
    }

    /// As it was given.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is.
    pub fn kind(&self) -> &PrincipalKind {
        &self.kind
    }

    /// The account that it belongs to.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether it is one of AWS's own roles in the account, which no service control policy binds.
    pub(crate) fn is_service_linked(&self) -> bool {
        match &self.kind {
            PrincipalKind::Role { name } => name.starts_with("aws-service-role/"),
            PrincipalKind::Session { role } => role.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// `aws:PrincipalArn`: of a session it is its role's, whose path only the role itself knows.
    pub(crate) fn principal_arn(&self) -> Option<String> {
        match &self.kind {
            PrincipalKind::Session { role } => {
                let partition = self.id.split(':').nth(1)?;
                Some(format!("arn:{partition}:iam::{}:role/{role}", self.account()?))
            }
            PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::Anonymous => None,
            _ => Some(self.id.to_string()),
        }
    }
}

/// How closely a statement names a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    Not,
    /// By its account: the account's own policies decide on.
    ByAccount,
    /// By the role or user whose session it is.
    ByRole,
    /// Itself, or everybody.
    Itself,
}

/// The principals of a statement, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct PrincipalSet {
    everybody: bool,
    accounts: Few<Box<str>>,
    arns: Few<Listed>,
    services: Few<Box<str>>,
    federated: Few<Box<str>>,
}

#[derive(Clone, Debug)]
struct Listed {
    arn: Box<str>,
    account: Option<Box<str>>,
    kind: PrincipalKind,
}

impl PrincipalSet {
    pub(crate) fn new(principals: &Principals) -> Self {
        let boxed = |values: &crate::Values| values.iter().map(|value| value.as_str().into()).collect();
        let (mut accounts, mut arns) = (Few::new(), Few::new());
        for value in principals.aws.iter().filter(|value| *value != "*") {
            let Principal { id, kind, account } = Principal::aws(value);
            match (kind, account) {
                (PrincipalKind::Root, Some(account)) => accounts.push(account),
                _ if AccountId::is(value) => accounts.push(id),
                (kind, account) => arns.push(Listed { arn: id, account, kind }),
            }
        }
        Self {
            everybody: principals.aws.contains("*"),
            accounts,
            arns,
            services: boxed(&principals.service),
            federated: boxed(&principals.federated),
        }
    }

    /// How closely it names a principal.
    pub(crate) fn names(&self, principal: &Principal) -> Named {
        if self.everybody {
            return Named::Itself;
        }
        match principal.kind {
            PrincipalKind::Anonymous => return Named::Not,
            PrincipalKind::Service => return listed(&self.services, &principal.id),
            PrincipalKind::Federated => return listed(&self.federated, &principal.id),
            _ => {}
        }
        let by_arn = self.arns.iter().map(|listed| listed.names(principal)).max().unwrap_or(Named::Not);
        let is_of_account =
            principal.account().is_some_and(|own| self.accounts.iter().any(|it| **it == *own));
        by_arn.max(if is_of_account { Named::ByAccount } else { Named::Not })
    }

    /// The accounts that it names.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(|account| &**account)
    }

    /// The users, roles and sessions that it names.
    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        self.arns.iter().map(|listed| &*listed.arn)
    }

    /// The AWS services that it names.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.services.iter().map(|service| &**service)
    }

    /// The identity providers that it names.
    pub(crate) fn federated(&self) -> impl Iterator<Item = &str> {
        self.federated.iter().map(|provider| &**provider)
    }

    /// Whether it names a principal's account.
    pub(crate) fn names_account(&self, principal: &Principal) -> bool {
        principal.account().is_some_and(|own| self.accounts.iter().any(|account| **account == *own))
    }

    /// Whether it names a principal by more than its account.
    pub(crate) fn names_itself(&self, principal: &Principal) -> bool {
        self.names(principal) > Named::ByAccount
    }
}

impl Listed {
    fn names(&self, principal: &Principal) -> Named {
        let is_same = *self.arn == *principal.id;
        let same_account = || self.account == principal.account;
        match (&self.kind, &principal.kind) {
            // Whoever acts as a role acts in one of its sessions.
            (PrincipalKind::Role { .. }, PrincipalKind::Role { .. }) if is_same => Named::ByRole,
            _ if is_same => Named::Itself,
            (PrincipalKind::Role { name }, PrincipalKind::Session { role }) if same_account() => {
                by_role(name.rsplit('/').next() == Some(role))
            }
            (PrincipalKind::User { name }, PrincipalKind::FederatedUser { name: federated })
                if same_account() =>
            {
                by_role(name.rsplit('/').next() == Some(federated))
            }
            _ => Named::Not,
        }
    }
}

fn by_role(is: bool) -> Named {
    if is { Named::ByRole } else { Named::Not }
}

fn listed(all: &[Box<str>], id: &str) -> Named {
    if all.iter().any(|own| **own == *id) { Named::Itself } else { Named::Not }
}
