//! The last hop: whether a cluster's authorizers let a user make a request. There are two on EKS, RBAC and the one of access
//! policies, and either may allow it.

use facts::{Gap, Outcome};
use inventory::{Cluster, Known};
use rbac::{
    By, Held, Identity, Policy, Request, Subject,
    access_policy::{self, AccessScope, Association},
    authorize, with_bootstrap,
};

use crate::cluster_identity::{ClusterIdentity, Name};

/// The lists that RBAC is made of.
const LISTS: [&str; 4] = ["clusterroles", "roles", "clusterrolebindings", "rolebindings"];

/// A cluster's authorizers.
#[derive(Clone, Debug, Default)]
pub struct Authorizers {
    policy: Policy,
}

impl Authorizers {
    /// Of a cluster's objects. A list that wasn't read is a gap.
    pub fn of(cluster: &Cluster) -> Self {
        let gaps = unread(cluster);
        let (roles, bindings) = with_bootstrap(&cluster.kubernetes.roles, &cluster.kubernetes.bindings);
        Self::new(Policy::new(roles, bindings, gaps))
    }

    /// Of RBAC objects as they are, EKS's own among them.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// Whether somebody with no access policies may make a request: a user, a service account, a group.
    pub fn decide_user(&self, identity: &Identity, request: &Request) -> Outcome<By> {
        authorize(&self.policy, identity, request)
    }

    /// RBAC alone.
    pub fn rbac(&self) -> &Policy {
        &self.policy
    }

    /// What of RBAC wasn't read.
    pub(crate) fn gaps(&self) -> &[Gap] {
        self.policy.gaps()
    }

    /// Whomever bindings name.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.policy.bindings().flat_map(|binding| &binding.subjects)
    }

    /// What somebody holds by RBAC alone.
    pub fn held_by_rbac(&self, identity: &Identity) -> Held {
        self.policy.held(identity)
    }

    /// What an IAM caller's identity holds by RBAC and by access policies, in these namespaces if they are known. What hangs on
    /// the session's name isn't in it.
    pub fn held(&self, identity: &ClusterIdentity, namespaces: Option<&[&str]>) -> Held {
        let mut held = self.held_by_rbac(&certain(identity));
        match &identity.associations {
            Known::Gap(gap) => held.unknown.push(gap.clone()),
            Known::Known(associations) => {
                let by_policy = access_policy::held(&associated(associations), namespaces);
                held.permissions = held.permissions.union(&by_policy.permissions);
                held.unknown.extend(by_policy.unknown);
            }
        }
        held
    }

    /// Whether an IAM caller's identity may make a request.
    pub fn decide(&self, identity: &ClusterIdentity, request: &Request) -> Outcome<By> {
        let by_rbac = self.decide_user(&certain(identity), request);
        if by_rbac.is_allowed() {
            return by_rbac;
        }
        let by_policy = match &identity.associations {
            Known::Known(associations) => access_policy::decide(&associated(associations), request),
            Known::Gap(gap) => Outcome::Unknown { missing: vec![gap.clone()] },
        };
        if by_policy.is_allowed() {
            return by_policy;
        }
        let mut missing = Vec::new();
        for outcome in [by_rbac, by_policy] {
            if let Outcome::Unknown { missing: more } = outcome {
                missing.extend(more);
            }
        }
        missing.extend(self.by_session(identity, request));
        missing.sort();
        missing.dedup();
        if missing.is_empty() { Outcome::NotAllowed } else { Outcome::Unknown { missing } }
    }

    /// What a session's name would have to be for more: a user or group whose name depends on it may be bound.
    fn by_session(&self, identity: &ClusterIdentity, request: &Request) -> Option<Gap> {
        let may_be = |name: &Name, subject: &str| name.is(subject).is_none();
        let mut possible = certain(identity);
        let mut users = vec![possible.user.clone()];
        for subject in self.subjects() {
            match subject.kind.as_str() {
                "User" if may_be(&identity.username, &subject.name) => users.push(subject.name.clone()),
                "Group" if identity.groups.iter().any(|group| may_be(group, &subject.name)) => {
                    possible.groups.insert(subject.name.clone());
                }
                _ => {}
            }
        }
        let allowed = users.into_iter().any(|user| {
            self.decide_user(&Identity { user, groups: possible.groups.clone() }, request).is_allowed()
        });
        allowed.then(|| {
            Gap::new("the session's name", "a user or group that depends on it is bound")
                .filled_by("name the session: `--session NAME`")
        })
    }
}

/// What of a cluster's RBAC wasn't read.
pub(crate) fn unread(cluster: &Cluster) -> Vec<Gap> {
    LISTS.iter().filter_map(|list| cluster.kubernetes.list(list).err()).collect()
}

/// The names that are the same for every session.
pub(crate) fn certain(identity: &ClusterIdentity) -> Identity {
    Identity {
        user: identity.username.fixed().unwrap_or_default().to_owned(),
        groups: identity.groups.iter().filter_map(Name::fixed).map(str::to_owned).collect(),
    }
}

/// Access policies as an access entry has them: ARN, and the namespaces of the scope; none for the whole cluster.
pub fn associated(associations: &[(String, Vec<String>)]) -> Vec<Association> {
    let association = |(policy, namespaces): &(String, Vec<String>)| Association {
        policy_arn: policy.clone(),
        access_scope: match namespaces.as_slice() {
            [] => AccessScope::Cluster,
            namespaces => AccessScope::Namespace { namespaces: namespaces.to_vec() },
        },
    };
    associations.iter().map(association).collect()
}
