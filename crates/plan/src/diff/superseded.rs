//! What the plan makes unnecessary: Oarlock's own objects that nobody wants any more, and the grants by which Argo CD
//! has come so far. The latter belong to somebody else and stay until the plan is made with `--adopt`.

mod annotations;
mod findings;
mod groups;
mod leaving;
mod left_over;
mod mappings;
mod rbac;
mod replaced;

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClusterArn, Finding, Gap, RoleArn};
use fleet::{Fleet, IdentityKind, Install};
use inventory::{Cluster, Inventory, Known};
use serde_json::Value;

use super::{access::Access, is_marked, users};
use crate::{
    Action, DesiredObject, Location, ObjectId, Read, Removal, Step,
    object::{ROLE_ANNOTATION, ROLE_MAPPING},
};
use leaving::Leaving;
use left_over::LeftOver;
pub use left_over::REMOVAL_LEFT_BEHIND;
pub(crate) use left_over::is_gone;
use replaced::Replacements;

/// What is superseded, and what may be.
#[derive(Debug, Default)]
pub(crate) struct Superseded {
    /// Steps that remove it, each after everything that replaces it.
    pub(crate) steps: Vec<Step>,
    /// Steps that remove what the pods must not find any more when they are started again.
    pub(crate) before_restarts: Vec<Step>,
    /// What looks superseded and isn't Argo CD's alone: somebody has to look.
    pub(crate) findings: Vec<Finding>,
    /// What wasn't read.
    pub(crate) gaps: Vec<Gap>,
}

/// Works out what the plan makes unnecessary. `removals` are those of earlier plans, which may not have come to their end.
pub(crate) fn superseded(
    fleet: &Fleet,
    inventory: &Inventory,
    access: &Access,
    desired: &[DesiredObject],
    adopt: bool,
    removals: &[Removal],
) -> Superseded {
    let mut finder = Finder {
        fleet,
        access,
        wanted: desired.iter().map(DesiredObject::id).collect(),
        replacements: Replacements::of(desired),
        left_over: LeftOver::of(removals),
        leaving: Leaving::of(fleet, inventory),
        adopt,
        found: Superseded { gaps: access.gaps.clone(), ..Superseded::default() },
    };
    finder.secrets_of_left(inventory);
    for (arn, cluster) in inventory.clusters.iter().filter(|(arn, _)| fleet.knows(arn)) {
        finder.entries(arn, cluster, inventory);
        finder.rbac(arn, cluster);
        finder.mappings(arn, cluster);
        finder.groups(arn, cluster);
        finder.annotations(arn, cluster, inventory);
        finder.associations(arn, cluster);
    }
    finder.roles(inventory);
    if fleet.ends {
        finder.keep_providers(inventory);
    }
    finder.left_behind(inventory);
    finder.found
}

struct Finder<'a> {
    fleet: &'a Fleet,
    access: &'a Access,
    wanted: BTreeSet<ObjectId>,
    replacements: Replacements,
    left_over: LeftOver<'a>,
    leaving: Leaving,
    adopt: bool,
    found: Superseded,
}

const UNWANTED: &str = "Oarlock made it, and no need asks for it any more";

/// What is unnecessary, and by what it is known.
struct Unnecessary {
    object: ObjectId,
    by: By,
    reason: String,
    /// What it is, part by part.
    reads: Vec<Read>,
    /// What must have happened before.
    after: Vec<ObjectId>,
}

/// By what something is known to be unnecessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// It carries the fleet's marks.
    Marks,
    /// It gives something to Argo CD as it comes today.
    Today,
    /// An earlier plan was to remove it, and nothing else tells any more.
    Memory,
}

impl By {
    fn marks(owned: bool) -> Self {
        if owned { Self::Marks } else { Self::Today }
    }
}

