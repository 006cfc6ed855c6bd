//! How much of AWS's quotas a plan's objects use, where they use most.

use std::collections::BTreeMap;

use iam::Document;

use super::{
    objects::Objects,
    quota::{self, QuotaUse},
};
use crate::{DesiredObject, IamRole, Location, Object};

/// One line for each quota, in a fixed order.
pub(super) fn of(objects: &[DesiredObject]) -> Vec<QuotaUse> {
    let mut places: BTreeMap<&Location, Objects> = BTreeMap::new();
    let mut roles = Sizes::default();
    for object in objects {
        if matches!(object.object, Object::Kubernetes(_) | Object::Restart(_)) {
            continue;
        }
        let here = places.entry(&object.location).or_default();
        *here += Objects::of(std::slice::from_ref(object));
        if let Object::IamRole(role) = &object.object {
            roles.add(role);
        }
    }
    let most = |of: fn(&Objects) -> usize| places.values().map(of).max().unwrap_or(0);
    vec![
        QuotaUse::new(quota::ROLES, most(|here| here.iam_roles)),
        QuotaUse::new(quota::POLICIES, most(|here| here.managed_policies)),
        QuotaUse::new(quota::ATTACHED, roles.attached),
        QuotaUse::new(quota::TRUST, roles.trust),
        QuotaUse::new(quota::INLINE, roles.inline),
        QuotaUse::new(quota::MANAGED, roles.managed),
        QuotaUse::new(quota::PROVIDERS, most(|here| here.oidc_providers)),
        QuotaUse::new(quota::ASSOCIATIONS, most(|here| here.pod_identity_associations)),
    ]
}

/// The most access entries that one cluster has; AWS publishes no quota of them.
pub(super) fn access_entries(objects: &[DesiredObject]) -> usize {
    let mut clusters: BTreeMap<&Location, usize> = BTreeMap::new();
    for object in objects.iter().filter(|object| matches!(object.object, Object::AccessEntry(_))) {
        *clusters.entry(&object.location).or_default() += 1;
    }
    clusters.into_values().max().unwrap_or(0)
}

/// Of all roles, the largest of each.
#[derive(Default)]
struct Sizes<'o> {
    trust: usize,
    /// The one that was measured last: those of spoke roles are all the same.
    last: Option<&'o Document>,
    inline: usize,
    managed: usize,
    attached: usize,
}

impl<'o> Sizes<'o> {
    fn add(&mut self, role: &'o IamRole) {
        if self.last != Some(&role.trust) {
            self.trust = self.trust.max(role.trust.size());
            self.last = Some(&role.trust);
        }
        let managed = role.managed_policies.values().map(Document::size);
        self.inline = self.inline.max(role.inline_policies.values().map(Document::size).sum());
        self.managed = self.managed.max(managed.max().unwrap_or(0));
        self.attached = self.attached.max(role.managed_policies.len());
    }
}
