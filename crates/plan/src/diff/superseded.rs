//! What the plan makes unnecessary: Oarlock's own objects that nobody wants any more, and the grants by which Argo CD
//! has come so far. The latter belong to somebody else and stay until the plan is made with `--adopt`.

mod annotations;
mod findings;
mod groups;
mod mappings;
mod rbac;
mod replaced;

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClusterArn, Finding, Gap, RoleArn};
use fleet::{Fleet, IdentityKind, Install};
use inventory::{Cluster, Inventory, Known};
use serde_json::Value;

use super::{access::Access, is_marked, users};
use crate::{Action, DesiredObject, Location, ObjectId, Owner, Read, Step, object::ROLE_MAPPING};
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

/// Works out what the plan makes unnecessary.
pub(crate) fn superseded(
    fleet: &Fleet,
    inventory: &Inventory,
    access: &Access,
    desired: &[DesiredObject],
    adopt: bool,
) -> Superseded {
    let mut finder = Finder {
        fleet,
        access,
        wanted: desired.iter().map(DesiredObject::id).collect(),
        replacements: Replacements::of(desired),
        adopt,
        found: Superseded { gaps: access.gaps.clone(), ..Superseded::default() },
    };
    let named = |arn: &ClusterArn| *arn == fleet.hub.arn || fleet.clusters.iter().any(|c| c.arn == *arn);
    for (arn, cluster) in inventory.clusters.iter().filter(|(arn, _)| named(arn)) {
        finder.entries(arn, cluster);
        finder.rbac(arn, cluster);
        finder.mappings(arn, cluster);
        finder.groups(arn, cluster);
        finder.annotations(arn, cluster, inventory);
        finder.associations(arn, cluster);
    }
    finder.roles(inventory);
    finder.found
}

struct Finder<'a> {
    fleet: &'a Fleet,
    access: &'a Access,
    wanted: BTreeSet<ObjectId>,
    replacements: Replacements,
    adopt: bool,
    found: Superseded,
}

const UNWANTED: &str = "Oarlock made it, and no need asks for it any more";

impl Finder<'_> {
    fn delete(&mut self, object: ObjectId, owned: bool, reason: String, was: &Value, after: Vec<ObjectId>) {
        let step = self.deletion(object, owned, reason, was, after);
        self.found.steps.push(step);
    }

    fn deletion(
        &self,
        object: ObjectId,
        owned: bool,
        reason: String,
        was: &Value,
        after: Vec<ObjectId>,
    ) -> Step {
        Step {
            reads: vec![Read::of(object.clone(), was)],
            object,
            action: Action::Delete,
            reason,
            after,
            waits_for: Vec::new(),
            owner: Owner::of(owned, self.adopt),
            desired: None,
        }
    }

    /// Access entries of the roles by which Argo CD has come so far, and Oarlock's own that nobody wants.
    fn entries(&mut self, arn: &ClusterArn, cluster: &Cluster) {
        let entries = match &cluster.access_entries {
            Known::Known(entries) => entries,
            Known::Gap(gap) => return self.found.gaps.push(gap.clone()),
        };
        for (principal, entry) in entries {
            let owned = is_marked(|key| entry.tags.get(key).map(String::as_str), &self.fleet.name);
            let object = entry_id(arn, principal);
            if self.wanted.contains(&object) || !owned && self.access.role(principal).is_none() {
                continue;
            }
            let reason = match (owned, policy_names(entry).as_slice()) {
                (true, _) => UNWANTED.to_owned(),
                (false, []) => "Argo CD has come this way; the plan's own entry replaces it".to_owned(),
                (false, policies) => format!(
                    "Argo CD has come this way with {}; the plan's own entry replaces it",
                    policies.join(", ")
                ),
            };
            let was = serde_json::json!({
                "type": entry.kind, "groups": entry.groups, "tags": entry.tags, "policies": policy_names(entry),
            });
            self.delete(object, owned, reason, &was, self.replacements.on(arn));
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
            if self.wanted.contains(&object) || !owned && !replaced {
                continue;
            }
            let reason = if owned { UNWANTED } else { "the annotation of its service account replaces it" };
            let was = serde_json::json!({ "id": association.id, "role": association.role.known(), "tags": association.tags });
            self.delete(object, owned, reason.to_owned(), &was, self.replacements.restarts.clone());
        }
    }

    /// Roles of the fleet's accounts that Argo CD uses today and that nobody else does.
    fn roles(&mut self, inventory: &Inventory) {
        let gone: BTreeSet<&ObjectId> = self.found.steps.iter().map(|step| &step.object).collect();
        let is_planned = |id: &ObjectId| self.wanted.contains(id) || gone.contains(id);
        let elsewhere = users::elsewhere(self.fleet, inventory, is_planned);
        for (id, account) in &inventory.accounts {
            let Known::Known(roles) = &account.roles else { continue };
            for role in roles.values() {
                let object = ObjectId {
                    location: Location::Account(id.clone()),
                    kind: "iam role".to_owned(),
                    name: role.arn.name.clone(),
                };
                let owned = is_marked(|key| role.tags.get(key).map(String::as_str), &self.fleet.name);
                if self.wanted.contains(&object)
                    || !owned && self.access.role(&role.arn.to_string()).is_none()
                {
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
                let was = serde_json::json!({ "trust": role.trust, "inline": role.inline_policies });
                let after = self.after_role(&role.arn);
                self.delete(object, owned, reason, &was, after);
            }
        }
    }

    /// Whoever would miss a role.
    fn users(
        &self,
        role: &inventory::IamRole,
        elsewhere: &BTreeMap<String, BTreeSet<String>>,
    ) -> BTreeSet<String> {
        let mut users = users::trusted(role, self.fleet, self.access);
        users.extend(users::of(elsewhere, &role.arn).cloned());
        let named = self.access.roles.get(&role.arn).into_iter().flatten();
        let kept = named.filter(|by| by.kind == "Secret" && !self.wanted.contains(*by));
        users.extend(kept.map(|secret| format!("cluster {secret}, whose cluster isn't in this fleet")));
        users
    }

    /// After the Secrets that name it have been changed, the pods restarted, and its access entries removed.
    fn after_role(&self, role: &RoleArn) -> Vec<ObjectId> {
        let named = self.access.roles.get(role).into_iter().flatten();
        let switched = named.filter(|by| self.wanted.contains(*by)).cloned();
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
