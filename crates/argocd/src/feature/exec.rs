//! The web terminal: reads the pod, then opens `pods/exec`.
//!
//! server/application/terminal.go: never impersonated. A WebSocket is a GET, so its verb is `get`, and the fallback to SPDY
//! is a POST, `create`; from Kubernetes 1.35 the WebSocket needs `create`, too
//! (gate AuthorizePodWebsocketUpgradeCreatePermission).

use std::sync::Arc;

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, tree: &[Target<'_>]) {
    if !out.context.features.exec {
        return;
    }
    let exec: Arc<str> = out.word("pods/exec");
    let why = Why { operation: Operation::Exec, setting: Some("exec.enabled: \"true\"") };
    for pod in tree.iter().filter(|target| target.is("", "Pod")) {
        out.on(&Identity::Server, pod, &["get"], Naming::Object, why);
        // The request for a subresource carries its pod's name, also when it is a POST.
        out.on_resource(&Identity::Server, pod, &exec, &["get", "create"], Naming::Object, why);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn opens_pods_by_both_verbs() {
        let case =
            Case { features: fleet::Features { exec: true, ..Case::default().features }, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Exec]), @r"
        server: get pods in namespace shop <- Exec Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: create pods/exec in namespace shop <- Exec Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get pods/exec in namespace shop <- Exec Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }
}
