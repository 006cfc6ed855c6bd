//! `Force=true`: delete and create again where the API server refuses the change.
//!
//! kubectl/pkg/cmd/apply/patcher.go (deleteAndCreate) and kubectl/pkg/cmd/replace/replace.go (forceReplace): delete, get
//! until it is gone, create. After `replace --force` kubectl also lists and watches the object, and goes on if that is
//! forbidden (kubectl/pkg/cmd/delete/delete.go, DeleteResult): that isn't needed.
//! With server-side apply kubectl refuses `--force`, so nothing is asked.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    feature::replace::is_updated,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let updated = target.uses_replace() && is_updated(target);
    if !target.is_applied() || !target.uses_force() || target.uses_server_side_apply() || updated {
        return;
    }
    let why = Why { operation: Operation::Force, setting: Some("Force=true") };
    out.on(sync, target, &["delete", "get"], Naming::Object, why);
    out.on(sync, target, &["create"], Naming::Never, why);
}
