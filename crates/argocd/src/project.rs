//! AppProjects: what Argo CD lets an Application deploy, and where to (pkg/apis/application/v1alpha1/app_project_types.go).
//!
//! An AppProject never narrows what Kubernetes allows: Argo CD alone looks at it.

use facts::{Place, Problem};
use manifest::Object;
use serde::Deserialize;

use crate::{
    application::{ARGOPROJ_GROUP, null_as_default},
    cluster_secret::ClusterSecret,
    glob::{self, Glob},
};

/// An AppProject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppProject {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`; absent: the namespace that it is applied to.
    pub namespace: Option<String>,
    /// `spec`
    pub spec: AppProjectSpec,
    /// Where it was written.
    pub place: Place,
}

/// What an AppProject allows. Patterns are globs; those that begin with `!` deny.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppProjectSpec {
    /// Repositories.
    #[serde(deserialize_with = "null_as_default")]
    pub source_repos: Vec<String>,
    /// Namespaces of the hub in which its Applications may be, besides Argo CD's.
    #[serde(deserialize_with = "null_as_default")]
    pub source_namespaces: Vec<String>,
    /// Clusters and namespaces.
    #[serde(deserialize_with = "null_as_default")]
    pub destinations: Vec<ProjectDestination>,
    /// Cluster-scoped kinds that are allowed; none where it is absent.
    #[serde(deserialize_with = "null_as_default")]
    pub cluster_resource_whitelist: Vec<ClusterResource>,
    /// Cluster-scoped kinds that are forbidden all the same.
    #[serde(deserialize_with = "null_as_default")]
    pub cluster_resource_blacklist: Vec<ClusterResource>,
    /// Namespaced kinds that are allowed; all where it is absent, none where it is empty.
    pub namespace_resource_whitelist: Option<Vec<GroupKind>>,
    /// Namespaced kinds that are forbidden all the same.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace_resource_blacklist: Vec<GroupKind>,
    /// Whether only clusters whose Secret names this project are destinations.
    #[serde(deserialize_with = "null_as_default")]
    pub permit_only_project_scoped_clusters: bool,
    /// Service accounts for sync impersonation; the first that matches counts.
    #[serde(deserialize_with = "null_as_default")]
    pub destination_service_accounts: Vec<DestinationServiceAccount>,
}

/// A cluster (by server or name) and a namespace, as patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProjectDestination {
    /// API server URL.
    #[serde(deserialize_with = "null_as_default")]
    pub server: String,
    /// Cluster name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Namespace.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace: String,
}

/// A cluster-scoped kind, perhaps only objects with some names. Patterns as of Go's `filepath.Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ClusterResource {
    /// API group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name, since Argo CD 3.3; empty for all.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
}

/// A namespaced kind. Patterns as of Go's `filepath.Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GroupKind {
    /// API group.
    pub group: String,
    /// Kind.
    pub kind: String,
}

/// An item of `spec.destinationServiceAccounts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DestinationServiceAccount {
    /// API server URL, a pattern.
    #[serde(deserialize_with = "null_as_default")]
    pub server: String,
    /// Namespace of the Application's destination, a pattern.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace: String,
    /// A service account's name, or its namespace and name with a colon between them.
    #[serde(deserialize_with = "null_as_default")]
    pub default_service_account: String,
}

impl AppProject {
    /// Whether an object is an AppProject.
    pub fn is_one(object: &Object<'_>) -> bool {
        object.group() == ARGOPROJ_GROUP && object.kind == "AppProject"
    }

