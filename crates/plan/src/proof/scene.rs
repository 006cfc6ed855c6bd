//! One cluster's authorization before the plan, after it, and after its pending steps.

use std::collections::BTreeSet;

use access::reach::Surroundings;
use argocd::{Identity, Need};
use facts::Gap;
use rbac::{Binding, Held, PermissionSet, Policy, Role, with_bootstrap};

use super::{ClusterProof, Holders, Power, Unmet, beyond, escalations};
use crate::{
    Action, ClusterNeeds, Input, Object, Step,
    diff::Access,
    holders::{self, Today},
};

type Objects = (Vec<Role>, Vec<Binding>);

/// A cluster, what the plan does to it, and who Argo CD is there.
pub(super) struct Scene<'a> {
    cluster: &'a ClusterNeeds,
    there: Option<&'a inventory::Cluster>,
    steps: &'a [&'a Step],
    holders: Holders,
    today: Vec<Today>,
    /// What isn't known of who acts for Argo CD today.
    unknown: Vec<Gap>,
}

/// When one looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    Before,
    /// When all has been done that the plan does without `--adopt`.
    After,
    /// When the pending steps have been done, too.
    Adopted,
}

/// A cluster's authorization at a time, and what the planned holders hold by it, found out once.
struct Moment {
    policy: Policy,
    held: Vec<(BTreeSet<Identity>, Held)>,
}

impl Moment {
    fn held_by(&self, identity: &Identity) -> Option<&Held> {
        self.held.iter().find(|(identities, _)| identities.contains(identity)).map(|(_, held)| held)
    }
}

impl<'a> Scene<'a> {
    pub(super) fn of(
        input: &'a Input<'a>,
        access: Option<&Access>,
        cluster: &'a ClusterNeeds,
        steps: &'a [&'a Step],
    ) -> Self {
        let there = input.inventory.and_then(|inventory| inventory.clusters.get(&cluster.arn));
        let (today, unknown) = match (access, there) {
            (Some(access), Some(there)) => holders::today(input.fleet, access, cluster, there),
            _ => Default::default(),
        };
        let holders = holders::planned(input.fleet, cluster);
        Self { cluster, there, steps, holders, today, unknown }
    }

    pub(super) fn prove(&self) -> ClusterProof {
        let after = self.at(Time::After);
        let adopted = self.steps.iter().any(|step| step.is_pending()).then(|| self.at(Time::Adopted));
        let unmet = self.unmet(&after, adopted.as_ref());
        let needs = self.cluster.needs.len();
        let reached_after = self.power(&after, Time::After);
        let reached_with_adoption = adopted.map(|moment| self.power(&moment, Time::Adopted));
        let mut beyond = beyond::lines(self.cluster);
        beyond.extend(beyond::granted(self.cluster, &self.holders, &self.planned()));
        ClusterProof {
            cluster: self.cluster.name.clone(),
            needs,
            allowed: needs - unmet.len(),
            unmet,
            beyond,
            reached_before: self.there.map(|_| self.power(&self.at(Time::Before), Time::Before)),
            reached_with_adoption: reached_with_adoption.filter(|power| *power != reached_after),
            reached_after,
        }
    }

    fn at(&self, time: Time) -> Moment {
        let policy = self.policy(time);
        // Before the plan nobody is whom the plan makes him.
        let holders = if time == Time::Before { Vec::new() } else { beyond::by_holder(&self.holders) };
        let held = holders
            .into_iter()
            .map(|(holder, identities)| (identities.into_iter().cloned().collect(), policy.held(holder)));
        Moment { held: held.collect(), policy }
    }

    /// The RBAC objects at a time.
    fn policy(&self, time: Time) -> Policy {
        let kubernetes = self.there.map(|there| &there.kubernetes);
        let (mut roles, mut bindings) =
            kubernetes.map(|there| (there.roles.clone(), there.bindings.clone())).unwrap_or_default();
        let gone: BTreeSet<(&str, &str)> = self
            .done(time)
            .filter(|step| step.action == Action::Delete)
            .map(|step| (step.object.kind.as_str(), step.object.name.as_str()))
            .collect();
        let stays = |kind: &str, namespace: Option<&String>, name: &str| {
            let name = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"));
            !gone.contains(&(kind, name.as_str()))
        };
        roles.retain(|role| stays(role.kind(), role.namespace.as_ref(), &role.name));
        bindings.retain(|binding| stays(binding.kind(), binding.namespace.as_ref(), &binding.name));
        // The later of two objects of one name counts: the plan's.
        let (new_roles, new_bindings) = wanted(self.done(time));
        roles.extend(new_roles);
        bindings.extend(new_bindings);
        let (roles, bindings) = with_bootstrap(roles, bindings);
        Policy::new(roles, bindings, self.gaps())
    }

    /// The plan's own RBAC objects and nothing else.
    fn planned(&self) -> Policy {
        let (roles, bindings) = wanted(self.steps.iter().copied());
        Policy::new(roles, bindings, [])
    }

    fn done(&self, time: Time) -> impl Iterator<Item = &'a Step> {
        let steps = if time == Time::Before { &[][..] } else { self.steps };
        // Whether an object of which nothing is known will be there, nobody can say: it counts as missing and as a gap.
        let is_known = |step: &&Step| !matches!(step.action, Action::Unknown { .. });
        let steps = steps.iter().copied().filter(is_known);
        steps.filter(move |step| time == Time::Adopted || !step.is_pending())
    }

    /// The RBAC resources that weren't read.
    fn gaps(&self) -> Vec<Gap> {
        let resources = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];
        let lists =
            self.there.into_iter().flat_map(|there| resources.map(|r| there.kubernetes.list(r).err()));
        let rbac =
            |step: &&&Step| step.object.kind.ends_with("Role") || step.object.kind.ends_with("Binding");
        let undecided = self.steps.iter().filter(rbac).filter_map(|step| match &step.action {
            Action::Unknown { missing } => Some(missing.clone()),
            _ => None,
        });
        let mut gaps: Vec<Gap> = lists.flatten().chain(undecided).collect();
        gaps.sort();
        gaps.dedup();
        gaps
    }

    fn unmet(&self, after: &Moment, adopted: Option<&Moment>) -> Vec<Unmet> {
        let by = |need: &Need| {
            let after = after.held_by(&need.identity)?;
            Some((after, adopted.and_then(|adopted| adopted.held_by(&need.identity))))
        };
        self.cluster.needs.iter().filter_map(|need| unmet(&need, by(&need))).collect()
    }

    /// What all who act for Argo CD at a time hold and reach, together.
    fn power(&self, moment: &Moment, time: Time) -> Power {
        let mut all = Held::default();
        let mut add = |held: &Held| {
            all.permissions = all.permissions.union(&held.permissions);
            all.unknown.extend(held.unknown.iter().cloned());
        };
        moment.held.iter().for_each(|(_, held)| add(held));
        for today in self.today.iter().filter(|today| time == Time::Before || self.remains(today, time)) {
            add(&moment.policy.held(&today.holder));
            add(&today.given);
        }
        all.unknown.extend(self.unknown.iter().cloned());
        reach(&all.permissions, all.unknown, &moment.policy, self.there)
    }

    /// Whether somebody of today still has access: his entry is neither removed nor made the plan's own.
    fn remains(&self, today: &Today, time: Time) -> bool {
        let Some(by) = &today.by else { return true };
        !self.done(time).any(|step| step.object == *by && step.changes_something())
    }
}

