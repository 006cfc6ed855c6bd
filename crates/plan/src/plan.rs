//! A plan: what changes, why, and what was proven of it. A value that people read before it runs.

use std::collections::BTreeSet;

use argocd::{Deployment, Settings};
use facts::{Finding, Gap, Problem, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Action, ClusterNeeds, ClusterProof, Desired, Input, Owner, Proof, Removal, Step, Undecided,
    cluster_needs::cluster_needs,
    desired::{self, BeyondGrant, Note},
    diff::{self, Access, Superseded},
    findings, leaving, mistakes,
    object::OIDC_PROVIDER,
    proof, removal, undecided,
};

/// `apiVersion` of saved plans.
pub const API_VERSION: &str = "oarlock.dev/v1alpha1";

/// The changes from what is there to what is wanted, and the proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: String,
    /// `Plan`
    #[schemars(extend("const" = "Plan"))]
    pub kind: String,
    /// The version of Oarlock that made it: no other one applies it.
    pub oarlock_version: String,
    /// The fleet's name.
    pub fleet: String,
    /// Whether it removes all that Oarlock made for the fleet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destroy: bool,
    /// Digest of the inventory that it was made from; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory_digest: Option<String>,
    /// Whether everything that the input asks for could be worked out, and nothing waits for a choice.
    pub complete: bool,
    /// What changes, in an order in which it can be done.
    pub steps: Vec<Step>,
    /// What people should look at.
    pub findings: Vec<Finding>,
    /// RBAC objects for which somebody has to choose first: what they take is not granted.
    pub undecided: Vec<Undecided>,
    /// What isn't known.
    pub unknown: Vec<Gap>,
    /// What people should know when they read the plan.
    pub notes: Vec<Note>,
    /// Grants in AWS that are wider than the needs.
    pub beyond: Vec<BeyondGrant>,
    /// The settings of the plan as values of the Helm chart argo-cd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helm_values: Option<Value>,
    /// What was proven.
    pub proof: Proof,
}

/// A plan with the needs that it was made from.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The needs, cluster by cluster.
    pub needs: Vec<ClusterNeeds>,
    /// What has to be remembered before the plan is applied, for the plans after it: what it removes, and what earlier ones were to
    /// remove and isn't gone.
    pub removals: Vec<Removal>,
}

/// Makes a plan. `adopt` lets it change and remove objects that Oarlock doesn't own.
///
/// # Errors
/// What in the input doesn't fit together, each with its place.
pub fn plan(mut input: Input<'_>, adopt: bool) -> Result<Planned, Vec<Problem>> {
    let settings = settings(&input)?;
    let needs = cluster_needs(&input, &settings)?;
    input
        .applications
        .iter_mut()
        .filter_map(|app| app.deployment.as_mut())
        .for_each(Deployment::forget_objects);
    let input = &input;
    let wanted = desired::desired(input, &needs);
    let access = input.inventory.map(|inventory| Access::of(input.fleet, inventory));
    let Superseded { steps, findings: superseded, gaps, .. } =
        steps(input, access.as_ref(), wanted.desired, adopt);
    let proof = proof::of(input, access.as_ref(), &needs, &steps);
    let mut findings = wanted.findings;
    findings.extend(superseded);
    findings.extend(leaving::findings(input));
    if let (Some(inventory), Some(access), false) = (input.inventory, &access, input.fleet.ends) {
        findings.extend(mistakes::of(input.fleet, inventory, access));
    }
    findings.extend(findings::of(&needs));
    let mut unknown = wanted.unknown;
    unknown.extend(gaps);
    unknown.extend(input.gaps.iter().cloned());
    for cluster in &needs {
        unknown.extend(cluster.unknown.iter().cloned());
    }
    unknown.extend(steps.iter().filter_map(|step| match &step.action {
        Action::Unknown { missing } => Some(missing.clone()),
        _ => None,
    }));
    unknown.sort();
    unknown.dedup();
    let undecided = undecided::across(&needs);
    let plan = Plan {
        api_version: API_VERSION.to_owned(),
        kind: "Plan".to_owned(),
        oarlock_version: env!("CARGO_PKG_VERSION").to_owned(),
        fleet: input.fleet.name.clone(),
        destroy: input.fleet.ends,
        inventory_digest: input.inventory.map(|inventory| inventory.digest.clone()),
        complete: unknown.is_empty() && undecided.is_empty(),
        steps,
        findings: findings::joined(findings),
        undecided,
        unknown,
        notes: wanted.notes,
        beyond: wanted.beyond,
        helm_values: wanted.helm_values,
        proof,
    };
    let removals = removal::remembered(&input.removals, &plan.steps, input.inventory);
    Ok(Planned { plan, needs, removals })
}

