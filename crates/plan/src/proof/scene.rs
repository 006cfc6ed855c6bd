//! One cluster before the plan, after it, and after its pending steps.

use std::collections::BTreeSet;

use access::{Claim, Installation, Verification, Verified, authorization::Authorizers, reach::Surroundings};
use argocd::{Identity, Need};
use facts::{Gap, Verdict};
use rbac::{Binding, Held, PermissionSet, Policy, Role, with_bootstrap};

use super::{
    ClusterProof, Holders, Power, ProvenWay, Unmet, beyond, escalations,
    times::{Time, Times},
};
use crate::{
    Action, ClusterNeeds, Input, Object, Step,
    diff::Access,
    holders::{self, Today},
};

type Objects = (Vec<Role>, Vec<Binding>);

/// A cluster, what the plan does to it, and who Argo CD is there.
pub(super) struct Scene<'a> {
    times: Option<&'a Times<'a>>,
    installation: &'a Installation,
    cluster: &'a ClusterNeeds,
    steps: &'a [&'a Step],
    holders: Holders,
    today: Vec<Today>,
    /// What isn't known of who acts for Argo CD today.
    unknown: Vec<Gap>,
}

/// A cluster's authorization at a time, and what the planned holders hold by it, found out once.
struct Moment {
    authorizers: Authorizers,
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
        times: Option<&'a Times<'a>>,
        installation: &'a Installation,
        cluster: &'a ClusterNeeds,
        steps: &'a [&'a Step],
    ) -> Self {
        let there = input.inventory.and_then(|inventory| inventory.clusters.get(&cluster.arn));
        let (today, unknown) = match (access, there) {
            (Some(access), Some(there)) => holders::today(input.fleet, access, cluster, there),
            _ => Default::default(),
        };
        let holders = holders::planned(input.fleet, cluster);
        Self { times, installation, cluster, steps, holders, today, unknown }
    }

    pub(super) fn prove(&self) -> ClusterProof {
        let after = self.at(Time::After);
        let adopted = self.steps.iter().any(|step| step.is_pending()).then(|| self.at(Time::Adopted));
        let (ways, unmet) = match self.times {
            Some(times) => self.by_chain(times, &after, adopted.as_ref()),
            None => (Vec::new(), self.by_rules(&after)),
        };
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
            ways,
            beyond,
            reached_before: self
                .there(Time::Before)
                .map(|_| self.power(&self.at(Time::Before), Time::Before)),
            reached_with_adoption: reached_with_adoption.filter(|power| *power != reached_after),
            reached_after,
        }
    }

    /// The cluster at a time, if an inventory has it.
    fn there(&self, time: Time) -> Option<&'a inventory::Cluster> {
        self.times?.at(time).inventory().clusters.get(&self.cluster.arn)
    }

    fn at(&self, time: Time) -> Moment {
        let authorizers = match self.there(time) {
            Some(there) => Authorizers::of(there),
            None => Authorizers::new(self.blank()),
        };
        // Before the plan nobody is whom the plan makes him.
        let holders = if time == Time::Before { Vec::new() } else { beyond::by_holder(&self.holders) };
        let held = holders.into_iter().map(|(holder, identities)| {
            (identities.into_iter().cloned().collect(), authorizers.rbac().held(holder))
        });
        Moment { held: held.collect(), authorizers }
    }

    /// What the plan makes of a cluster of which nothing was read.
    fn blank(&self) -> Policy {
        let missing = |step: &&&Step| match &step.action {
            Action::Unknown { missing } if is_rbac(step) => Some(missing.clone()),
            _ => None,
        };
        let gaps: BTreeSet<Gap> = self.steps.iter().filter_map(|step| missing(&step)).collect();
        // Whether an object of which nothing is known will be there, nobody can say: it counts as missing and as a gap.
        let known = self.steps.iter().filter(|step| !matches!(step.action, Action::Unknown { .. }));
        let (roles, bindings) = wanted(known.copied());
        let (roles, bindings) = with_bootstrap(&roles, &bindings);
        Policy::new(roles, bindings, gaps)
    }

    /// The plan's own RBAC objects and nothing else.
    fn planned(&self) -> Policy {
        let (roles, bindings) = wanted(self.steps.iter().copied());
        Policy::new(roles, bindings, [])
    }

    /// Each need on its way through all hops.
    fn by_chain(
        &self,
        times: &Times<'_>,
        after: &Moment,
        adopted: Option<&Moment>,
    ) -> (Vec<ProvenWay>, Vec<Unmet>) {
        let claims = self.cluster.needs.iter().map(Claim::from);
        let Verification { ways, claims } = self.verify(times, Time::After, after, claims);
        let mut open: Vec<Verified> =
            claims.into_iter().filter(|verified| verified.verdict != Verdict::Holds).collect();
        if !open.is_empty() {
            // Steps elsewhere may be pending, too: the hub's, an account's. This cluster's own rules are then those after the plan.
            self.add_adoption(times, adopted.unwrap_or(after), &mut open);
        }
        let ways = ways.into_iter().map(|(identity, hops)| ProvenWay { identity, hops });
        (ways.collect(), open.into_iter().filter_map(unmet).collect())
    }

    /// What holds once the pending steps have been done hangs on whether they will be.
    fn add_adoption(&self, times: &Times<'_>, adopted: &Moment, open: &mut [Verified]) {
        let claims = open.iter().map(|verified| verified.claim.clone());
        let verified = self.verify(times, Time::Adopted, adopted, claims);
        for (open, verified) in open.iter_mut().zip(verified.claims) {
            let more = match verified.verdict {
                Verdict::Holds => Vec::new(),
                Verdict::Unknown { missing } => missing,
                Verdict::Violated { .. } => continue,
            };
            open.verdict = Verdict::Unknown { missing: [vec![pending()], more].concat() };
        }
    }

    fn verify(
        &self,
        times: &Times<'_>,
        time: Time,
        moment: &Moment,
        claims: impl Iterator<Item = Claim>,
    ) -> Verification {
        let (accounts, arn) = (times.at(time), &self.cluster.arn);
        match self.there(time) {
            Some(there) => {
                let cluster = (arn, there);
                access::verify_with(accounts, self.installation, cluster, &moment.authorizers, claims)
            }
            None => access::verify(accounts, self.installation, arn, claims),
        }
    }

    /// Each need by the planned rules alone.
    fn by_rules(&self, after: &Moment) -> Vec<Unmet> {
        let unmet = |need: Need| {
            let held = after.held_by(&need.identity);
            if held.is_some_and(|held| held.permissions.contains(&need.permission)) {
                return None;
            }
            let missing = held.map(|held| held.unknown.clone()).unwrap_or_default();
            Some(Unmet { identity: need.identity, permission: need.permission, missing, hop: None })
        };
        self.cluster.needs.iter().filter_map(unmet).collect()
    }

    /// What all who act for Argo CD at a time hold and reach, together.
    fn power(&self, moment: &Moment, time: Time) -> Power {
        let policy = moment.authorizers.rbac();
        let mut all = Held::default();
        let mut add = |held: &Held| {
            all.permissions = all.permissions.union(&held.permissions);
            all.unknown.extend(held.unknown.iter().cloned());
        };
        moment.held.iter().for_each(|(_, held)| add(held));
        for today in self.today.iter().filter(|today| time == Time::Before || self.remains(today, time)) {
            add(&policy.held(&today.holder));
            add(&today.given);
        }
        all.unknown.extend(self.unknown.iter().cloned());
        reach(&all.permissions, all.unknown, policy, self.there(Time::Before))
    }

    /// Whether somebody of today still has access: his entry is neither removed nor made the plan's own.
    fn remains(&self, today: &Today, time: Time) -> bool {
        let Some(by) = &today.by else { return true };
        let mut done = self.steps.iter().filter(|step| time == Time::Adopted || !step.is_pending());
        !done.any(|step| step.object == *by && step.changes_something())
    }
}

fn is_rbac(step: &Step) -> bool {
    step.object.kind.ends_with("Role") || step.object.kind.ends_with("Binding")
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

fn unmet(Verified { claim: Claim { identity, permission, .. }, verdict }: Verified) -> Option<Unmet> {
    let (missing, hop) = match verdict {
        Verdict::Holds => return None,
        Verdict::Unknown { missing } => (missing, None),
        Verdict::Violated { witness } => (Vec::new(), Some(witness)),
    };
    Some(Unmet { identity, permission, missing, hop })
}

/// What isn't known of needs that are met once the pending steps have been done.
pub(crate) fn pending() -> Gap {
    Gap::new("whether the plan's pending steps are made", "they are about somebody else's objects")
        .filled_by("oarlock plan --adopt")
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