    /// Reads an AppProject.
    ///
    /// # Errors
    /// Where it has no name or another shape.
    pub fn parse(object: &Object<'_>) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Written {
            #[serde(default, deserialize_with = "null_as_default")]
            spec: AppProjectSpec,
        }
        let Written { spec } = object.decode()?;
        let place = object.place.clone();
        let Some(name) = object.metadata.name.clone().filter(|name| !name.is_empty()) else {
            return Err(Problem::new(place, "the AppProject has no `metadata.name`").with_help("give it one"));
        };
        Ok(Self { name, namespace: object.metadata.namespace.clone(), spec, place })
    }

    /// Adds what the clusters that belong to the project open: every namespace, or those of the Secret
    /// (util/argo/argo.go, `GetAppProjectByName`). Clusters of other projects change nothing.
    #[must_use]
    pub fn with_clusters<'c>(mut self, clusters: impl IntoIterator<Item = &'c ClusterSecret>) -> Self {
        for cluster in clusters.into_iter().filter(|cluster| cluster.project.as_deref() == Some(&self.name)) {
            let all = ["*".to_owned()];
            let namespaces = if cluster.namespaces.is_empty() { all.as_slice() } else { &cluster.namespaces };
            self.spec.destinations.extend(namespaces.iter().map(|namespace| ProjectDestination {
                server: cluster.server.clone(),
                name: String::new(),
                namespace: namespace.clone(),
            }));
        }
        self
    }

    /// Whether Applications may deploy to a namespace of a cluster. `own_clusters` are the (server, name) pairs of the
    /// clusters whose Secret names this project.
    pub fn is_destination_permitted(
        &self,
        server: &str,
        cluster: &str,
        namespace: &str,
        own_clusters: &[(&str, &str)],
    ) -> bool {
        self.matches_destination(server, cluster, namespace)
            && (!self.spec.permit_only_project_scoped_clusters
                || own_clusters
                    .iter()
                    .any(|(own_server, own_name)| *own_name == cluster || *own_server == server))
    }

    /// Whether a kind may be deployed; the name counts for cluster-scoped objects only.
    pub fn is_group_kind_permitted(&self, group: &str, kind: &str, name: &str, namespaced: bool) -> bool {
        let spec = &self.spec;
        let is_kind = |item: &GroupKind| is_path_match(&item.kind, kind) && is_path_match(&item.group, group);
        let is_cluster_kind = |item: &ClusterResource| {
            is_path_match(&item.kind, kind)
                && is_path_match(&item.group, group)
                && (item.name.is_empty() || is_path_match(&item.name, name))
        };
        if namespaced {
            spec.namespace_resource_whitelist.as_ref().is_none_or(|list| list.iter().any(is_kind))
                && !spec.namespace_resource_blacklist.iter().any(is_kind)
        } else {
            spec.cluster_resource_whitelist.iter().any(is_cluster_kind)
                && !spec.cluster_resource_blacklist.iter().any(is_cluster_kind)
        }
    }

    /// Whether Applications may be rendered from a repository.
    pub fn is_source_permitted(&self, repo_url: &str) -> bool {
        let source = normalized_repository(repo_url);
        let mut any = false;
        for pattern in &self.spec.source_repos {
            match pattern.strip_prefix('!') {
                Some(denied) if is_repository_match(&normalized_repository(denied), &source) => return false,
                Some(_) => any = true,
                None => {
                    let pattern = normalized_repository(pattern);
                    any |= pattern == "*" || is_repository_match(&pattern, &source);
                }
            }
        }
        any
    }

    /// Quirks and all (`isDestinationMatched`): a `!x` that doesn't match allows, and a `!name` that matches denies
    /// whatever the namespace (argo-cd#19804, #21538).
    fn matches_destination(&self, server: &str, cluster: &str, namespace: &str) -> bool {
        let mut any = false;
        for item in &self.spec.destinations {
            let name_matched = !cluster.is_empty() && is_match(&item.name, cluster);
            let server_matched = !server.is_empty() && is_match(&item.server, server);
            let namespace_matched = is_match(&item.namespace, namespace);
            let denies = |pattern: &str| pattern.starts_with('!');
            if (server_matched || name_matched) && namespace_matched {
                any = true;
            } else if (!name_matched && denies(&item.name))
                || (!server_matched && denies(&item.server) && namespace_matched)
                || (!namespace_matched && denies(&item.namespace) && server_matched)
            {
                return false;
            }
        }
        any
    }
}

/// `globMatch` with negation.
fn is_match(pattern: &str, text: &str) -> bool {
    match pattern.strip_prefix('!') {
        Some(denied) => !glob::matches(denied, text),
        None => glob::matches(pattern, text),
    }
}

fn is_repository_match(pattern: &str, url: &str) -> bool {
    Glob::with_separator(pattern, Some('/')).is_ok_and(|glob| glob.is_match(url))
}

fn is_path_match(pattern: &str, text: &str) -> bool {
    Glob::filepath(pattern).is_some_and(|glob| glob.is_match(text))
}

/// One form for the many ways to write a Git URL (util/git/git.go, `NormalizeGitURL`): lowercase, without `.git`,
/// `git@host:path` as `git@host/path`.
///
/// Argo CD also parses the URL and prints it again, which changes only characters that URLs write in percent signs.
pub(crate) fn normalized_repository(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let bare = url.strip_prefix("ssh://");
    let is_ssh = is_ssh(&url);
    let url = match bare {
        Some(rest) => rest.to_owned(),
        None if is_ssh => url.replacen(':', "/", 1),
        None => url,
    };
    url.strip_suffix(".git").unwrap_or(&url).to_owned()
}

