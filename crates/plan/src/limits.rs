//! Upper limits of the fleet file: what the plan must never grant.

use std::collections::BTreeSet;

use argocd::Need;
use facts::{Finding, Severity};
use fleet::{Limit, LimitRule};
use rbac::{Permission, Scope};

/// One finding for each limit that the needs of a cluster break, naming the Applications that break it.
pub(crate) fn broken(limits: &[Limit], cluster: &str, needs: &[Need]) -> Vec<Finding> {
    limits
        .iter()
        .filter(|limit| concerns(&limit.deny, cluster))
        .filter_map(|limit| check(limit, cluster, needs))
        .collect()
}

fn concerns(rule: &LimitRule, cluster: &str) -> bool {
    rule.clusters.is_empty() || rule.clusters.iter().any(|name| name == cluster)
}

fn check(limit: &Limit, cluster: &str, needs: &[Need]) -> Option<Finding> {
    let forbidden = permissions(&limit.deny);
    let breaking: Vec<&Need> = needs
        .iter()
        .filter(|need| !is_excepted(&limit.deny, &need.permission))
        .filter(|need| forbidden.iter().any(|limit| limit.meet(&need.permission).is_some()))
        .collect();
    let first = breaking.first()?;
    let applications = applications(&breaking);
    let message = format!(
        "the limit `{}` is broken: {} needs `{}`{}{}",
        limit.name,
        first.identity,
        first.permission,
        if applications.is_empty() { cause(first) } else { String::new() },
        match breaking.len() {
            1 => String::new(),
            more => format!(", and {} more like it", more - 1),
        },
    );
    let mut finding = Finding::new("limit-broken", Severity::Error, message)
        .on(cluster)
        .of(applications)
        .at(limit.place.clone())
        .with_help("change what the Application deploys, or widen the limit in the fleet file");
    finding
        .places
        .extend(breaking.iter().flat_map(|need| need.reasons.iter()).find_map(|reason| reason.place.clone()));
    Some(finding)
}

/// Which Applications make it necessary.
fn applications<'n>(breaking: &[&'n Need]) -> BTreeSet<&'n str> {
    let reasons = breaking.iter().flat_map(|need| need.reasons.iter());
    reasons.filter_map(|reason| reason.application.as_deref()).collect()
}

/// Which of Argo CD's operations makes it necessary, where no Application does.
fn cause(need: &Need) -> String {
    need.reasons.first().map(|reason| format!(" ({})", reason.operation.explain())).unwrap_or_default()
}

fn is_excepted(rule: &LimitRule, permission: &Permission) -> bool {
    permission
        .scope()
        .namespace()
        .is_some_and(|namespace| rule.except_namespaces.iter().any(|n| n == namespace))
}

fn permissions(rule: &LimitRule) -> Vec<Permission> {
    let all = |list: &[String]| if list.is_empty() { vec!["*".to_owned()] } else { list.to_vec() };
    let mut permissions = Vec::new();
    for group in all(&rule.api_groups) {
        for resource in all(&rule.resources) {
            for verb in all(&rule.verbs) {
                permissions.push(Permission::resource(Scope::Cluster, &group, &resource, &verb));
            }
        }
    }
    permissions
}

#[cfg(test)]
mod tests {
    use argocd::{Identity, Operation, Reason};
    use facts::Place;

    use super::*;

    fn need(permission: Permission, application: Option<&str>) -> Need {
        let operation = Operation::ALL[0];
        let application = application.map(Into::into);
        let reason = Reason { operation, application, object: None, place: None, objects: 1, setting: None };
        Need {
            identity: Identity::Controller,
            permission,
            reasons: [reason].into(),
            in_rbac: false,
            beyond: None,
        }
    }

    fn in_namespace(namespace: &str, resource: &str, verb: &str) -> Permission {
        Permission::resource(Scope::of(Some(namespace)), "", resource, verb)
    }

    /// "Never grant Secrets outside of `vault`."
    fn no_secrets() -> Limit {
        let deny = LimitRule {
            api_groups: vec![String::new()],
            resources: vec!["secrets".to_owned()],
            except_namespaces: vec!["vault".to_owned()],
            ..LimitRule::default()
        };
        Limit { name: "no-secrets".to_owned(), deny, place: Place::file("fleet.yaml") }
    }

    fn messages(cluster: &str, limit: Limit, needs: &[Need]) -> Vec<String> {
        broken(&[limit], cluster, needs).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_broken_limit_names_every_application_that_breaks_it() {
        let needs = vec![
            need(in_namespace("web", "secrets", "create"), Some("shop")),
            need(in_namespace("web", "secrets", "patch"), Some("blog")),
        ];
        let findings = broken(&[no_secrets()], "prod", &needs);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].clusters, ["prod"]);
        assert_eq!(findings[0].applications, ["blog", "shop"]);
        for part in ["`no-secrets`", "create secrets in namespace web", "1 more"] {
            assert!(findings[0].message.contains(part), "{part}: {findings:?}");
        }
    }

    #[test]
    fn what_is_excepted_or_about_something_else_breaks_nothing() {
        let needs = vec![
            need(in_namespace("vault", "secrets", "create"), Some("vault")),
            need(in_namespace("web", "configmaps", "create"), Some("shop")),
            need(Permission::resource(Scope::Cluster, "example.com", "secrets", "get"), Some("shop")),
        ];
        assert_eq!(messages("prod", no_secrets(), &needs), Vec::<String>::new());
    }

    #[test]
    fn wildcards_and_cluster_wide_needs_reach_into_what_is_forbidden() {
        let everything = Permission::resource(Scope::Cluster, "*", "*", "list");
        let cache = messages("prod", no_secrets(), &[need(everything, None)]);
        assert!(cache[0].contains(Operation::ALL[0].explain()), "{cache:?}");
        let wide = Permission::resource(Scope::Cluster, "", "secrets", "get").named("one");
        assert_eq!(messages("prod", no_secrets(), &[need(wide, Some("shop"))]).len(), 1);
    }

    #[test]
    fn a_limit_for_some_clusters_and_verbs_holds_for_these_only() {
        let mut limit = no_secrets();
        limit.deny.clusters = vec!["prod".to_owned()];
        limit.deny.verbs = vec!["delete".to_owned()];
        let needs = |verb| vec![need(in_namespace("web", "secrets", verb), Some("shop"))];
        assert_eq!(messages("prod", limit.clone(), &needs("delete")).len(), 1);
        assert!(messages("prod", limit.clone(), &needs("get")).is_empty());
        assert!(messages("staging", limit, &needs("delete")).is_empty());
    }
}
