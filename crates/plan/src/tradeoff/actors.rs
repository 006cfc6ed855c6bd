//! The IAM roles of a plan that clusters know, or that lead to one that they know.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClusterArn, RoleArn};
use fleet::Fleet;
use iam::Element;

use super::reach::Component;
use crate::{AccessEntry, DesiredObject, IamRole, Object, names};

/// Roles and access entries, by what leads where.
#[derive(Debug)]
pub(super) struct Actors<'o> {
    pub(super) entries: Vec<&'o AccessEntry>,
    /// Controller's and server's.
    pub(super) hub: [RoleArn; 2],
    /// The clusters that know a role.
    known: BTreeMap<&'o RoleArn, BTreeSet<&'o ClusterArn>>,
    /// The spoke roles that let a role of the hub in.
    assumed: [BTreeSet<&'o RoleArn>; 2],
}

impl<'o> Actors<'o> {
    pub(super) fn of(fleet: &Fleet, objects: &'o [DesiredObject]) -> Self {
        let hub = ["controller", "server"].map(|purpose| RoleArn {
            partition: fleet.hub.arn.partition,
            account: fleet.hub.arn.account.clone(),
            path: "/".to_owned(),
            name: names::role(&fleet.hub.arn, purpose),
        });
        let mut roles = Vec::new();
        let mut entries = Vec::new();
        for object in objects {
            match &object.object {
                Object::IamRole(role) => roles.push(role),
                Object::AccessEntry(entry) => entries.push(entry),
                _ => {}
            }
        }
        let mut known: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for entry in &entries {
            known.entry(&entry.principal).or_default().insert(&entry.cluster);
        }
        let assumed = hub.each_ref().map(|hub_role| trusting(&roles, hub_role));
        Self { entries, hub, known, assumed }
    }

    /// The roles that clusters know, with these clusters.
    pub(super) fn principals(&self) -> impl Iterator<Item = (&'o RoleArn, &BTreeSet<&'o ClusterArn>)> {
        self.known.iter().map(|(role, clusters)| (*role, clusters))
    }

    /// As whom a role of access entries acts.
    pub(super) fn component(&self, role: &RoleArn) -> Component {
        let [controller, server] = &self.hub;
        match role {
            role if role == controller => Component::Controller,
            role if role == server => Component::Server,
            _ => Component::Both,
        }
    }

    /// Where the controller's and the server's role get, by themselves and by what they may assume, and as whom.
    pub(super) fn of_hub(&self) -> [(&RoleArn, BTreeMap<&'o ClusterArn, Component>); 2] {
        let [controller, server] = &self.hub;
        let [first, second] = &self.assumed;
        [(controller, first), (server, second)].map(|(role, assumed)| {
            let mut reached: BTreeMap<&ClusterArn, Component> = BTreeMap::new();
            let own = self.known.get(role).into_iter().flatten();
            reached.extend(own.map(|cluster| (*cluster, self.component(role))));
            let assumed = assumed.iter().filter_map(|role| self.known.get(role)).flatten();
            reached.extend(assumed.map(|cluster| (*cluster, Component::Both)));
            (role, reached)
        })
    }

    /// How many roles let a role of the hub in.
    pub(super) fn trusting_hub(&self) -> usize {
        let [first, second] = &self.assumed;
        first.union(second).count()
    }

    pub(super) fn is_of_hub(&self, role: &RoleArn) -> bool {
        self.hub.contains(role)
    }
}

fn trusting<'o>(roles: &[&'o IamRole], hub_role: &RoleArn) -> BTreeSet<&'o RoleArn> {
    let name = hub_role.to_string();
    let lets_in = |role: &&&IamRole| {
        role.trust.statements.iter().any(|statement| match &statement.principals {
            Some(Element::Only(principals)) => principals.aws.contains(&name),
            _ => false,
        })
    };
    roles.iter().filter(lets_in).map(|role| &role.arn).collect()
}
