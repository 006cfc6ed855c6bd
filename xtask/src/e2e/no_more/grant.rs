//! The grants of a plan, one verb on one resource at a time, and roles without one of them.
//!
//! A role has few rules rather than rules that have nothing in common (rbac/src/merge.rs): what two of them list is one grant, and
//! dropped from both.

use rbac::{Permission, PolicyRule, Scope};
use serde::Deserialize;
use serde_json::Value;

/// One verb on one resource, or on one path, in one role; with the names that a rule gives it.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// The role as the plan wants it.
    pub(super) role: Value,
    verb: String,
    /// All that it allows: one permission, or one for each name.
    pub(super) permissions: Vec<Permission>,
}

/// What a rule is about.
enum Part {
    Resource { group: String, resource: String },
    Path(String),
}

/// All grants of the roles among some objects.
pub(super) fn grants(objects: &[Value]) -> Vec<Grant> {
    let roles = objects.iter().filter(|object| {
        ["Role", "ClusterRole"].iter().any(|kind| object.get("kind").is_some_and(|is| is == kind))
    });
    roles.flat_map(of_role).collect()
}

fn of_role(role: &Value) -> Vec<Grant> {
    let namespace = role.pointer("/metadata/namespace").and_then(Value::as_str);
    let scope = Scope::of(namespace);
    let mut grants: Vec<Grant> = Vec::new();
    for rule in rules(role) {
        for part in parts(&rule) {
            for verb in &rule.verbs {
                let permissions = narrowed(&rule, &part, verb).permissions(&scope);
                let is_same = |other: &Grant| other.permissions == permissions;
                if !grants.iter().any(is_same) {
                    grants.push(Grant { role: role.clone(), verb: verb.clone(), permissions });
                }
            }
        }
    }
    grants
}

impl Grant {
    pub(super) fn verb(&self) -> &str {
        &self.verb
    }

    fn is_of(&self, role: &Value) -> bool {
        ["/kind", "/metadata/namespace", "/metadata/name"]
            .iter()
            .all(|pointer| self.role.pointer(pointer) == role.pointer(pointer))
    }
}

/// The roles of some grants without them.
pub(super) fn without(grants: &[&Grant]) -> Vec<Value> {
    let mut roles: Vec<Value> = Vec::new();
    for grant in grants {
        if !roles.iter().any(|role| grant.is_of(role)) {
            let dropped: Vec<&Grant> =
                grants.iter().copied().filter(|other| other.is_of(&grant.role)).collect();
            roles.push(dropped_from(&grant.role, &dropped));
        }
    }
    roles
}

fn dropped_from(role: &Value, dropped: &[&Grant]) -> Value {
    let scope = Scope::of(role.pointer("/metadata/namespace").and_then(Value::as_str));
    let is_dropped = |rule: &PolicyRule| {
        rule.permissions(&scope).iter().any(|own| dropped.iter().any(|grant| grant.permissions.contains(own)))
    };
    let mut kept = Vec::new();
    for rule in rules(role) {
        if is_dropped(&rule) {
            kept.extend(singles(&rule).into_iter().filter(|single| !is_dropped(single)));
        } else {
            kept.push(rule);
        }
    }
    let mut role = role.clone();
    if let Some(rules) = role.get_mut("rules") {
        *rules = serde_json::json!(kept);
    }
    role
}

/// A rule as rules with one permission each.
fn singles(rule: &PolicyRule) -> Vec<PolicyRule> {
    let names: Vec<Vec<_>> = match &*rule.resource_names {
        [] => vec![Vec::new()],
        names => names.iter().map(|name| vec![name.clone()]).collect(),
    };
    let mut singles = Vec::new();
    for part in parts(rule) {
        for verb in &rule.verbs {
            let single = narrowed(rule, &part, verb);
            let named = |resource_names: &Vec<_>| PolicyRule {
                resource_names: resource_names.clone(),
                ..single.clone()
            };
            singles.extend(names.iter().map(named));
        }
    }
    singles
}

fn rules(role: &Value) -> Vec<PolicyRule> {
    role.get("rules").and_then(|rules| Vec::deserialize(rules).ok()).unwrap_or_default()
}

fn parts(rule: &PolicyRule) -> Vec<Part> {
    let resources = rule.api_groups.iter().flat_map(|group| {
        let resources = rule.resources.iter();
        resources
            .map(move |resource| Part::Resource { group: group.to_string(), resource: resource.to_string() })
    });
    let paths = rule.non_resource_urls.iter().map(|path| Part::Path(path.to_string()));
    resources.chain(paths).collect()
}

/// A rule for one of its parts only.
fn of_part(rule: &PolicyRule, part: &Part) -> PolicyRule {
    match part {
        Part::Resource { group, resource } => PolicyRule {
            api_groups: vec![group.as_str().into()],
            resources: vec![resource.as_str().into()],
            non_resource_urls: Vec::new(),
            ..rule.clone()
        },
        Part::Path(path) => PolicyRule {
            api_groups: Vec::new(),
            resources: Vec::new(),
            resource_names: Vec::new(),
            non_resource_urls: vec![path.as_str().into()],
            ..rule.clone()
        },
    }
}

fn narrowed(rule: &PolicyRule, part: &Part, verb: &str) -> PolicyRule {
    PolicyRule { verbs: vec![verb.into()], ..of_part(rule, part) }
}

/// `verb resource, in role`
impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let more = match self.permissions.len() {
            0 | 1 => String::new(),
            names => format!(" and {} more names", names - 1),
        };
        let first = self.permissions.first().map(ToString::to_string).unwrap_or_default();
        write!(f, "{first}{more}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_two_rules_list_is_one_grant_and_dropped_from_both() {
        let rule = |resource: &str, names: &[&str]| json!({ "apiGroups": [""], "resources": ["configmaps", resource], "verbs": ["get"], "resourceNames": names });
        let role = |rules: [Value; 2]| json!({ "kind": "Role", "metadata": { "name": "r", "namespace": "n" }, "rules": rules });
        let twice = grants(&[role([rule("secrets", &[]), rule("pods", &[])])]);
        assert_eq!(twice.len(), 3);
        let named = grants(&[role([rule("secrets", &["a", "b"]), rule("pods", &["b", "c"])])]);
        assert_eq!(named.len(), 4);
        for grant in twice.iter().chain(&named) {
            let left: Vec<_> =
                grants(&without(&[grant])).into_iter().flat_map(|grant| grant.permissions).collect();
            assert!(!left.is_empty() && grant.permissions.iter().all(|own| !left.contains(own)), "{grant}");
        }
    }

    #[test]
    fn a_role_without_a_grant_allows_all_the_others_and_not_that() {
        let role = json!({
            "kind": "ClusterRole", "metadata": { "name": "r" },
            "rules": [
                { "apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list"] },
                { "nonResourceURLs": ["/version"], "verbs": ["get"] },
            ],
        });
        let all = grants(std::slice::from_ref(&role));
        assert_eq!(all.len(), 9);
        for grant in &all {
            let left: Vec<_> =
                grants(&without(&[grant])).into_iter().flat_map(|grant| grant.permissions).collect();
            assert_eq!(left.len(), 8, "{grant}");
            assert!(!left.contains(&grant.permissions[0]), "{grant}");
        }
        let [first, second, ..] = &*all else { panic!("{all:?}") };
        assert_eq!(grants(&without(&[first, second])).len(), 7);
    }
}
