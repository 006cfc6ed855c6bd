//! Patterns of AppProjects, matched as Argo CD matches them.

use argocd::Glob;

use super::site::{Destination, Project};

/// Whether a pattern matches a text (util/glob/glob.go: gobwas/glob without separators, so `*` crosses everything).
///
/// A pattern that can't be compiled matches nothing, as in Argo CD.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern == text || compiled(pattern, text, None)
}

/// The same where `*` stops at a slash, as in source repositories.
fn matches_path(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern == text || compiled(pattern, text, Some('/'))
}

fn compiled(pattern: &str, text: &str, separator: Option<char>) -> bool {
    Glob::with_separator(pattern, separator).is_ok_and(|glob| glob.is_match(text))
}

/// Whether it stands for more than itself.
pub(super) fn is_open(pattern: &str) -> bool {
    pattern.starts_with('!') || pattern.contains(['*', '?', '[', '{'])
}

/// `AppProject.isDestinationMatched` (pkg/apis/application/v1alpha1/app_project_types.go), its quirks included:
/// an entry `!x` that doesn't match x allows everything else.
pub(super) fn permits(project: &Project, server: &str, name: &str, namespace: &str) -> bool {
    let mut any = false;
    for Destination { server: servers, name: names, namespace: namespaces } in &project.destinations {
        let by_name = !name.is_empty() && matches_or_denies(names, name);
        let by_server = !server.is_empty() && matches_or_denies(servers, server);
        let by_namespace = matches_or_denies(namespaces, namespace);
        if (by_server || by_name) && by_namespace {
            any = true;
        } else if !by_name && is_deny(names)
            || !by_server && is_deny(servers) && by_namespace
            || !by_namespace && is_deny(namespaces) && by_server
        {
            return false;
        }
    }
    any
}

/// `AppProject.IsSourcePermitted` for a repository URL: some entry allows it and none denies it.
pub(super) fn permits_source(project: &Project, url: &str) -> bool {
    let url = normal(url);
    let (denied, allowed): (Vec<&String>, Vec<&String>) =
        project.source_repos.iter().partition(|repository| is_deny(repository));
    let hits = |pattern: &str| pattern == "*" || matches_path(&normal(pattern), &url);
    allowed.into_iter().any(|pattern| hits(pattern))
        && !denied.into_iter().any(|pattern| hits(pattern.trim_start_matches('!')))
}

fn is_deny(pattern: &str) -> bool {
    pattern.starts_with('!')
}

fn matches_or_denies(pattern: &str, text: &str) -> bool {
    match pattern.strip_prefix('!') {
        Some(denied) => !matches(denied, text),
        None => matches(pattern, text),
    }
}

/// Roughly `git.NormalizeGitURL`: without case of the host, trailing slash and `.git`.
fn normal(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{}://{}/{path}", scheme.to_lowercase(), host.to_lowercase())
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(entries: &[(&str, &str, &str)]) -> Project {
        let destination = |(server, name, namespace): &(&str, &str, &str)| Destination {
            server: (*server).to_owned(),
            name: (*name).to_owned(),
            namespace: (*namespace).to_owned(),
        };
        Project { destinations: entries.iter().map(destination).collect(), ..Project::default() }
    }

    #[test]
    fn a_star_crosses_slashes_in_servers_but_not_in_repositories() {
        assert!(permits(&project(&[("https://*", "", "*")]), "https://a.example/x", "prod", "web"));
        let sources = |repos: &[&str]| Project {
            source_repos: repos.iter().map(|r| (*r).to_owned()).collect(),
            ..Project::default()
        };
        assert!(permits_source(&sources(&["https://github.com/acme/*"]), "https://GitHub.com/acme/web.git"));
        assert!(!permits_source(&sources(&["https://github.com/acme/*"]), "https://github.com/acme/a/b"));
        assert!(!permits_source(&sources(&["*", "!https://github.com/acme/*"]), "https://github.com/acme/web"));
    }

    #[test]
    fn a_denied_namespace_denies_and_allows_everything_else() {
        let project = project(&[("*", "", "!kube-system")]);
        assert!(permits(&project, "https://a", "prod", "web"));
        assert!(!permits(&project, "https://a", "prod", "kube-system"));
    }

    #[test]
    fn an_entry_by_name_needs_no_server() {
        assert!(permits(&project(&[("", "prod", "web")]), "https://a", "prod", "web"));
        assert!(!permits(&project(&[("", "prod", "web")]), "https://a", "stage", "web"));
    }
}
