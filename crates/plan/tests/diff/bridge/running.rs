//! A running Argo CD in a world that a plan changes step by step.

use std::{collections::BTreeSet, sync::Arc};

use facts::RoleArn;
use fleet::Fleet;
use iam::{
    Context, Decision, Element, Kind, Layers, Parsed, Policy, Principal, Principals, Request, Statement,
};
use inventory::{Inventory, Known};
use oarlock_plan::{Action, Location, Plan, ROLE_ANNOTATION, Step};
use serde_json::Value;

use crate::world;

const ACCOUNTS: [&str; 2] = ["argocd-application-controller", "argocd-server"];
const ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// What a pod was started with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pod {
    pub(super) role: RoleArn,
    pub(super) pod_identity: bool,
}

/// Argo CD, with pods that keep their role until they are restarted.
pub(super) struct Running<'f> {
    fleet: &'f Fleet,
    pub(super) world: Inventory,
    pods: Vec<Pod>,
    /// Steps after which a cluster couldn't be reached.
    pub(super) lost: Vec<String>,
}

impl<'f> Running<'f> {
    pub(super) fn new(fleet: &'f Fleet, world: Inventory) -> Self {
        let mut running = Self { fleet, world, pods: Vec::new(), lost: Vec::new() };
        running.pods = running.started();
        running
    }

    /// Applies what isn't pending, and looks after each step whether all pods reach their cluster: those that run, and
    /// those that may be started meanwhile.
    pub(super) fn apply(&mut self, plan: &Plan) {
        self.look("the beginning");
        for step in plan.steps.iter().filter(|step| step.changes_something() && !step.is_pending()) {
            self.step(step);
            self.look(&step.object.to_string());
        }
    }

    fn step(&mut self, step: &Step) {
        match (&step.action, &step.desired) {
            (Action::Restart, _) => self.pods = self.started(),
            (Action::Delete, _) => self.delete(step),
            (_, Some(desired)) => {
                world::put(&mut self.world, desired);
            }
            (action, None) => panic!("{action:?}"),
        }
    }

    /// What pods get that start now: the annotation's role before the association's.
    fn started(&self) -> Vec<Pod> {
        let hub = &self.world.clusters[&self.fleet.hub.arn];
        let pod = |name: &str| {
            let account = hub.kubernetes.find("serviceaccounts", Some("argocd"), name);
            let annotations = account.and_then(|account| account.body.at("/metadata/annotations"));
            if let Some(role) =
                annotations.as_ref().and_then(|annotations| annotations.get(ANNOTATION)?.as_str())
            {
                return Some(Pod { role: role.parse().unwrap(), pod_identity: false });
            }
            let associations = hub.pod_identity_associations.known().unwrap();
            let association = associations.get(&("argocd".to_owned(), name.to_owned()))?;
            Some(Pod { role: association.role.known().unwrap().clone(), pod_identity: true })
        };
        ACCOUNTS.into_iter().filter_map(pod).collect()
    }

    fn look(&mut self, when: &str) {
        let all: BTreeSet<Pod> = self.pods.iter().cloned().chain(self.started()).collect();
        let lost = all.iter().filter(|pod| !self.reaches(pod)).map(|pod| format!("after {when}: {pod:?}"));
        let lost: Vec<String> = lost.collect();
        self.lost.extend(lost);
    }

    /// From the pod to the cluster's RBAC: credentials, the Secret's role if it names one, access entry, group, binding.
    fn reaches(&self, pod: &Pod) -> bool {
        let config = self.config();
        if config.get("bearerToken").is_some() {
            return true;
        }
        let by_way = |statement: &Statement| {
            let principals = statement.principals.as_ref().and_then(Element::only);
            let of =
                |kind: fn(&Principals) -> &iam::Values| principals.is_some_and(|of| !kind(of).is_empty());
            if pod.pod_identity { of(|of| &of.service) } else { of(|of| &of.federated) }
        };
        if !self.trust(&pod.role).iter().any(by_way) {
            return false;
        }
        let named = config.pointer("/awsAuthConfig/roleARN").and_then(Value::as_str).unwrap_or_default();
        if named.is_empty() {
            return self.is_let_in(&pod.role);
        }
        let spoke: RoleArn = named.parse().unwrap();
        self.may_assume(pod, &spoke) && self.is_let_in(&spoke)
    }

