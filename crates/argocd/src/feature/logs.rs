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

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn reads_logs_where_pods_are_made() {
        let case =
            Case { features: fleet::Features { logs: true, ..Case::default().features }, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Logs]), @"server: get pods/log in namespace shop <- Logs Deployment shop/web (app.yaml:1:1) [NamesChange]");
    }

    #[test]
    fn where_nothing_makes_pods_no_logs_are_read() {
        let case =
            Case { features: fleet::Features { logs: true, ..Case::default().features }, ..Case::default() };
        assert_eq!(
            case.lines("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", &[Operation::Logs]),
            ""
        );
    }
}