impl Finder<'_> {
    fn delete(&mut self, it: Unnecessary) {
        let step = self.deletion(it);
        self.found.steps.push(step);
    }

    fn deletion(&mut self, it: Unnecessary) -> Step {
        let (owner, left_over) = self.owner(&it);
        let reason = self.reason(&it, owner);
        let Unnecessary { object, reads, after, .. } = it;
        Step {
            object,
            action: Action::Delete,
            reason,
            after,
            waits_for: Vec::new(),
            reads,
            owner,
            left_over,
            desired: None,
        }
    }

    /// Access entries of the roles by which Argo CD has come so far, and Oarlock's own that nobody wants.
    fn entries(&mut self, arn: &ClusterArn, cluster: &Cluster, inventory: &Inventory) {
        let entries = match &cluster.access_entries {
            Known::Known(entries) => entries,
            Known::Gap(gap) => return self.found.gaps.push(gap.clone()),
        };
        for (principal, entry) in entries {
            let owned = is_marked(|key| entry.tags.get(key).map(String::as_str), &self.fleet.name);
            let object = entry_id(arn, principal);
            let Some(by) = self.by(&object, owned, self.access.role(principal).is_some()) else { continue };
            if let Some(capability) = self.capability_on(arn, principal, inventory) {
                self.keep_for_capability(&object, &capability);
                continue;
            }
            let way = match policy_names(entry).as_slice() {
                [] => "Argo CD has come this way".to_owned(),
                policies => format!("Argo CD has come this way with {}", policies.join(", ")),
            };
            let reason = if owned { UNWANTED.to_owned() } else { self.no_more(arn, &way, "entry") };
            let was = serde_json::json!({
                "type": entry.kind, "groups": entry.groups, "tags": entry.tags, "policies": policy_names(entry),
            });
            let reads = vec![Read::of(object.clone(), &was)];
            self.delete(Unnecessary { object, by, reason, reads, after: self.before_removal(arn) });
        }
    }

    /// Pod Identity associations that Oarlock made and nobody wants any more, and those of Argo CD's own pods where these
    /// are to come by IRSA.
    fn associations(&mut self, arn: &ClusterArn, cluster: &Cluster) {
        let hub = &self.fleet.hub;
        let runs_argocd = *arn == hub.arn && hub.argocd.install == Install::SelfManaged;
        let associations = match &cluster.pod_identity_associations {
            Known::Known(associations) => associations,
            Known::Gap(gap) if runs_argocd => return self.found.gaps.push(gap.clone()),
            Known::Gap(_) => return,
        };
        let own = [&hub.argocd.controller_service_account, &hub.argocd.server_service_account];
        let by_irsa = runs_argocd && hub.identity == IdentityKind::Irsa;
        for ((namespace, account), association) in associations {
            let owned = is_marked(|key| association.tags.get(key).map(String::as_str), &self.fleet.name);
            let object = users::association_id(arn, namespace, account);
            let replaced = by_irsa && *namespace == hub.argocd.namespace && own.contains(&account);
            let Some(by) = self.by(&object, owned, replaced) else { continue };
            let reason = if owned { UNWANTED } else { "the annotation of its service account replaces it" };
            let was = serde_json::json!({ "id": association.id, "role": association.role.known(), "tags": association.tags });
            let (reason, reads) = (reason.to_owned(), vec![Read::of(object.clone(), &was)]);
            let after = self.replacements.restarts.clone();
            self.delete(Unnecessary { object, by, reason, reads, after });
        }
    }

    /// Roles of the fleet's accounts that Argo CD uses today and that nobody else does.
    fn roles(&mut self, inventory: &Inventory) {
        let gone: BTreeSet<&ObjectId> = self.found.steps.iter().map(|step| &step.object).collect();
        let unannotated = |id: &ObjectId| {
            let annotation = ObjectId { kind: ROLE_ANNOTATION.to_owned(), ..id.clone() };
            id.kind == "ServiceAccount" && gone.contains(&annotation)
        };
        let is_planned = |id: &ObjectId| self.wanted.contains(id) || gone.contains(id) || unannotated(id);
        let elsewhere = users::elsewhere(self.fleet, inventory, is_planned);
        let mut going = Vec::new();
        for (id, account) in &inventory.accounts {
            let Known::Known(roles) = &account.roles else { continue };
            for role in roles.values() {
                let object = ObjectId {
                    location: Location::Account(id.clone()),
                    kind: "iam role".to_owned(),
                    name: role.arn.name.clone(),
                };
                let owned = is_marked(|key| role.tags.get(key).map(String::as_str), &self.fleet.name);
                let is_used = self.access.role(&role.arn.to_string()).is_some();
                let Some(by) = self.by(&object, owned, is_used) else { continue };
                if self.fleet.ends
                    && let Some(capability) = self.capability_of(&role.arn, inventory)
                {
                    self.keep_for_capability(&object, &capability);
                    continue;
                }
                let users = self.users(role, &elsewhere);
                if !users.is_empty() {
                    self.keep_role(role, &users);
                    continue;
                }
                let reason = match owned {
                    true => UNWANTED.to_owned(),
                    false => "Argo CD uses it today; the plan's own roles replace it".to_owned(),
                };
                let (reads, after) = (reads_of_role(&object, role), self.after_role(&role.arn));
                going.push((Unnecessary { object, by, reason, reads, after }, role));
            }
        }
        who_trusts_first(going).into_iter().for_each(|it| self.delete(it));
    }

    /// Whoever would miss a role.
    fn users(
        &self,
        role: &inventory::IamRole,
        elsewhere: &BTreeMap<String, BTreeSet<String>>,
    ) -> BTreeSet<String> {
        let mut users = match self.fleet.ends {
            // Whoever is trusted by a role of Oarlock's, Oarlock has named.
            true => BTreeSet::new(),
            false => users::trusted(role, self.fleet, |principal| self.is_argo_cds(principal)),
        };
        users.extend(users::of(elsewhere, &role.arn).cloned());
        let named = self.access.roles.get(&role.arn).into_iter().flatten();
        let stays = |by: &&ObjectId| !self.wanted.contains(*by) && !self.goes(by);
        let kept = named.filter(|by| by.kind == "Secret" && stays(by));
        users.extend(kept.map(|secret| format!("cluster {secret}, whose cluster isn't in this fleet")));
        users
    }

    /// Whether the plan removes it.
    fn goes(&self, object: &ObjectId) -> bool {
        self.found.steps.iter().any(|step| step.object == *object)
    }

    /// After the Secrets that name it have been changed or removed, the pods restarted, and its access entries removed.
    fn after_role(&self, role: &RoleArn) -> Vec<ObjectId> {
        let named = self.access.roles.get(role).into_iter().flatten();
        let switched = named.filter(|by| self.wanted.contains(*by) || self.goes(by)).cloned();
        let gone = self.found.steps.iter().map(|step| &step.object);
        let used_it = gone.filter(|id| {
            let is_its_own = ["access entry", ROLE_MAPPING].contains(&id.kind.as_str())
                && id.name.eq_ignore_ascii_case(&role.to_string());
            id.kind == "pod identity association" || is_its_own
        });
        let after: BTreeSet<ObjectId> =
            switched.chain(self.replacements.restarts.iter().cloned()).chain(used_it.cloned()).collect();
        after.into_iter().collect()
    }
}

