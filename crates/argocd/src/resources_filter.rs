//! `resource.exclusions` and `resource.inclusions` of argocd-cm: what Argo CD's live cache watches
//! (util/settings/resources_filter.go, filtered_resource.go).

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use fleet::Version;
use serde::Deserialize;

use crate::glob::Glob;

/// Which kinds Argo CD's live cache leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcesFilter {
    exclusions: Vec<Entry>,
    inclusions: Vec<Entry>,
}

/// One item of the lists. An empty list stands for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    api_groups: Option<Vec<Glob>>,
    kinds: Vec<String>,
    clusters: Option<Vec<Glob>>,
}

/// An item as written (util/settings/filtered_resource.go).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    api_groups: Option<Vec<String>>,
    kinds: Option<Vec<String>>,
    clusters: Option<Vec<String>>,
}

/// Argo CD's manifests ship it in argocd-cm (manifests/base/config/argocd-cm.yaml), since 3.0.
const DEFAULT_EXCLUSIONS: &str = include_str!("resources_filter/default_exclusions.yaml");

/// What Argo CD never watches, whatever argocd-cm says (`coreExcludedResources`).
const CORE_EXCLUSIONS: &str = "\
- apiGroups: [events.k8s.io, metrics.k8s.io]
- {apiGroups: [''], kinds: [Event]}
- {apiGroups: [coordination.k8s.io], kinds: [Lease]}
";

impl ResourcesFilter {
    /// Reads the two values of argocd-cm; an absent key is `None`.
    ///
    /// # Errors
    /// Where a value isn't a list of such items. Argo CD then doesn't build the live cache of any cluster.
    pub fn parse(exclusions: Option<&str>, inclusions: Option<&str>) -> Result<Self, String> {
        let mut excluded = entries("the core exclusions", CORE_EXCLUSIONS)?;
        excluded.extend(entries("resource.exclusions", exclusions.unwrap_or_default())?);
        let inclusions = entries("resource.inclusions", inclusions.unwrap_or_default())?;
        Ok(Self { exclusions: excluded, inclusions })
    }

    /// The value of `resource.exclusions` that Argo CD's own manifests ship; none before 3.0
    /// (docs/operator-manual/upgrading/2.14-3.0.md). The text is that of 3.5.
    pub fn default_exclusions(version: Version) -> Option<&'static str> {
        (version >= Version { major: 3, minor: 0 }).then_some(DEFAULT_EXCLUSIONS)
    }

    /// Whether the live cache leaves a kind out on the cluster with this API server URL.
    pub fn is_excluded(&self, group: &str, kind: &str, api_server: &str) -> bool {
        let matches = |entries: &[Entry]| entries.iter().any(|entry| entry.is_match(group, kind, api_server));
        if matches(&self.exclusions) {
            return true;
        }
        !matches(&self.inclusions) && self.has_inclusions(api_server)
    }

    /// Whether the cluster's kinds are enumerated: a kind that nobody included is then left out.
    pub fn has_inclusions(&self, api_server: &str) -> bool {
        self.inclusions.iter().any(|entry| entry.is_match_cluster(api_server))
    }

    /// A value for `resource.inclusions` that includes these (group, kind) pairs on the clusters with these
    /// API server URLs, or on all if there are none. Kinds are sorted under their group.
    pub fn to_inclusions_yaml<'k>(
        kinds: impl IntoIterator<Item = (&'k str, &'k str)>,
        api_servers: &[&str],
    ) -> String {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (group, kind) in kinds {
            groups.entry(group).or_default().push(kind);
        }
        let mut yaml = String::new();
        for (group, mut kinds) in groups {
            kinds.sort_unstable();
            kinds.dedup();
            let _ = writeln!(yaml, "- apiGroups:\n  - {}\n  kinds:", quoted(group));
            list(&mut yaml, &kinds);
            if !api_servers.is_empty() {
                yaml.push_str("  clusters:\n");
                list(&mut yaml, api_servers);
            }
        }
        yaml
    }
}

impl Entry {
    fn is_match(&self, group: &str, kind: &str, api_server: &str) -> bool {
        is_any_match(self.api_groups.as_deref(), group)
            && (self.kinds.is_empty() || self.kinds.iter().any(|known| known == "*" || known == kind))
            && self.is_match_cluster(api_server)
    }

