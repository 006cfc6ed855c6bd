//! Prune: objects that left the manifests are deleted, one by one.
//!
//! gitops-engine/pkg/sync/sync_context.go (pruneObject): `delete`, never `deletecollection`. What will be pruned isn't in
//! the manifests any more, so for namespaced kinds no name can limit it; for cluster-scoped ones the names of the
//! manifests and of the live Applications do. `Prune=false` on an object spares it, `Prune=confirm` only asks people.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let pruned = matches!(target.part, Part::Resource | Part::Live | Part::Orphan | Part::Skipped);
    let disabled = target.options.prune_disabled.unwrap_or(target.sync.prune_disabled);
    if target.sync.prune && pruned && !disabled {
        let why = Why { operation: Operation::Prune, setting: Some("prune: true") };
        out.on(sync, target, &["delete"], Naming::Pruned, why);
    }
}
