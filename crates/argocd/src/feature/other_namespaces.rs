//! Applications outside Argo CD's own namespace: its Roles there don't reach them.
//!
//! With `application.namespaces` (docs/operator-manual/app-any-namespace.md) controller and server list and watch
//! Applications in all namespaces (controller/appcontroller.go, newApplicationInformerAndLister; server/server.go,
//! NewServer, which takes the ApplicationSets along), and read and write those in the namespaces that match. Only where
//! Argo CD runs, and always as itself.

use rbac::{Permission, Scope};

use crate::{
    Beyond, Identity, Operation,
    collector::{Collector, Why},
};

const GROUP: &str = "argoproj.io";
const APPLICATIONS: &str = "applications";
const SETTING: &str = "application.namespaces";

/// Status and operation (controller/appcontroller.go, controller/state.go; util/argo/argo.go, SetAppOperation).
const CONTROLLER: [&str; 3] = ["get", "patch", "update"];
/// What people do by UI and CLI (server/application/application.go).
const SERVER: [&str; 5] = ["create", "delete", "get", "patch", "update"];

pub(crate) fn needs(out: &mut Collector<'_>) {
    let namespaces = &out.context.settings.application_namespaces;
    if !out.context.in_cluster || namespaces.is_empty() {
        return;
    }
    for verb in ["list", "watch"] {
        ask(out, &Identity::Controller, (Scope::Cluster, GROUP, APPLICATIONS, verb), None);
        ask(out, &Identity::Server, (Scope::Cluster, GROUP, APPLICATIONS, verb), None);
        ask(out, &Identity::Server, (Scope::Cluster, GROUP, "applicationsets", verb), None);
    }
    for (scope, beyond) in scopes(namespaces) {
        for (who, verbs) in [(Identity::Controller, &CONTROLLER[..]), (Identity::Server, &SERVER)] {
            for verb in verbs {
                ask(out, &who, (scope.clone(), GROUP, APPLICATIONS, verb), beyond);
            }
            // util/argo/audit_logger.go
            ask(out, &who, (scope.clone(), "", "events", "create"), beyond);
        }
        if out.context.features.events {
            ask(out, &Identity::Server, (scope, "", "events", "list"), beyond);
        }
    }
}

fn ask(
    out: &mut Collector<'_>,
    who: &Identity,
    (scope, group, resource, verb): (Scope, &str, &str, &str),
    beyond: Option<Beyond>,
) {
    let why = Why { operation: Operation::OtherNamespaces, setting: Some(SETTING) };
    out.ask(who, Permission::resource(scope, group, resource, verb), None, None, why, beyond);
}

/// One for each namespace, or the whole cluster where a pattern stands for namespaces that may come.
fn scopes(namespaces: &[String]) -> Vec<(Scope, Option<Beyond>)> {
    if namespaces.iter().any(|namespace| is_pattern(namespace)) {
        return vec![(Scope::Cluster, Some(Beyond::NamespacesArePatterns))];
    }
    namespaces.iter().map(|namespace| (Scope::of(Some(namespace)), None)).collect()
}

/// A glob, or a regular expression between slashes (util/glob/list.go, MatchStringInList): whatever can't be the name of
/// a namespace.
fn is_pattern(text: &str) -> bool {
    !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, Settings, testing::Case};

    fn case(namespaces: &[&str]) -> Case {
        let namespaces = namespaces.iter().map(ToString::to_string).collect();
        let settings = Settings { application_namespaces: namespaces, ..Settings::default() };
        Case { settings, in_cluster: true, ..Case::default() }
    }

    #[test]
    fn named_namespaces_get_rules_of_their_own() {
        assert_snapshot!(case(&["team-a"]).lines("", &[Operation::OtherNamespaces]), @r"
        controller: list applications.argoproj.io cluster-wide <- OtherNamespaces
        controller: watch applications.argoproj.io cluster-wide <- OtherNamespaces
        controller: create events in namespace team-a <- OtherNamespaces
        controller: get applications.argoproj.io in namespace team-a <- OtherNamespaces
        controller: patch applications.argoproj.io in namespace team-a <- OtherNamespaces
        controller: update applications.argoproj.io in namespace team-a <- OtherNamespaces
        server: list applications.argoproj.io cluster-wide <- OtherNamespaces
        server: watch applications.argoproj.io cluster-wide <- OtherNamespaces
        server: list applicationsets.argoproj.io cluster-wide <- OtherNamespaces
        server: watch applicationsets.argoproj.io cluster-wide <- OtherNamespaces
        server: create events in namespace team-a <- OtherNamespaces
        server: create applications.argoproj.io in namespace team-a <- OtherNamespaces
        server: delete applications.argoproj.io in namespace team-a <- OtherNamespaces
        server: get applications.argoproj.io in namespace team-a <- OtherNamespaces
        server: patch applications.argoproj.io in namespace team-a <- OtherNamespaces
        server: update applications.argoproj.io in namespace team-a <- OtherNamespaces
        ");
    }

    #[test]
    fn a_pattern_takes_the_whole_cluster() {
        let case = Case {
            features: fleet::Features { events: true, ..Case::default().features },
            ..case(&["team-a", "dev-*"])
        };
        assert_snapshot!(case.lines("", &[Operation::OtherNamespaces]), @r"
        controller: create events cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        controller: get applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        controller: list applications.argoproj.io cluster-wide <- OtherNamespaces
        controller: patch applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        controller: update applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        controller: watch applications.argoproj.io cluster-wide <- OtherNamespaces
        server: create events cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: list events cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: create applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: delete applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: get applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: list applications.argoproj.io cluster-wide <- OtherNamespaces
        server: patch applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: update applications.argoproj.io cluster-wide <- OtherNamespaces [NamespacesArePatterns]
        server: watch applications.argoproj.io cluster-wide <- OtherNamespaces
        server: list applicationsets.argoproj.io cluster-wide <- OtherNamespaces
        server: watch applicationsets.argoproj.io cluster-wide <- OtherNamespaces
        ");
    }

    #[test]
    fn only_where_argo_cd_runs() {
        let case = Case { in_cluster: false, ..case(&["team-a"]) };
        assert_eq!(case.lines("", &[Operation::OtherNamespaces]), "");
    }
}
