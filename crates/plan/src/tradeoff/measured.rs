//! One variant with its numbers.

use fleet::Fleet;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    actors::Actors,
    blast::Blast,
    objects::Objects,
    quota::QuotaUse,
    reach::Reaches,
    upkeep::{Audit, Rotation},
    usage,
    variant::Variant,
};
use crate::desired::Wanted;

/// One variant with its numbers, from the objects that the fleet would have in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Which.
    pub variant: Variant,
    /// Whether it is what the fleet file has.
    pub current: bool,
    /// The objects to keep.
    pub objects: Objects,
    /// AWS's quotas, each where most of it is used.
    pub quotas: Vec<QuotaUse>,
    /// The most access entries of one cluster; AWS publishes no quota of them.
    pub access_entries_per_cluster: usize,
    /// What is lost with one stolen identity.
    pub blast: Blast,
    /// Replacing identities.
    pub rotation: Rotation,
    /// What logs tell.
    pub audit: Audit,
    /// Why it can't be recommended; empty if it can.
    pub misfits: Vec<String>,
}

impl Measured {
    /// None where nobody reaches a cluster, such as where the trust of the hub's roles can't be worked out.
    pub(super) fn of(variant: Variant, fleet: &Fleet, wanted: &Wanted, reaches: &Reaches) -> Option<Self> {
        let objects = &wanted.desired.objects;
        let actors = Actors::of(fleet, objects);
        let quotas = usage::of(objects);
        Some(Self {
            variant,
            current: false,
            objects: Objects::of(objects),
            misfits: misfits(&quotas, wanted),
            quotas,
            access_entries_per_cluster: usage::access_entries(objects),
            blast: Blast::of(&actors, reaches)?,
            rotation: Rotation::of(&actors),
            audit: Audit::of(&actors),
        })
    }

    /// The quota of which most is used; what the plan divides among more objects doesn't count.
    pub fn tightest(&self) -> Option<&QuotaUse> {
        let counted = self.quotas.iter().filter(|used| !used.quota.divided);
        counted.reduce(|tightest, next| if next.percent > tightest.percent { next } else { tightest })
    }
}

/// A wildcard is what the plan takes where names don't fit any more, and it is never better than a way without one.
fn misfits(quotas: &[QuotaUse], wanted: &Wanted) -> Vec<String> {
    let full = quotas.iter().filter(|used| !used.fits());
    let mut misfits: Vec<String> =
        full.map(|used| format!("{} % of {}", used.percent, used.quota.name)).collect();
    if wanted.notes.iter().any(|note| note.id == "assume-role-policy-by-prefix") {
        misfits.push("the hub's policies must match role names by a wildcard".to_owned());
    }
    if wanted.findings.iter().any(|finding| finding.id == "assume-role-policy-too-long") {
        misfits.push("no policy of the hub's roles can hold the names of all spoke roles".to_owned());
    }
    misfits
}