    /// Accounts differ, so both sides must allow it, and what Pod Identity's tags need, too.
    fn may_assume(&self, pod: &Pod, spoke: &RoleArn) -> bool {
        let needed: &[&str] =
            if pod.pod_identity { &["sts:AssumeRole", "sts:TagSession"] } else { &["sts:AssumeRole"] };
        let (Some(live), Some(target)) = (self.role(&pod.role), self.role(spoke)) else { return false };
        let policy =
            |name: &str, json: &Value, kind| Arc::new(Policy::parse(name, &json.to_string(), kind).unwrap());
        let layers = Layers {
            identity: live
                .inline_policies
                .iter()
                .map(|(name, json)| policy(name, json, Kind::Identity))
                .collect(),
            trust: Some(policy("trust", &target.trust, Kind::Trust)),
            ..Layers::default()
        };
        let (own, spoke) = (pod.role.to_string(), spoke.to_string());
        let request =
            |action: &str| Request::new(Principal::aws(&own), action, &spoke, None, Context::open([]));
        needed.iter().all(|action| layers.decide(&request(action)).decision == Decision::Allowed)
    }

    fn is_let_in(&self, principal: &RoleArn) -> bool {
        let cluster = &self.world.clusters[&self.fleet.clusters[0].arn];
        let Some(entry) = cluster.access_entries.known().unwrap().get(&principal.to_string()) else {
            return false;
        };
        let is_bound = |group: &String| {
            cluster.kubernetes.bindings.iter().any(|binding| {
                binding.subjects.iter().any(|subject| subject.kind == "Group" && subject.name == *group)
            })
        };
        !entry.policies.known().unwrap().is_empty() || entry.groups.iter().any(is_bound)
    }

    fn config(&self) -> Value {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let secrets = self.world.clusters[&self.fleet.hub.arn].kubernetes.list("secrets").unwrap();
        assert_eq!(secrets.len(), 1);
        let text = STANDARD.decode(secrets[0].body.text("/data/config").unwrap()).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn role(&self, role: &RoleArn) -> Option<&inventory::IamRole> {
        self.world.accounts[&role.account].roles.known().unwrap().get(&role.name)
    }

    fn trust(&self, role: &RoleArn) -> Vec<Statement> {
        self.role(role).map_or_else(Vec::new, |role| {
            Parsed::of_json(&role.trust, Kind::Trust).legal().unwrap().statements
        })
    }

    fn delete(&mut self, step: &Step) {
        match &step.object.location {
            Location::Account(id) => {
                let roles = world::known(&mut world::account_of(&mut self.world, id).roles);
                assert!(roles.remove(&step.object.name).is_some());
            }
            Location::Eks(arn) if step.object.kind == "pod identity association" => {
                let cluster = world::cluster_of(&mut self.world, arn);
                let (namespace, account) = step.object.name.split_once('/').unwrap();
                let key = (namespace.to_owned(), account.to_owned());
                assert!(world::known(&mut cluster.pod_identity_associations).remove(&key).is_some());
            }
            Location::Eks(arn) => {
                let entries = world::known(&mut world::cluster_of(&mut self.world, arn).access_entries);
                assert!(entries.remove(&step.object.name).is_some());
            }
            Location::Cluster(arn) => {
                assert_eq!(step.object.kind, ROLE_ANNOTATION);
                let hub = world::cluster_of(&mut self.world, arn);
                let accounts = hub.kubernetes.objects.get_mut("serviceaccounts").unwrap();
                let named = |account: &&mut inventory::KubernetesObject| {
                    step.object.name == format!("argocd/{}", account.name)
                };
                let account = accounts.iter_mut().find(named).unwrap();
                account.body.edit()["metadata"]["annotations"] = serde_json::json!({});
            }
        }
    }
}

/// Takes the description of every role's statements with a name out of a world.
pub(super) fn without_statement(world: &mut Inventory, sid: &str) {
    for account in world.accounts.values_mut() {
        let Known::Known(roles) = &mut account.roles else { continue };
        for role in roles.values_mut() {
            let statements = role.trust["Statement"].as_array_mut().unwrap();
            statements.retain(|statement| statement["Sid"] != sid);
        }
    }
}
