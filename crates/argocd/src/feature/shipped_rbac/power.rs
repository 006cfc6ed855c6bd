//! What rules give that nobody should give silently.
//!
//! What is worth a finding stands in the escalation catalogue of the `rbac` crate.

use facts::{Finding, Place, Severity};
use rbac::{
    Permission, PermissionSet, PolicyRule, Role, Scope,
    reach::{self, CATALOGUE},
};

use crate::{Choice, InputFrom, ObjectRef};

/// What somebody who gets some rules can do with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Power {
    /// What must not be given silently, in words; empty for rules that are simply held.
    pub(super) gives: Vec<String>,
    /// What is worth a look, in words.
    strong: Vec<&'static str>,
    /// Whether it is everything in the cluster.
    is_cluster_admin: bool,
    /// Whether rules are not known at all.
    is_unknown: bool,
}

pub(super) fn of(rules: &[PolicyRule], aggregates: bool, scope: &Scope) -> Power {
    let set = PermissionSet::of_rules(scope, rules);
    let mut gives: Vec<String> = rules.iter().filter_map(|rule| wide(rule, scope)).collect();
    if aggregates {
        gives.push(
            "every rule that its `aggregationRule` gathers, today or later (writing it takes everything, or `escalate`)"
                .into(),
        );
    }
    gives.dedup();
    let mut strong = Vec::new();
    for entry in CATALOGUE {
        // Several entries come to the same.
        if let reach::Power::Strong(does) = entry.power
            && !strong.contains(&does)
            && !entry.opened_by(&set).is_empty()
        {
            strong.push(does);
        }
    }
    let all = Permission::resource(Scope::Cluster, "*", "*", "*");
    Power { gives, strong, is_cluster_admin: set.contains(&all), is_unknown: false }
}

/// The power of a role of which only the name is known: Kubernetes' own roles
/// (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go), or nobody knows.
pub(super) fn of_name(role: &ObjectRef, scope: &Scope) -> Power {
    let own = |gives: &str| Power { gives: vec![gives.to_owned()], ..Power::default() };
    match (&*role.kind, &*role.name) {
        ("ClusterRole", "cluster-admin") => Power {
            is_cluster_admin: *scope == Scope::Cluster,
            ..own("everything (ClusterRole `cluster-admin`)")
        },
        ("ClusterRole", "admin" | "edit") if *scope == Scope::Cluster => {
            own("Secrets, workloads and service accounts of every namespace")
        }
        ("ClusterRole", "admin" | "edit") => Power {
            strong: vec![
                "reads Secrets",
                "creates workloads, and with them uses any service account of the namespace",
            ],
            ..Power::default()
        },
        ("ClusterRole", "view" | "system:auth-delegator" | "system:basic-user" | "system:discovery")
        | ("ClusterRole", "system:public-info-viewer" | "system:service-account-issuer-discovery")
        | ("Role", "extension-apiserver-authentication-reader") => Power::default(),
        _ => Power { is_unknown: true, ..Power::default() },
    }
}

/// What an `aggregationRule` takes (clusterrole/policybased/storage.go, fullAuthority).
pub(super) fn everything() -> Vec<PolicyRule> {
    let star = || vec!["*".to_owned()];
    vec![
        PolicyRule { api_groups: star(), resources: star(), verbs: star(), ..PolicyRule::default() },
        PolicyRule { non_resource_urls: star(), verbs: star(), ..PolicyRule::default() },
    ]
}

/// A rule in words, if it must not be given silently.
fn wide(rule: &PolicyRule, scope: &Scope) -> Option<String> {
    let stars = |words: &[String]| words.iter().any(|word| word == "*" || word.starts_with("*/"));
    let set = PermissionSet::of_rules(scope, std::slice::from_ref(rule));
    let mut passing = CATALOGUE.iter().filter(|entry| entry.power == reach::Power::Passing);
    let passes = passing.any(|entry| !entry.opened_by(&set).is_empty());
    let paths = rule.non_resource_urls.iter().any(|path| path == "*" || path == "/*");
    let is_wide = [&rule.verbs, &rule.api_groups, &rule.resources].into_iter().any(|words| stars(words));
    (is_wide || passes || paths).then(|| words(rule))
}

fn words(rule: &PolicyRule) -> String {
    let verbs = rule.verbs.join(", ");
    if !rule.non_resource_urls.is_empty() {
        return format!("`{verbs}` on paths `{}`", rule.non_resource_urls.join(", "));
    }
    let groups: Vec<&str> =
        rule.api_groups.iter().map(|group| if group.is_empty() { "core" } else { group.as_str() }).collect();
    let names = match rule.resource_names.as_slice() {
        [] => String::new(),
        names => format!(", only `{}`", names.join(", ")),
    };
    format!("`{verbs}` on `{}` in `{}`{names}", rule.resources.join(", "), groups.join(", "))
}

