//! What the words of a rule match, and what two of them have in common.
//!
//! Verbs, groups, resources, namespaces, names and paths are all open sets: there is always one more that no
//! rule names. So a list never adds up to a `*`, and one permission is covered by a set only if it is covered
//! by one member of it. All of the algebra in this crate rests on that.

use std::sync::Arc;

use crate::Scope;

/// Matches every verb, group or resource (`rbacv1.VerbAll`, `APIGroupAll`, `ResourceAll`).
pub(crate) const ALL: &str = "*";

/// The subresource of a `*/subresource` pattern.
pub(crate) fn any_with(pattern: &str) -> Option<&str> {
    pattern.strip_prefix("*/").filter(|sub| !sub.is_empty())
}

/// The subresource of `pods/log`.
pub(crate) fn subresource(resource: &str) -> Option<&str> {
    resource.split_once('/').map(|(_, sub)| sub)
}

/// Verbs and groups.
pub(crate) fn word_covers(wide: &str, narrow: &str) -> bool {
    wide == ALL || wide == narrow
}

/// `*` covers resources and their subresources, `*/scale` that subresource of every resource, `pods` only itself.
pub(crate) fn resource_covers(wide: &str, narrow: &str) -> bool {
    word_covers(wide, narrow) || any_with(wide).is_some_and(|sub| subresource(narrow) == Some(sub))
}

/// All requests at cluster scope and in every namespace, or those in one namespace.
pub(crate) fn scope_covers(wide: &Scope, narrow: &Scope) -> bool {
    *wide == Scope::Cluster || wide == narrow
}

/// No name covers every name and the lack of one.
pub(crate) fn name_covers(wide: Option<&Arc<str>>, narrow: Option<&Arc<str>>) -> bool {
    wide.is_none() || wide == narrow
}

/// A path's text before its trailing stars, if it has any (`strings.TrimRight(url, "*")`).
pub(crate) fn prefix(path: &str) -> Option<&str> {
    path.ends_with('*').then(|| path.trim_end_matches('*'))
}

/// `/healthz/*` covers all that starts with `/healthz/`.
pub(crate) fn path_covers(wide: &str, narrow: &str) -> bool {
    match prefix(wide) {
        Some(start) => prefix(narrow).unwrap_or(narrow).starts_with(start),
        None => wide == narrow,
    }
}

/// What two patterns have in common, which is always one of the two or nothing.
pub(crate) fn meet<T: Clone>(a: &T, b: &T, covers: impl Fn(&T, &T) -> bool) -> Option<T> {
    if covers(a, b) {
        Some(b.clone())
    } else if covers(b, a) {
        Some(a.clone())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_with_subresource_is_not_the_resource() {
        assert!(resource_covers("*/scale", "deployments/scale"));
        assert!(!resource_covers("*/scale", "deployments"));
        assert!(!resource_covers("*/scale", "deployments/status"));
        assert!(!resource_covers("deployments/*", "deployments/scale"));
        assert!(resource_covers("*", "*/scale"));
        assert!(!resource_covers("*/scale", "*"));
    }

    #[test]
    fn a_path_with_a_star_is_a_prefix() {
        assert!(path_covers("/healthz/*", "/healthz/etcd"));
        assert!(!path_covers("/healthz/*", "/healthz"));
        assert!(path_covers("/metr*", "/metrics"));
        assert!(path_covers("*", "/anything"));
        assert!(path_covers("/a*", "/ab*"));
        assert!(!path_covers("/ab*", "/a*"));
        assert!(!path_covers("/a", "/a*"));
    }
}