/// The RBAC objects that steps make or keep.
fn wanted<'s>(steps: impl Iterator<Item = &'s Step>) -> Objects {
    let (mut roles, mut bindings) = Objects::default();
    for step in steps {
        if let Some(Object::Kubernetes(object)) = step.desired.as_ref().map(|desired| &desired.object) {
            roles.extend(holders::role(object));
            bindings.extend(holders::binding(object));
        }
    }
    (roles, bindings)
}

fn unmet(need: &Need, held: Option<(&Held, Option<&Held>)>) -> Option<Unmet> {
    let unmet =
        |missing| Unmet { identity: need.identity.clone(), permission: need.permission.clone(), missing };
    let Some((after, adopted)) = held else { return Some(unmet(Vec::new())) };
    if after.permissions.contains(&need.permission) {
        return None;
    }
    let mut missing = after.unknown.clone();
    if adopted.is_some_and(|adopted| adopted.permissions.contains(&need.permission)) {
        let gap =
            Gap::new("whether the plan's pending steps are made", "they are about somebody else's objects");
        missing.push(gap.filled_by("oarlock plan --adopt"));
    }
    Some(unmet(missing))
}

fn reach(
    permissions: &PermissionSet,
    mut unknown: Vec<Gap>,
    policy: &Policy,
    there: Option<&inventory::Cluster>,
) -> Power {
    let surroundings = there.map(Surroundings::of).unwrap_or_default();
    let reached = rbac::reach::reached(permissions, &surroundings.world(policy));
    unknown.extend(reached.unknown);
    unknown.sort();
    unknown.dedup();
    Power {
        cluster_admin: permissions.is_everything(),
        reaches_cluster_admin: reached.permissions.is_everything(),
        permissions: permissions.len(),
        escalations: escalations(&reached.entries),
        unknown,
    }
}