/// Labels by which Kubernetes' own roles gather others (bootstrappolicy/policy.go).
pub(super) fn extends_built_in(role: &Role, object: &ObjectRef) -> Option<Finding> {
    let extended = ["admin", "edit", "view"].into_iter().find(|name| {
        let label = format!("rbac.authorization.k8s.io/aggregate-to-{name}");
        role.labels.get(&label).is_some_and(|value| value == "true")
    });
    let finding = Finding::new(
        "app-extends-built-in-role",
        Severity::Warning,
        format!(
            "`{object}` adds its rules to Kubernetes' own ClusterRole `{}`, for everybody who is bound to it",
            extended?
        ),
    )
    .with_help("drop the `aggregate-to-…` label if nobody counts on it");
    Some(at(finding, role.place.as_ref()))
}

impl Power {
    pub(super) fn is_wide(&self) -> bool {
        !self.gives.is_empty()
    }

    /// Whether the rules aren't known at all.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// The finding for a role that nobody gets silently.
    pub(super) fn finding(&self, input: InputFrom, object: &ObjectRef, place: Option<&Place>) -> Finding {
        let gives = self.gives.join("; ");
        let finding = match self.is_cluster_admin {
            true => Finding::new(
                "app-ships-cluster-admin",
                Severity::Error,
                format!(
                    "`{object}` amounts to cluster-admin: whoever writes to the Application's repository gets the cluster ({gives})"
                ),
            ),
            false => Finding::new(
                "app-ships-wildcard-rbac",
                Severity::Error,
                format!("`{object}` gives more than Argo CD should hold silently: {gives}"),
            ),
        };
        let finding = finding
            .with_help("narrow the role in the Application's manifests")
            .with_help("choose `escalate` on its name: for a role that exists, or with `ServerSideApply=true`")
            .with_help("choose `bind` on its name: somebody else writes the role, Argo CD only binds it")
            .with_help("choose `hold`: Argo CD holds these rules itself")
            .with_help("give the Application's project an identity of its own by sync impersonation, and choose there")
            .with_help(format!("choose {}", input.choosing(object, Choice::Bind)));
        at(finding, place)
    }

    /// The finding for a binding that nobody gets silently.
    pub(super) fn bound(
        &self,
        input: InputFrom,
        object: &ObjectRef,
        role: &ObjectRef,
        place: Option<&Place>,
    ) -> Finding {
        let id = if self.is_cluster_admin { "app-ships-cluster-admin" } else { "app-ships-wildcard-rbac" };
        let message = format!("`{object}` binds `{role}`, which gives {}", self.gives.join("; "));
        let finding = Finding::new(id, Severity::Error, message)
            .with_help("bind a narrower role in the Application's manifests")
            .with_help(format!("choose `bind` on `{}`: Argo CD may bind this one role, to anybody", role.name))
            .with_help("choose `hold`: Argo CD holds the role's rules itself")
            .with_help("give the Application's project an identity of its own by sync impersonation, and choose there")
            .with_help(format!("choose {}", input.choosing(role, Choice::Bind)));
        at(finding, place)
    }

    /// For a role in the cluster whose rules, gone from the manifests, nobody should hold silently.
    pub(super) fn left_behind(&self, object: &ObjectRef, place: Option<&Place>) -> Finding {
        let message = format!(
            "`{object}` in the cluster still gives what left the manifests, and the next sync can't write it without holding that: {}",
            self.gives.join("; ")
        );
        let finding = Finding::new("live-role-gives-more", Severity::Error, message)
            .with_help("sync it with `ServerSideApply=true`, which writes the manifests' rules alone")
            .with_help("or narrow the role in the cluster by hand first (`kubectl apply`)");
        at(finding, place)
    }

    /// For a binding of one of Kubernetes' own roles, which takes `bind`.
    pub(super) fn bound_own(
        &self,
        object: &ObjectRef,
        role: &ObjectRef,
        place: Option<&Place>,
    ) -> Option<Finding> {
        if self.strong.is_empty() {
            return None;
        }
        let message = format!("`{object}` binds `{role}`: whoever is bound {}", self.strong.join(", "));
        let finding = Finding::new("app-binds-foreign-role", Severity::Warning, message).with_help(
            "look at what the role gives, and to whom; whoever may bind it may give it to anybody",
        );
        Some(at(finding, place))
    }

    /// For rules that are held, and lead to more.
    pub(super) fn warning(&self, object: &ObjectRef, place: Option<&Place>) -> Option<Finding> {
        if self.strong.is_empty() {
            return None;
        }
        let message = format!(
            "`{object}` gives its holder, and so Argo CD, what leads to more: {}",
            self.strong.join(", ")
        );
        let finding = Finding::new("app-ships-powerful-rbac", Severity::Warning, message)
            .with_help("narrow the role by namespaces or names, if the Application can live with less");
        Some(at(finding, place))
    }
}

fn at(finding: Finding, place: Option<&Place>) -> Finding {
    match place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}