/// Whoever deletes a role changes the trust policies that name it: they have its unique id from then on (IAM User Guide, "AWS JSON policy
/// elements: Principal"). So who trusts goes before who is trusted, and is what it was until then.
fn who_trusts_first(going: Vec<(Unnecessary, &inventory::IamRole)>) -> Vec<Unnecessary> {
    let arns: BTreeSet<String> = going.iter().map(|(_, role)| role.arn.to_string()).collect();
    let trusted = |role: &inventory::IamRole| {
        let mut trusted = users::principals(role);
        trusted.retain(|principal| arns.contains(principal) && *principal != role.arn.to_string());
        trusted
    };
    let (first, mut last): (Vec<_>, Vec<_>) = going
        .into_iter()
        .map(|(it, role)| (it, role, trusted(role)))
        .partition(|(_, _, trusted)| !trusted.is_empty());
    for (it, role, _) in &mut last {
        let arn = role.arn.to_string();
        let trusting = first.iter().filter(|(_, _, trusted)| trusted.contains(&arn));
        it.after.extend(trusting.map(|(trusting, ..)| trusting.object.clone()));
    }
    first.into_iter().chain(last).map(|(it, ..)| it).collect()
}

/// Part by part: a role can't go before its policies, and who is stopped in between has left the rest.
fn reads_of_role(id: &ObjectId, role: &inventory::IamRole) -> Vec<Read> {
    let part = |kind: &str, name: &str, value: &Value| {
        let name = format!("{}/{name}", role.arn.name);
        Read::of(ObjectId { location: id.location.clone(), kind: kind.to_owned(), name }, value)
    };
    let inline = role.inline_policies.iter().map(|(name, document)| part("inline policy", name, document));
    let managed = role.managed_policies.keys().map(|arn| part("attached policy", arn, &Value::Null));
    let itself = Read::of(id.clone(), &serde_json::json!({ "trust": role.trust }));
    [itself].into_iter().chain(inline).chain(managed).collect()
}

fn entry_id(arn: &ClusterArn, principal: &str) -> ObjectId {
    ObjectId {
        location: Location::Eks(arn.clone()),
        kind: "access entry".to_owned(),
        name: principal.to_owned(),
    }
}

fn policy_names(entry: &inventory::AccessEntry) -> Vec<String> {
    let policies = entry.policies.known().into_iter().flatten();
    policies.map(|(arn, _)| arn.rsplit('/').next().unwrap_or(arn).to_owned()).collect()
}
