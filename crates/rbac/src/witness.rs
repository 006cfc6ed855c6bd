//! One concrete request that shows a difference between two sets.

use std::sync::Arc;

use crate::{Permission, PermissionSet, Request, pattern};

/// Verbs that people know, tried before an invented one.
const VERBS: [&str; 8] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// Resources that people know: group, resource.
const RESOURCES: [(&str, &str); 8] = [
    ("", "secrets"),
    ("", "pods"),
    ("", "configmaps"),
    ("", "pods/exec"),
    ("apps", "deployments"),
    ("apps", "deployments/scale"),
    ("batch", "jobs"),
    ("rbac.authorization.k8s.io", "clusterroles"),
];

const PATHS: [&str; 4] = ["/version", "/metrics", "/healthz", "/logs"];

/// A request of `permission` that `set` doesn't allow; `set` must not contain `permission`.
///
/// Wildcards are made concrete with well-known words where one fits, else with a word that the set doesn't mention:
/// that one always fits, since no enumeration covers a wildcard.
pub(crate) fn outside(set: &PermissionSet, permission: &Permission) -> Permission {
    let known = candidates(permission).into_iter().find(|request| !allows(set, request));
    known.unwrap_or_else(|| invented(set, permission))
}

fn allows(set: &PermissionSet, request: &Permission) -> bool {
    set.allows(&Request::from(request))
}

fn candidates(permission: &Permission) -> Vec<Permission> {
    let verbs: Vec<Arc<str>> = match &**permission.verb() {
        "*" => VERBS.into_iter().map(Into::into).collect(),
        _ => vec![permission.verb().clone()],
    };
    let targets = match permission {
        Permission::Resource { .. } => resource_targets(permission),
        Permission::NonResource { path, .. } => path_targets(path),
    };
    targets.iter().flat_map(|target| verbs.iter().map(|verb| with_verb(target, verb))).collect()
}

fn resource_targets(permission: &Permission) -> Vec<Permission> {
    let Permission::Resource { scope, group, resource, verb, name } = permission else { return Vec::new() };
    if **group != *"*" && **resource != *"*" && pattern::any_with(resource).is_none() {
        return vec![permission.clone()];
    }
    let known = RESOURCES
        .into_iter()
        .filter(|(g, r)| pattern::word_covers(group, g) && pattern::resource_covers(resource, r));
    known
        .map(|(g, r)| Permission::Resource {
            scope: scope.clone(),
            group: g.into(),
            resource: r.into(),
            verb: verb.clone(),
            name: name.clone(),
        })
        .collect()
}

fn path_targets(path: &Arc<str>) -> Vec<Permission> {
    let Some(start) = pattern::prefix(path) else { return vec![Permission::path("", path)] };
    let known = PATHS.into_iter().filter(|known| known.starts_with(start));
    known.chain([start]).filter(|p| !p.is_empty()).map(|p| Permission::path("", p)).collect()
}

fn with_verb(target: &Permission, wanted: &Arc<str>) -> Permission {
    let mut request = target.clone();
    match &mut request {
        Permission::Resource { verb, .. } | Permission::NonResource { verb, .. } => *verb = wanted.clone(),
    }
    request
}

/// The permission with every open word filled by one that the set doesn't mention.
fn invented(set: &PermissionSet, permission: &Permission) -> Permission {
    // Each number makes new words, the set mentions finitely many: this ends.
    (0..)
        .map(|number| filled(permission, number))
        .find(|request| !allows(set, request))
        .unwrap_or_else(|| permission.clone())
}

fn filled(permission: &Permission, number: u32) -> Permission {
    let word = |base: &str| if number == 0 { base.to_owned() } else { format!("{base}{number}") };
    let fill = |text: &Arc<str>, base: &str| -> Arc<str> {
        if **text == *pattern::ALL { word(base).into() } else { text.clone() }
    };
    match permission {
        Permission::NonResource { path, verb } => Permission::NonResource {
            path: pattern::prefix(path).map_or_else(
                || path.clone(),
                |start| {
                    let slash = if start.is_empty() { "/" } else { "" };
                    format!("{start}{slash}{}", word("other")).into()
                },
            ),
            verb: fill(verb, "get"),
        },
        Permission::Resource { scope, group, resource, verb, name } => {
            // `resourceNames: [""]` allows exactly the requests without name.
            let unnamed = number == 0 || name.is_some();
            Permission::Resource {
                scope: scope.clone(),
                group: fill(group, if number == 0 { "example.com" } else { "example" }),
                resource: match pattern::any_with(resource) {
                    Some(sub) => format!("{}/{sub}", word("widgets")).into(),
                    None => fill(resource, "widgets"),
                },
                verb: fill(verb, if number == 0 { "get" } else { "verb" }),
                name: if unnamed { name.clone() } else { Some(word("object").into()) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    fn cluster(group: &str, resource: &str, verb: &str) -> Permission {
        Permission::resource(Scope::Cluster, group, resource, verb)
    }

    #[test]
    fn a_wildcard_becomes_a_word_that_people_know() {
        let held: PermissionSet = [cluster("", "secrets", "*")].into_iter().collect();
        assert_eq!(outside(&held, &cluster("*", "*", "*")), cluster("", "pods", "get"));
    }

    #[test]
    fn a_set_that_lists_all_known_words_still_has_a_witness() {
        let held: PermissionSet = VERBS.iter().map(|verb| cluster("*", "*", verb)).collect();
        let witness = outside(&held, &cluster("example.org", "*", "*"));
        assert!(!held.contains(&witness) && cluster("example.org", "*", "*").covers(&witness), "{witness}");
    }

    #[test]
    fn the_witness_of_an_unnamed_permission_can_be_a_named_one() {
        let held: PermissionSet = [cluster("", "secrets", "get").named("")].into_iter().collect();
        let witness = outside(&held, &cluster("", "secrets", "get"));
        assert!(matches!(&witness, Permission::Resource { .. }));
        assert!(!allows(&held, &witness), "{witness}");
    }
}