    fn is_match_cluster(&self, api_server: &str) -> bool {
        is_any_match(self.clusters.as_deref(), api_server)
    }
}

fn is_any_match(globs: Option<&[Glob]>, text: &str) -> bool {
    globs.is_none_or(|globs| globs.iter().any(|glob| glob.is_match(text)))
}

fn entries(name: &str, text: &str) -> Result<Vec<Entry>, String> {
    // `null`, or nothing but comments, is an empty list; a `null` among the items is one that matches everything.
    let written: Option<Vec<Option<Written>>> = manifest::parse(&Arc::from(name), text.as_bytes())
        .map_err(|problem| format!("{}: {}", problem.place, problem.message))?;
    let written = written.unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    Ok(written.map(Entry::from).collect())
}

impl From<Written> for Entry {
    fn from(written: Written) -> Self {
        Self {
            api_groups: globs(written.api_groups),
            kinds: written.kinds.unwrap_or_default(),
            clusters: globs(written.clusters),
        }
    }
}

/// None for an empty list, which matches everything. A malformed pattern matches nothing, and is left out.
fn globs(patterns: Option<Vec<String>>) -> Option<Vec<Glob>> {
    let patterns = patterns.filter(|patterns| !patterns.is_empty())?;
    Some(patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()).collect())
}

fn list(yaml: &mut String, items: &[&str]) {
    for item in items {
        let _ = writeln!(yaml, "  - {}", quoted(item));
    }
}

