//! A user of a cluster.

use facts::{Gap, Place};
use inventory::Known;
use rbac::Identity;

use super::{Caller, Name, Refusal, name};

/// A user of a cluster, as its API server sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterIdentity {
    /// The user name; empty where aws-auth gives none.
    pub username: Name,
    /// Its groups, `system:authenticated` included.
    pub groups: Vec<Name>,
    /// Access policies: ARN, and the namespaces of their scope; no namespaces means the cluster. aws-auth gives none.
    pub associations: Known<Vec<(String, Vec<String>)>>,
    /// `aws-iam-authenticator:<account>:<unique id>`, as audit logs have it, if the unique id is known.
    pub uid: Option<String>,
    /// By what it is this one.
    pub by: By,
    /// What it may be besides, though no call tells: the cluster's creator.
    pub notes: Vec<Gap>,
}

/// What makes a caller somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An access entry.
    AccessEntry {
        /// Its principal as written.
        principal: String,
        /// Where it was read.
        place: Place,
    },
    /// An element of aws-auth.
    MapRoles {
        /// Its position, from 0.
        index: usize,
        /// The ConfigMap's place.
        place: Place,
    },
    /// An element of aws-auth.
    MapUsers {
        /// Its position, from 0.
        index: usize,
        /// The ConfigMap's place.
        place: Place,
    },
    /// The account, in aws-auth.
    MapAccounts {
        /// The account's id.
        account: String,
        /// The ConfigMap's place.
        place: Place,
    },
    /// It created the cluster, in authentication mode `CONFIG_MAP`.
    Creator,
}

impl ClusterIdentity {
    /// As RBAC sees it, if that is the same for every session.
    pub fn rbac(&self) -> Option<Identity> {
        let groups: Option<Vec<&str>> = self.groups.iter().map(Name::fixed).collect();
        Some(Identity {
            user: self.username.fixed()?.to_owned(),
            groups: groups?.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Names filled with what is known of the caller; or nobody, where one of them can't be (pkg/server/server.go,
    /// `renderTemplates`).
    pub(super) fn new<'t>(
        username: &str,
        groups: impl IntoIterator<Item = &'t String>,
        caller: &Caller,
        by: By,
    ) -> Result<Self, Refusal> {
        let username = name::render(username, caller)?;
        let groups = groups.into_iter().map(|group| name::render(group, caller)).collect::<Result<_, _>>()?;
        let account = &caller.principal.account;
        Ok(Self {
            groups: authenticated(&username, groups),
            username,
            associations: Known::Known(Vec::new()),
            uid: caller.unique_id.as_ref().map(|id| format!("aws-iam-authenticator:{account}:{id}")),
            by,
            notes: Vec::new(),
        })
    }

    /// The creator in authentication mode `CONFIG_MAP`, who is in no list, and can't be removed (EKS User Guide, "Grant IAM
    /// users and roles access to Kubernetes APIs with a ConfigMap"). The user name is from clusters' audit logs.
    pub(super) fn creator(caller: &Caller) -> Result<Self, Refusal> {
        Self::new("kubernetes-admin", [&Identity::MASTERS.to_owned()], caller, By::Creator)
    }
}

/// With the group that the API server adds (k8s.io/apiserver/pkg/authentication/group/authenticated_group_adder.go).
fn authenticated(username: &Name, mut groups: Vec<Name>) -> Vec<Name> {
    let has = |name: &str| groups.iter().any(|group| group.fixed() == Some(name));
    let is_anonymous = username.fixed() == Some("system:anonymous");
    if !is_anonymous && !has(Identity::AUTHENTICATED) && !has("system:unauthenticated") {
        groups.push(Name::Fixed(Identity::AUTHENTICATED.to_owned()));
    }
    groups
}
