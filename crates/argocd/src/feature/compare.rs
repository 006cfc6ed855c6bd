//! Comparing: objects that the live cache doesn't hold are read one by one.
//!
//! gitops-engine/pkg/cache/cluster.go, GetManagedLiveObjs: an object that exists without the Application's mark, one of a
//! kind that isn't watched, and one whose version can't be converted. Always the controller's own identity, also with
//! sync impersonation.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, target: &Target<'_>) {
    if target.part == Part::Orphan {
        return;
    }
    out.on(&Identity::Controller, target, &["get"], Naming::Object, Why::always(Operation::Compare));
}
