//! What a stolen identity may do: what the plan grants it, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};

use access::reach::Footprint;
use argocd::Identity;
use facts::ClusterArn;
use rbac::{Permission, Scope};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ClusterNeeds, CompactNeeds};

/// What somebody with an identity reaches. Of two, the one with fewer clusters is narrower; then what can be read of
/// Secrets decides, then what can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Clusters that it gets into.
    pub clusters: usize,
    /// Clusters of which it reads the Secrets of every namespace.
    pub clusters_with_all_secrets: usize,
    /// Namespaces of the other clusters whose Secrets it reads.
    pub secret_namespaces: usize,
    /// Clusters on which something that it may write isn't limited to a namespace, cluster-scoped objects among it.
    pub clusters_with_wide_writes: usize,
    /// Namespaces, on any cluster, for which it has a right to write of their own.
    pub written_namespaces: usize,
}

impl AddAssign for Reach {
    fn add_assign(&mut self, other: Self) {
        self.clusters += other.clusters;
        self.clusters_with_all_secrets += other.clusters_with_all_secrets;
        self.secret_namespaces += other.secret_namespaces;
        self.clusters_with_wide_writes += other.clusters_with_wide_writes;
        self.written_namespaces += other.written_namespaces;
    }
}

/// Whose needs an IAM role stands for on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    Controller,
    Server,
    /// A spoke role: a cluster Secret has one `roleARN` for both.
    Both,
}

/// What each component reaches on each cluster.
#[derive(Debug)]
pub(super) struct Reaches(BTreeMap<ClusterArn, [Reach; 3]>);

impl Reaches {
    pub(super) fn of(needs: &[ClusterNeeds]) -> Self {
        let all = [Component::Controller, Component::Server, Component::Both];
        let on = |cluster: &ClusterNeeds| all.map(|component| reach(&cluster.needs, component));
        Self(needs.iter().map(|cluster| (cluster.arn.clone(), on(cluster))).collect())
    }

    /// The same for copies of clusters.
    pub(super) fn copied(&self, pairs: &[(ClusterArn, &ClusterArn)]) -> Self {
        let known = pairs.iter().filter_map(|(copy, of)| Some((copy.clone(), *self.0.get(of)?)));
        Self(known.collect())
    }

    /// On one cluster; one of which nothing is known is at least reached.
    pub(super) fn on(&self, cluster: &ClusterArn, component: Component) -> Reach {
        let [controller, server, both] =
            self.0.get(cluster).copied().unwrap_or([Reach { clusters: 1, ..Reach::default() }; 3]);
        match component {
            Component::Controller => controller,
            Component::Server => server,
            Component::Both => both,
        }
    }
}

fn reach(needs: &CompactNeeds, component: Component) -> Reach {
    let own = |identity: &Identity| match identity {
        Identity::Controller => component != Component::Server,
        Identity::Server => component != Component::Controller,
        Identity::Impersonated { .. } => false,
    };
    let mut found = Footprint::default();
    needs.of(own).for_each(|need| found.add(&need.permission));
    for identity in needs.identities() {
        // Who may impersonate a service account has what it has.
        if let Some(wanted) = impersonation(identity)
            && needs.of(own).any(|need| need.permission.covers(&wanted))
        {
            needs.of(|other| other == identity).for_each(|need| found.add(&need.permission));
        }
    }
    counted(&found)
}

fn impersonation(identity: &Identity) -> Option<Permission> {
    match identity {
        Identity::Impersonated { namespace, name } => {
            let scope = Scope::of(Some(namespace));
            Some(Permission::resource(scope, "", "serviceaccounts", "impersonate").named(name))
        }
        Identity::Controller | Identity::Server => None,
    }
}

fn counted(found: &Footprint) -> Reach {
    let wide = |scopes: &BTreeSet<Scope>| usize::from(scopes.contains(&Scope::Cluster));
    let named = |scopes: &BTreeSet<Scope>| scopes.iter().filter(|s| s.namespace().is_some()).count();
    let all_secrets = wide(&found.secrets);
    Reach {
        clusters: 1,
        clusters_with_all_secrets: all_secrets,
        secret_namespaces: if all_secrets > 0 { 0 } else { named(&found.secrets) },
        clusters_with_wide_writes: wide(&found.writes),
        written_namespaces: named(&found.writes),
    }
}

#[cfg(test)]
mod tests {
    use argocd::Need;

    use super::*;

    fn needs(list: &[(Identity, Permission)]) -> CompactNeeds {
        list.iter()
            .map(|(identity, permission)| Need {
                identity: identity.clone(),
                permission: permission.clone(),
                reasons: [].into(),
                in_rbac: false,
                beyond: None,
            })
            .collect()
    }

    fn on(namespace: Option<&str>, resource: &str, verb: &str) -> Permission {
        Permission::resource(Scope::of(namespace), "", resource, verb)
    }

    #[test]
    fn secrets_of_every_namespace_count_as_the_clusters_and_not_again() {
        let needs = needs(&[
            (Identity::Controller, Permission::resource(Scope::Cluster, "*", "*", "list")),
            (Identity::Controller, on(Some("web"), "secrets", "get")),
            (Identity::Server, on(Some("web"), "pods", "delete")),
        ]);
        let controller = reach(&needs, Component::Controller);
        assert_eq!((controller.clusters_with_all_secrets, controller.secret_namespaces), (1, 0));
        assert_eq!(controller.written_namespaces, 0);
        let server = reach(&needs, Component::Server);
        assert_eq!((server.clusters_with_all_secrets, server.written_namespaces), (0, 1));
        let both = reach(&needs, Component::Both);
        assert_eq!((both.clusters_with_all_secrets, both.written_namespaces), (1, 1));
    }

    #[test]
    fn writing_what_is_in_no_namespace_is_wide() {
        let needs = needs(&[(Identity::Controller, on(None, "namespaces", "create"))]);
        let reach = reach(&needs, Component::Both);
        assert_eq!((reach.clusters_with_wide_writes, reach.written_namespaces), (1, 0));
    }

    #[test]
    fn who_may_impersonate_has_what_the_service_account_has() {
        let deployer = Identity::Impersonated { namespace: "web".into(), name: "deployer".into() };
        let shipped = (deployer, on(Some("web"), "secrets", "get"));
        let without = needs(std::slice::from_ref(&shipped));
        assert_eq!(reach(&without, Component::Controller).secret_namespaces, 0);
        let may = on(Some("web"), "serviceaccounts", "impersonate").named("deployer");
        let with = needs(&[(Identity::Controller, may), shipped]);
        assert_eq!(reach(&with, Component::Controller).secret_namespaces, 1);
        assert_eq!(reach(&with, Component::Server).secret_namespaces, 0);
    }
}