/// A YAML scalar: plain where nothing can be misread.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | ':' | '_');
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !text.ends_with(':')
        && !words.contains(&&*text.to_ascii_lowercase());
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(exclusions: &str, inclusions: &str) -> ResourcesFilter {
        ResourcesFilter::parse(Some(exclusions), Some(inclusions)).unwrap()
    }

    #[test]
    fn events_and_leases_are_left_out_whatever_the_settings() {
        let filter = filter("", "");
        assert!(filter.is_excluded("events.k8s.io", "Event", ""));
        assert!(filter.is_excluded("metrics.k8s.io", "PodMetrics", ""));
        assert!(filter.is_excluded("", "Event", ""));
        assert!(filter.is_excluded("coordination.k8s.io", "Lease", ""));
        assert!(!filter.is_excluded("coordination.k8s.io", "LeaseCandidate", ""));
        assert!(!filter.is_excluded("rubbish.io", "", ""));
    }

    #[test]
    fn inclusions_leave_everything_else_out() {
        let filter = filter("", "- apiGroups: [whitelisted-resource]");
        assert!(filter.is_excluded("non-whitelisted-resource", "", ""));
        assert!(!filter.is_excluded("whitelisted-resource", "", ""));
    }

    #[test]
    fn an_exclusion_wins_over_an_inclusion() {
        let one = filter(
            "- {apiGroups: [whitelisted-resource], kinds: [blacklisted-kind]}",
            "- apiGroups: [whitelisted-resource]",
        );
        assert!(one.is_excluded("whitelisted-resource", "blacklisted-kind", ""));
        assert!(!one.is_excluded("whitelisted-resource", "", ""));
        assert!(!one.is_excluded("whitelisted-resource", "non-blacklisted-kind", ""));

        let all = filter(
            "- apiGroups: [whitelisted-resource]",
            "- {apiGroups: [whitelisted-resource], kinds: [whitelisted-kind]}",
        );
        for kind in ["whitelisted-kind", "", "non-whitelisted-kind"] {
            assert!(all.is_excluded("whitelisted-resource", kind, ""), "{kind}");
        }

        let other = filter(
            "- apiGroups: [whitelisted-resource]",
            "- {apiGroups: [foo-bar], kinds: [whitelisted-kind]}",
        );
        assert!(other.is_excluded("not-whitelisted-resource", "whitelisted-kind", ""));
        assert!(other.is_excluded("not-whitelisted-resource", "", ""));
    }

    #[test]
    fn inclusions_for_one_cluster_change_nothing_on_others() {
        let filter = filter(
            "- {apiGroups: [whitelisted-resource], clusters: [cluster-two]}",
            "- {apiGroups: [whitelisted-resource], clusters: [cluster-one]}",
        );
        assert!(!filter.is_excluded("whitelisted-resource", "", "cluster-one"));
        assert!(filter.is_excluded("whitelisted-resource", "", "cluster-two"));
        assert!(!filter.is_excluded("whitelisted-resource", "", "cluster-three"));
        assert!(filter.has_inclusions("cluster-one") && !filter.has_inclusions("cluster-three"));
    }

    #[test]
    fn groups_and_clusters_are_globs_and_kinds_are_not() {
        for (item, expected) in [
            ("{kinds: [bar], clusters: [baz.com]}", true),
            ("{apiGroups: [foo.com], clusters: [baz.com]}", true),
            ("{apiGroups: [foo.com], kinds: ['*']}", true),
            ("{apiGroups: ['*.com'], kinds: [bar], clusters: ['*.com']}", true),
            ("{apiGroups: [foo.com, foo.com], kinds: [bar, bar], clusters: [baz.com, baz.com]}", true),
            ("{apiGroups: [foo.com], kinds: ['b*']}", false),
            ("{apiGroups: [''], kinds: [bar], clusters: [baz.com]}", false),
            ("{apiGroups: [foo.com], kinds: [''], clusters: [baz.com]}", false),
            ("{apiGroups: [foo.com], kinds: [bar], clusters: ['']}", false),
            ("{apiGroups: ['['], kinds: [bar], clusters: [baz.com]}", false),
            ("{apiGroups: [foo.com], kinds: [bar], clusters: ['[']}", false),
        ] {
            assert_eq!(
                filter(&format!("- {item}"), "").is_excluded("foo.com", "bar", "baz.com"),
                expected,
                "{item}"
            );
        }
    }

    #[test]
    fn nothing_but_comments_is_an_empty_list() {
        for text in ["", "# nothing\n", "null", "[]"] {
            assert_eq!(
                ResourcesFilter::parse(Some(text), Some(text)),
                ResourcesFilter::parse(None, None),
                "{text}"
            );
        }
    }

    #[test]
    fn an_item_without_lists_matches_everything() {
        assert!(filter("- {}", "").is_excluded("apps", "Deployment", "https://x"));
        assert!(filter("- null", "").is_excluded("apps", "Deployment", "https://x"));
    }

    #[test]
    fn a_value_of_another_shape_is_an_error_that_names_the_key() {
        let error = ResourcesFilter::parse(None, Some("apiGroups: [x]")).unwrap_err();
        assert!(error.starts_with("resource.inclusions:"), "{error}");
    }

    #[test]
    fn the_shipped_exclusions_came_with_version_3() {
        assert_eq!(ResourcesFilter::default_exclusions(Version { major: 2, minor: 14 }), None);
        let shipped = ResourcesFilter::default_exclusions(Version { major: 3, minor: 0 });
        let filter = ResourcesFilter::parse(shipped, None).unwrap();
        assert!(filter.is_excluded("", "Endpoints", ""));
        assert!(filter.is_excluded("cert-manager.io", "CertificateRequest", ""));
        assert!(filter.is_excluded("kyverno.io", "UpdateRequest", ""));
        assert!(!filter.is_excluded("cert-manager.io", "Certificate", ""));
    }

    #[test]
    fn written_inclusions_include_exactly_what_was_asked_for() {
        let kinds = [("apps", "Deployment"), ("", "ConfigMap"), ("apps", "ReplicaSet"), ("", "ConfigMap")];
        let yaml = ResourcesFilter::to_inclusions_yaml(kinds, &["https://a.example"]);
        let expected = "\
- apiGroups:
  - ''
  kinds:
  - ConfigMap
  clusters:
  - https://a.example
- apiGroups:
  - apps
  kinds:
  - Deployment
  - ReplicaSet
  clusters:
  - https://a.example
";
        assert_eq!(yaml, expected);
        let filter = ResourcesFilter::parse(None, Some(&yaml)).unwrap();
        assert!(kinds.iter().all(|(group, kind)| !filter.is_excluded(group, kind, "https://a.example")));
        assert!(filter.is_excluded("", "Secret", "https://a.example"));
        assert!(!filter.is_excluded("", "Secret", "https://b.example"));
    }
}
