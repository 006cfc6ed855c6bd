//! Rules as Kubernetes writes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Permission, Request, Scope, Target};

/// `rbac.authorization.k8s.io/v1` PolicyRule, field by field (staging/src/k8s.io/api/rbac/v1/types.go).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// API groups; `""` is the core group, `*` all.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub api_groups: Vec<String>,
    /// Resources and subresources: `pods`, `pods/log`, `*/scale`, `*`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub resources: Vec<String>,
    /// Names the rule is limited to; empty means any.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub resource_names: Vec<String>,
    /// Paths outside the resource API: exact, or ending in `*`. Only in ClusterRoles.
    #[serde(
        rename = "nonResourceURLs",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "crate::object::null_as_empty"
    )]
    pub non_resource_urls: Vec<String>,
    /// Verbs, `*` for all.
    #[serde(deserialize_with = "crate::object::null_as_empty")]
    pub verbs: Vec<String>,
}

impl PolicyRule {
    /// The permissions that this rule grants when bound in a scope: each group with each resource, verb and name.
    ///
    /// A path is granted at cluster scope only: RoleBindings are not asked about paths
    /// (pkg/registry/rbac/validation/rule.go, VisitRulesFor).
    pub fn permissions(&self, scope: &Scope) -> Vec<Permission> {
        let names: Vec<Option<Arc<str>>> = match self.resource_names.as_slice() {
            [] => vec![None],
            names => names.iter().map(|name| Some(name.as_str().into())).collect(),
        };
        let (groups, resources) = (interned(&self.api_groups), interned(&self.resources));
        let verbs = interned(&self.verbs);
        let mut permissions = Vec::new();
        for (group, resource) in groups.iter().flat_map(|g| resources.iter().map(move |r| (g, r))) {
            for (verb, name) in verbs.iter().flat_map(|v| names.iter().map(move |n| (v, n))) {
                permissions.push(Permission::Resource {
                    scope: scope.clone(),
                    group: group.clone(),
                    resource: resource.clone(),
                    verb: verb.clone(),
                    name: name.clone(),
                });
            }
        }
        if *scope == Scope::Cluster {
            let paths =
                self.non_resource_urls.iter().flat_map(|path| verbs.iter().map(move |verb| (path, verb)));
            permissions.extend(paths.map(|(path, verb)| Permission::path(verb, path)));
        }
        permissions
    }

    /// Whether it is about resources alone, and without a wildcard in its words.
    pub(crate) fn is_plain(&self) -> bool {
        let is_word = |word: &String| !word.starts_with('*');
        let words = [&self.api_groups, &self.resources, &self.verbs];
        self.non_resource_urls.is_empty() && words.into_iter().flatten().all(is_word)
    }

    /// Whether this rule, once bound where the request is made, allows it.
    ///
    /// Word for word `RuleAllows` (plugin/pkg/auth/authorizer/rbac/rbac.go) and the matchers of
    /// pkg/apis/rbac/v1/evaluation_helpers.go.
    pub fn allows(&self, request: &Request) -> bool {
        let any = |words: &[String], wanted: &str| words.iter().any(|word| word == "*" || word == wanted);
        any(&self.verbs, &request.verb)
            && match &request.target {
                Target::NonResource { path } => self.matches_path(path),
                Target::Resource { group, resource, subresource, name, .. } => {
                    any(&self.api_groups, group)
                        && self.matches_resource(resource, subresource.as_deref().unwrap_or_default())
                        && self.matches_name(name.as_deref().unwrap_or_default())
                }
            }
    }

    fn matches_resource(&self, resource: &str, subresource: &str) -> bool {
        self.resources.iter().any(|rule| {
            let exact = match subresource {
                "" => rule == resource,
                sub => rule.strip_prefix(resource).and_then(|rest| rest.strip_prefix('/')) == Some(sub),
            };
            let star = !subresource.is_empty() && rule.strip_prefix("*/") == Some(subresource);
            rule == "*" || exact || star
        })
    }

    fn matches_name(&self, name: &str) -> bool {
        self.resource_names.is_empty() || self.resource_names.iter().any(|rule| rule == name)
    }

    fn matches_path(&self, path: &str) -> bool {
        self.non_resource_urls
            .iter()
            .any(|rule| rule == path || rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*')))
    }
}

fn interned(words: &[String]) -> Vec<Arc<str>> {
    words.iter().map(|word| word.as_str().into()).collect()
}