impl Plan {
    /// The desired objects, in the order in which they can be made: what [`render`](crate::render) writes. Somebody
    /// else's OIDC provider that is as it must be is none of them: everything in the cluster that uses IRSA shares it,
    /// so no stack or state of the plan's may make it, mark it, or delete it some day.
    pub fn desired(&self) -> Desired {
        let is_shared = |step: &&Step| {
            step.object.kind == OIDC_PROVIDER
                && step.action == Action::Unchanged
                && step.owner != Owner::Owned
        };
        let ours = self.steps.iter().filter(|step| !is_shared(step));
        Desired { objects: ours.filter_map(|step| step.desired.clone()).collect() }
    }

    /// Whether applying it would change anything.
    pub fn has_changes(&self) -> bool {
        self.steps.iter().any(|step| step.changes_something() && !step.is_pending())
    }

    /// Whether something certainly isn't as it must be: a need that isn't met, or a finding of severity error.
    pub fn is_violated(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error) || self.has_unmet_needs()
    }

    /// Whether of a need it isn't known whether it is allowed after the plan.
    pub fn has_undecided_needs(&self) -> bool {
        let unknown = |cluster: &ClusterProof| cluster.unmet.iter().any(|unmet| !unmet.missing.is_empty());
        self.proof.clusters.iter().any(unknown)
    }

    /// What would have to be known to decide all needs, besides what becomes of the pending steps: those that aren't pending are right
    /// whatever that is.
    pub fn unknown_of_needs(&self) -> BTreeSet<&Gap> {
        let pending = proof::pending();
        let unmet = self.proof.clusters.iter().flat_map(|cluster| &cluster.unmet);
        unmet.flat_map(|unmet| &unmet.missing).filter(|gap| **gap != pending).collect()
    }

    /// Whether a need is certainly not allowed after the plan.
    pub fn has_unmet_needs(&self) -> bool {
        let unmet = |cluster: &ClusterProof| cluster.unmet.iter().any(|unmet| unmet.missing.is_empty());
        self.proof.clusters.iter().any(unmet)
    }
}

/// What argocd-cm on the hub says, with what the fleet file decides instead.
pub(crate) fn settings(input: &Input<'_>) -> Result<Settings, Vec<Problem>> {
    let hub = input.inventory.and_then(|inventory| inventory.clusters.get(&input.fleet.hub.arn));
    let namespace = input.fleet.hub.argocd.namespace.as_str();
    let map = |name: &str| hub.and_then(|hub| hub.kubernetes.find("configmaps", Some(namespace), name));
    let text = |name: &str| {
        let data = map(name).and_then(|object| object.body.at("/data")).unwrap_or_default();
        let pairs = data.as_object().into_iter().flatten();
        pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    };
    let place = map("argocd-cm").map(|object| &object.place);
    let mut settings = Settings::parse(&text("argocd-cm"), place, &text("argocd-cmd-params-cm"))
        .map_err(|problem| vec![problem])?;
    if let Some(impersonation) = input.fleet.impersonation {
        settings.impersonation_enabled = impersonation;
    }
    // Whoever gives an Application means it to be managed.
    let given = input.applications.iter().filter_map(|app| app.application.namespace.clone());
    settings.application_namespaces.extend(given.filter(|given| given != namespace));
    settings.application_namespaces.sort();
    settings.application_namespaces.dedup();
    Ok(settings)
}

/// The steps, and what is to say of objects that the plan supersedes.
fn steps(input: &Input<'_>, access: Option<&Access>, wanted: Desired, adopt: bool) -> Superseded {
    let mut all = match (input.inventory, access) {
        (Some(inventory), Some(access)) => {
            let mut all =
                diff::superseded(input.fleet, inventory, access, &wanted.objects, adopt, &input.removals);
            all.findings.extend(diff::wider(input.fleet, inventory, &input.projects, &wanted.objects));
            all
        }
        _ => Superseded::default(),
    };
    let mut steps = diff::steps(wanted.objects, input.inventory, input.fleet, adopt);
    diff::before_restarts(&mut steps, std::mem::take(&mut all.before_restarts));
    steps.append(&mut all.steps);
    diff::hold_back(&mut steps);
    Superseded { steps, ..all }
}
