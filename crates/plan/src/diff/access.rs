//! The ways by which Argo CD gets to its clusters today.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Authentication, ClusterSecret};
use facts::{ClusterArn, Gap, RoleArn};
use fleet::{Fleet, Install};
use inventory::{Cluster, Inventory, Known, KubernetesObject};

use crate::{Location, ObjectId, capability};

/// What the inventory says of the roles and Secrets by which Argo CD acts.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// The roles, each with the hub's objects that name it.
    pub(crate) roles: BTreeMap<RoleArn, BTreeSet<ObjectId>>,
    /// Cluster Secrets by server, trailing slashes trimmed.
    pub(crate) secrets: BTreeMap<String, ClusterSecret>,
    /// What couldn't be read of them.
    pub(crate) gaps: Vec<Gap>,
}

impl Access {
    pub(crate) fn of(fleet: &Fleet, inventory: &Inventory) -> Self {
        let mut access = Self::default();
        let role = capability::role(fleet, Some(inventory));
        access.roles.extend(role.map(|role| (role, BTreeSet::new())));
        let Some(hub) = inventory.clusters.get(&fleet.hub.arn) else {
            let gap = Gap::new("the roles that Argo CD uses today", "the hub isn't in the inventory");
            access.gaps.push(gap.filled_by("docs/inventory.md"));
            return access;
        };
        if fleet.hub.argocd.install == Install::SelfManaged {
            access.add_pods(fleet, hub);
        }
        access.add_secrets(fleet, hub);
        access
    }

    fn add_pods(&mut self, fleet: &Fleet, hub: &Cluster) {
        let argocd = &fleet.hub.argocd;
        self.gaps.extend(hub.kubernetes.list("serviceaccounts").err());
        self.gaps.extend(hub.pod_identity_associations.gap().cloned());
        for name in [&argocd.controller_service_account, &argocd.server_service_account] {
            let key = (argocd.namespace.clone(), name.clone());
            let account = hub.kubernetes.find("serviceaccounts", Some(&key.0), name);
            let qualified = format!("{}/{name}", key.0);
            if let Some(role) = account.and_then(annotated_role) {
                self.add(role, id(Location::Cluster(fleet.hub.arn.clone()), "ServiceAccount", &qualified));
            }
            let associations = hub.pod_identity_associations.known();
            let Some(association) = associations.and_then(|all| all.get(&key)) else { continue };
            match &association.role {
                Known::Gap(gap) => self.gaps.push(gap.clone()),
                Known::Known(role) => {
                    let eks = Location::Eks(fleet.hub.arn.clone());
                    let roles = [Some(role), association.target_role.as_ref()];
                    roles.into_iter().flatten().for_each(|role| {
                        self.add(role.clone(), id(eks.clone(), "pod identity association", &qualified));
                    });
                }
            }
        }
    }

    fn add_secrets(&mut self, fleet: &Fleet, hub: &Cluster) {
        let secrets = match hub.kubernetes.list("secrets") {
            Ok(secrets) => secrets,
            Err(gap) => return self.gaps.push(gap),
        };
        let here =
            |object: &&KubernetesObject| object.namespace.as_ref() == Some(&fleet.hub.argocd.namespace);
        for object in secrets.iter().filter(here) {
            let Some(secret) = access::read_cluster_secret(object) else { continue };
            if let Authentication::Aws(aws) = secret.authentication()
                && let Ok(role) = aws.role_arn.parse()
            {
                let name = format!("{}/{}", fleet.hub.argocd.namespace, object.name);
                self.add(role, id(Location::Cluster(fleet.hub.arn.clone()), "Secret", &name));
            }
            self.secrets.entry(secret.server.clone()).or_insert(secret);
        }
    }

    fn add(&mut self, role: RoleArn, by: ObjectId) {
        self.roles.entry(role).or_default().insert(by);
    }

    /// Whether an ARN, as access entries and aws-auth write it, is one of the roles: aws-auth leaves paths out.
    pub(crate) fn role(&self, principal: &str) -> Option<&RoleArn> {
        let principal: RoleArn = principal.parse().ok()?;
        let same = |role: &&RoleArn| role.account == principal.account && role.name == principal.name;
        self.roles.keys().find(same)
    }

    /// How Argo CD knows a cluster.
    pub(crate) fn secret(
        &self,
        fleet: &Fleet,
        arn: &ClusterArn,
        there: Option<&Cluster>,
    ) -> Option<&ClusterSecret> {
        let given = fleet.cluster(arn).and_then(|cluster| cluster.endpoint.as_deref());
        let described = there.and_then(|there| there.description.known()?.endpoint.as_deref());
        let known = |server: &str| self.secrets.get(server.trim_end_matches('/'));
        given.and_then(known).or_else(|| described.and_then(known)).or_else(|| known(&arn.to_string()))
    }
}

/// The role of a service account's IRSA annotation.
pub(crate) fn annotated_role(account: &KubernetesObject) -> Option<RoleArn> {
    access::annotated_role(account)?.parse().ok()
}

fn id(location: Location, kind: &str, name: &str) -> ObjectId {
    ObjectId { location, kind: kind.to_owned(), name: name.to_owned() }
}
