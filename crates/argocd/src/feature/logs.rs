//! Pod logs: `pods/log`, in the namespaces whose objects have pods.
//!
//! server/application/application.go (PodLogs). Which pods there are, the resource tree says: no pod is read itself.

use std::sync::Arc;

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, server: &Identity, tree: &[Target<'_>]) {
    if !out.context.features.logs {
        return;
    }
    let log: Arc<str> = out.word("pods/log");
    for pod in tree.iter().filter(|target| target.is("", "Pod")) {
        out.on_resource(server, pod, &log, &["get"], Naming::Object, Why::always(Operation::Logs));
    }
}