/// `^(ssh://)?([^/:]*?)@[^@]+$`
pub(crate) fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    rest.split_once('@')
        .is_some_and(|(user, host)| !user.contains(['/', ':']) && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A file of cases: one AppProject each, with what it permits and what it doesn't.
    #[derive(Deserialize)]
    struct Case {
        name: String,
        spec: AppProjectSpec,
        #[serde(default)]
        own_clusters: Vec<ProjectDestination>,
        #[serde(default)]
        permits: Vec<Question>,
        #[serde(default)]
        refuses: Vec<Question>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Question {
        Destination(ProjectDestination),
        Source(String),
        Cluster(ClusterResource),
        Namespaced(GroupKind),
    }

    fn answer(project: &AppProject, case: &Case, question: &Question) -> bool {
        let own: Vec<(&str, &str)> = case.own_clusters.iter().map(|c| (&*c.server, &*c.name)).collect();
        match question {
            Question::Destination(d) => {
                project.is_destination_permitted(&d.server, &d.name, &d.namespace, &own)
            }
            Question::Source(url) => project.is_source_permitted(url),
            Question::Cluster(c) => project.is_group_kind_permitted(&c.group, &c.kind, &c.name, false),
            Question::Namespaced(c) => project.is_group_kind_permitted(&c.group, &c.kind, "", true),
        }
    }

    #[test]
    fn answers_as_argo_cds_own_tests_have_it() {
        let file: Arc<str> = Arc::from("project-cases.yaml");
        let cases: Vec<Case> =
            manifest::parse(&file, include_bytes!("../tests/data/project-cases.yaml")).unwrap();
        assert!(cases.len() > 60);
        for case in &cases {
            let place = Place::file(Arc::clone(&file));
            let project = AppProject { name: "p".into(), namespace: None, spec: case.spec.clone(), place };
            assert!(!case.permits.is_empty() || !case.refuses.is_empty(), "{} asks nothing", case.name);
            for (questions, expected) in [(&case.permits, true), (&case.refuses, false)] {
                for question in questions {
                    assert_eq!(answer(&project, case, question), expected, "{}: {question:?}", case.name);
                }
            }
        }
    }

    #[test]
    fn an_absent_whitelist_is_not_an_empty_one() {
        let read = |spec: &str| {
            let text = format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: p}}\nspec: {spec}\n"
            );
            let mut projects = Vec::new();
            manifest::read(&Arc::from("p.yaml"), text.as_bytes(), &mut |object| {
                projects.push(AppProject::parse(&object.unwrap()).unwrap());
            });
            projects.remove(0)
        };
        let permitted = |spec: &str| read(spec).is_group_kind_permitted("apps", "Deployment", "", true);
        assert!(permitted("{}"));
        assert!(permitted("{namespaceResourceWhitelist: null}"));
        assert!(!permitted("{namespaceResourceWhitelist: []}"));
    }

    #[test]
    fn a_cluster_of_the_project_opens_itself() {
        let project = AppProject {
            name: "payments".into(),
            namespace: None,
            spec: AppProjectSpec::default(),
            place: Place::file("p.yaml"),
        };
        let cluster = |server: &str, project: &str, namespaces: &[&str]| ClusterSecret {
            server: server.into(),
            project: Some(project.into()),
            namespaces: namespaces.iter().map(|n| (*n).to_owned()).collect(),
            ..ClusterSecret::default()
        };
        let clusters = [
            cluster("https://a", "payments", &[]),
            cluster("https://b", "payments", &["web"]),
            cluster("https://c", "other", &[]),
        ];
        let project = project.with_clusters(&clusters);
        let permitted = |server, namespace| project.is_destination_permitted(server, "", namespace, &[]);
        assert!(permitted("https://a", "kube-system") && permitted("https://b", "web"));
        assert!(!permitted("https://b", "kube-system") && !permitted("https://c", "web"));
    }

    #[test]
    fn ways_to_write_one_repository_are_one() {
        for (one, other) in [
            ("https://github.com/argoproj/test.git", "https://GitHub.com/argoproj/test"),
            ("git@github.com:argoproj/test.git", "ssh://git@github.com/argoproj/test"),
            ("  https://github.com/x ", "https://github.com/x"),
        ] {
            assert_eq!(normalized_repository(one), normalized_repository(other));
        }
    }
}
