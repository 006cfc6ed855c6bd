//! Which Kubernetes group stands for which of Argo CD's identities on a cluster.

use argocd::Identity;
use facts::RoleArn;
use fleet::Topology;

use super::site::{Site, Spoke};

/// One IAM role as a cluster knows it.
pub(super) struct Principal {
    /// The role that the access entry names.
    pub(super) role: RoleArn,
    /// The group that the entry gives it.
    pub(super) group: String,
    /// Ends the names of its RBAC objects.
    pub(super) suffix: &'static str,
    /// Whose needs it stands for.
    pub(super) identities: Vec<Identity>,
}

/// The principals of a cluster that Argo CD reaches through IAM.
///
/// Bindings name groups and never users: the user name of a role ends in the session's name, which differs each time.
pub(super) fn principals(site: &Site<'_>, spoke: &Spoke<'_>) -> Vec<Principal> {
    let Some(cluster) = spoke.cluster.filter(|_| !spoke.in_cluster) else { return Vec::new() };
    let groups = &site.fleet.groups;
    let shared = |role| Principal {
        role,
        group: groups.shared.clone(),
        suffix: "argocd",
        identities: vec![Identity::Controller, Identity::Server],
    };
    match cluster.topology {
        Topology::Chained => vec![shared(site.spoke_role(&cluster.arn))],
        Topology::Capability => vec![shared(site.capability_role())],
        Topology::Direct => {
            let roles = site.hub_roles();
            vec![
                Principal {
                    role: roles.controller,
                    group: groups.controller.clone(),
                    suffix: "argocd-controller",
                    identities: vec![Identity::Controller],
                },
                Principal {
                    role: roles.server,
                    group: groups.server.clone(),
                    suffix: "argocd-server",
                    identities: vec![Identity::Server],
                },
            ]
        }
    }
}
