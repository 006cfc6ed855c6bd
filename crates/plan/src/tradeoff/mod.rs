//! The same fleet with its IAM roles per cluster, project or account, shared, or none: what each way costs and risks.
//!
//! Nothing here is estimated: each variant is planned, as the fleet would be once the plan is applied, and its objects
//! are counted and measured. Only the fleet's growth is made up, of copies of its clusters, and planned as well.

mod actors;
mod blast;
mod growth;
mod measured;
mod objects;
pub mod quota;
mod reach;
mod recommend;
mod svg;
#[cfg(test)]
mod tests;
mod upkeep;
mod usage;
mod variant;
mod words;

use std::collections::BTreeSet;

use argocd::Deployment;
use facts::{Gap, Problem, count};
use fleet::{Fleet, Install};
use schemars::JsonSchema;
use serde::Serialize;

pub use blast::{Average, Blast, Stolen};
pub use growth::{Growth, Turn};
pub use measured::Measured;
pub use objects::Objects;
pub use quota::{Quota, QuotaUse};
pub use reach::Reach;
pub use recommend::Recommendation;
pub use svg::svg;
pub use upkeep::{Audit, Rotation};
pub use variant::Variant;

use crate::{API_VERSION, ClusterNeeds, Input, cluster_needs::cluster_needs, desired, plan::settings};
use reach::Reaches;
use variant::spokes;

/// The variants compared, and the one that is recommended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tradeoff {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: &'static str,
    /// `Tradeoff`
    #[schemars(extend("const" = "Tradeoff"))]
    pub kind: &'static str,
    /// The fleet's name.
    pub fleet: String,
    /// Whether all needs are known; if not, reach and RBAC objects are those of what is known.
    pub complete: bool,
    /// The variants, and the fleet file itself where its clusters differ.
    pub variants: Vec<Measured>,
    /// Which one, and why.
    pub recommendation: Recommendation,
    /// What is recommended when the fleet grows.
    pub growth: Growth,
    /// What to know when reading the numbers.
    pub notes: Vec<String>,
    /// What isn't known.
    pub unknown: Vec<Gap>,
}

/// Plans the fleet in each variant and compares them.
///
/// # Errors
/// What in the input doesn't fit together, each with its place; and where there is nothing to choose.
pub fn tradeoff(mut input: Input<'_>) -> Result<Tradeoff, Vec<Problem>> {
    let fleet = input.fleet;
    has_a_choice(fleet).map_err(|problem| vec![problem])?;
    let needs = cluster_needs(&input, &settings(&input)?)?;
    let deployments = input.applications.iter_mut().filter_map(|app| app.deployment.as_mut());
    deployments.for_each(Deployment::forget_objects);
    let reaches = Reaches::of(&needs);
    let growth = growth::of(&input, &reaches);
    let (variants, gaps) = compared(input, &needs, &reaches);
    let mut unknown = gaps;
    unknown.extend(needs.iter().flat_map(|cluster| cluster.unknown.iter().cloned()));
    unknown.sort();
    unknown.dedup();
    Ok(Tradeoff {
        api_version: API_VERSION,
        kind: "Tradeoff",
        fleet: fleet.name.clone(),
        complete: unknown.is_empty() && needs.iter().all(|cluster| cluster.undecided.is_empty()),
        recommendation: Recommendation::of(&variants),
        notes: notes(fleet, &needs),
        variants,
        growth,
        unknown,
    })
}

fn has_a_choice(fleet: &Fleet) -> Result<(), Problem> {
    let problem = |message: &str| Problem::new(fleet.place.clone(), message);
    if fleet.hub.argocd.install == Install::EksCapability {
        return Err(problem(
            "there is nothing to choose: the EKS capability reaches every cluster with its one role",
        )
        .with_help("the topologies `chained` and `direct` need an Argo CD with `install: self-managed`"));
    }
    if spokes(fleet).next().is_none() {
        return Err(problem("there is nothing to choose: no cluster but the one that runs Argo CD")
            .with_help("name the clusters that Argo CD deploys to under `clusters`"));
    }
    Ok(())
}

/// Every variant with its numbers, and what isn't known of them.
fn compared(input: Input<'_>, needs: &[ClusterNeeds], reaches: &Reaches) -> (Vec<Measured>, Vec<Gap>) {
    let current = Variant::of(input.fleet);
    let as_written = (current == Variant::AsWritten).then_some(current);
    let fleets: Vec<(Variant, Fleet)> = Variant::CHOICES
        .into_iter()
        .chain(as_written)
        .map(|variant| (variant, variant.applied(input.fleet)))
        .collect();
    let Input { inventory, projects, applications, gaps, .. } = input;
    let (mut projects, mut applications, mut all) = (projects, applications, Vec::new());
    let mut shared: Option<BTreeSet<Gap>> = None;
    for (variant, fleet) in &fleets {
        let input =
            Input { fleet, inventory, projects, applications, gaps: Vec::new(), removals: Vec::new() };
        let wanted = desired::settled(&input, needs);
        let measured = Measured::of(*variant, fleet, &wanted, reaches);
        all.extend(measured.map(|one| Measured { current: *variant == current, ..one }));
        let missing: BTreeSet<Gap> = wanted.unknown.into_iter().collect();
        shared = Some(shared.map_or_else(|| missing.clone(), |known| &known & &missing));
        (projects, applications) = (input.projects, input.applications);
    }
    // What only some ways don't know is what they don't fit for.
    (all, gaps.into_iter().chain(shared.unwrap_or_default()).collect())
}

fn notes(fleet: &Fleet, needs: &[ClusterNeeds]) -> Vec<String> {
    let mut notes = vec![
        "quotas count what the plan makes; roles and policies that others have in the accounts come on top"
            .to_owned(),
    ];
    let without = spokes(fleet).filter(|cluster| cluster.project.is_none()).count();
    if without > 0 {
        notes.push(format!(
            "{} no `project` in the fleet file: with `per-project`, those of an account share a role",
            if without == 1 {
                "1 cluster has".to_owned()
            } else {
                format!("{} have", count(without, "cluster"))
            }
        ));
    }
    if needs.iter().any(|cluster| cluster.in_cluster) {
        notes.push(
            "the cluster that runs Argo CD is reached without IAM, so no stolen role leads to it".to_owned(),
        );
    }
    if needs.iter().any(|cluster| !cluster.undecided.is_empty()) {
        notes.push(
            "some RBAC objects wait for a choice (`oarlock plan` names them); what they take isn't counted"
                .to_owned(),
        );
    }
    notes
}
