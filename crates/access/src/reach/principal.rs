//! Who is reached: the nodes of the graph.

use std::{fmt, sync::Arc};

use facts::{AccountId, ClusterArn};

/// A cluster, by its place in [`Reach::clusters`](super::Reach::clusters): a graph of a large fleet names it very often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterId(pub(super) u32);

impl ClusterId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Somebody, or some power, that is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// Somebody whom Argo CD knows.
    Person(Arc<str>),
    /// An IAM principal; of a role a session.
    Iam {
        /// The ARN of the role, user or root user.
        arn: Arc<str>,
        /// The session's tags that some policy asks for; empty for none.
        tags: Arc<str>,
    },
    /// All that an account's own administrators may do in IAM and EKS there.
    AccountAdmin(AccountId),
    /// Everything on a cluster.
    ClusterAdmin(ClusterId),
    /// The nodes of a cluster, as root.
    Nodes(ClusterId),
    /// Whom a cluster takes an IAM principal for.
    Caller {
        /// The cluster.
        cluster: ClusterId,
        /// The IAM principal.
        arn: Arc<str>,
    },
    /// What runs as a service account, with all that its pods have.
    Pod(Account),
    /// A service account towards its API server.
    ServiceAccount(Account),
    /// A user, as bindings name it.
    User(ClusterId, Arc<str>),
    /// A group, as bindings name it.
    Group(ClusterId, Arc<str>),
    /// What Applications of a project may deploy on a cluster.
    Project(ClusterId, Arc<str>),
    /// Rights on a cluster that somebody may give himself.
    Rights(ClusterId, Arc<str>),
    /// Whoever a credential in a Secret belongs to: nobody can tell who that is.
    Credential(ClusterId, Arc<str>),
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl Account {
    pub(super) fn new(cluster: ClusterId, namespace: &str, name: &str) -> Self {
        Self { cluster, namespace: namespace.into(), name: name.into() }
    }
}

impl Principal {
    /// The cluster that it is on.
    pub fn cluster(&self) -> Option<ClusterId> {
        match self {
            Self::Person(_) | Self::Iam { .. } | Self::AccountAdmin(_) => None,
            Self::Pod(Account { cluster, .. })
            | Self::ServiceAccount(Account { cluster, .. })
            | Self::Caller { cluster, .. }
            | Self::ClusterAdmin(cluster)
            | Self::Nodes(cluster)
            | Self::User(cluster, _)
            | Self::Group(cluster, _)
            | Self::Project(cluster, _)
            | Self::Rights(cluster, _)
            | Self::Credential(cluster, _) => Some(*cluster),
        }
    }

    /// What it is, as output has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Iam { .. } => "iam",
            Self::AccountAdmin(_) => "account-admin",
            Self::ClusterAdmin(_) => "cluster-admin",
            Self::Nodes(_) => "nodes",
            Self::Caller { .. } => "caller",
            Self::Pod(_) => "pod",
            Self::ServiceAccount(_) => "service-account",
            Self::User(..) => "user",
            Self::Group(..) => "group",
            Self::Project(..) => "project",
            Self::Rights(..) => "rights",
            Self::Credential(..) => "credential",
        }
    }
}

/// Without its cluster.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name)
            | Self::User(_, name)
            | Self::Group(_, name)
            | Self::Project(_, name)
            | Self::Rights(_, name)
            | Self::Credential(_, name) => f.write_str(name),
            Self::Iam { arn, tags } if tags.is_empty() => f.write_str(arn),
            Self::Iam { arn, tags } => write!(f, "{arn} with {tags}"),
            Self::AccountAdmin(account) => write!(f, "account {account}"),
            Self::ClusterAdmin(_) => f.write_str("everything"),
            Self::Nodes(_) => f.write_str("nodes"),
            Self::Caller { arn, .. } => f.write_str(arn),
            Self::Pod(account) | Self::ServiceAccount(account) => {
                write!(f, "{}/{}", account.namespace, account.name)
            }
        }
    }
}

/// A principal as a case or a person would write it, with its cluster's name.
pub(super) fn named(principal: &Principal, clusters: &[ClusterArn]) -> String {
    match principal.cluster().and_then(|cluster| clusters.get(cluster.index())) {
        Some(cluster) => format!("{} {principal} on {}", principal.kind(), cluster.name),
        None => format!("{} {principal}", principal.kind()),
    }
}
