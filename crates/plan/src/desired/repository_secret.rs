//! Argo CD's repository Secrets: which URLs they are for, and whether credentials come with them.

use argocd::Secret;

/// Fields that hold credentials or say where others come from (Argo CD, util/db/repository_secrets.go, secretToRepository).
const CREDENTIALS: [&str; 9] = [
    "azureServicePrincipalClientSecret",
    "bearerToken",
    "gcpServiceAccountKey",
    "githubAppPrivateKey",
    "password",
    "sshPrivateKey",
    "tlsClientCertKey",
    "useAzureWorkloadIdentity",
    "username",
];

/// A Secret of type `repository`, or of type `repo-creds`: a template for all URLs that start so.
#[derive(Clone, Debug)]
pub(super) struct RepositorySecret {
    /// Its name in Argo CD's namespace.
    pub(super) name: String,
    /// `secretArn`: where the EKS capability finds the credentials (EKS User Guide, "Configure repository access").
    pub(super) secret_arn: Option<String>,
    url: String,
    is_template: bool,
    holds_credentials: bool,
}

impl RepositorySecret {
    /// Absent for a Secret of another type, or without URL.
    pub(super) fn of(secret: &Secret) -> Option<Self> {
        let is_template = match secret.secret_type()? {
            "repository" => false,
            "repo-creds" => true,
            _ => return None,
        };
        let filled = |key: &str| secret.text(key).filter(|text| !text.is_empty());
        Some(Self {
            name: secret.metadata.name.clone(),
            secret_arn: filled("secretArn"),
            url: normal(&filled("url")?),
            is_template,
            holds_credentials: CREDENTIALS.iter().any(|key| filled(key).is_some()),
        })
    }

    /// Whether Argo CD signs in by it, so that its own identity doesn't matter.
    fn has_credentials(&self) -> bool {
        self.holds_credentials || self.secret_arn.is_some()
    }

    fn is_for(&self, url: &str) -> bool {
        if self.is_template { url.starts_with(&self.url) } else { url == self.url }
    }
}

/// The Secret by which Argo CD signs in to a URL: the repository's own, else the template with the longest URL
/// (util/db/repository.go, enrichCredsToRepo; util/db/repository_secrets.go, getRepositoryCredentialIndex).
pub(super) fn signs_in<'s>(secrets: &'s [RepositorySecret], url: &str) -> Option<&'s RepositorySecret> {
    let url = normal(url);
    let with_credentials = secrets.iter().filter(|secret| secret.has_credentials() && secret.is_for(&url));
    with_credentials.max_by_key(|secret| (!secret.is_template, secret.url.len()))
}

/// People do write passwords into URLs; no message repeats them.
pub(super) fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let authority = rest.split('/').next().unwrap_or_default();
    let rest = rest.get(authority.rfind('@').map_or(0, |at| at + 1)..).unwrap_or_default();
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

/// As far as Argo CD's NormalizeGitURL matters here (util/git/git.go).
fn normal(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let url = without_user(url.strip_prefix("oci://").unwrap_or(&url));
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url).to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;
    use serde_json::json;

    use super::*;

    fn secret(name: &str, kind: &str, data: serde_json::Value) -> RepositorySecret {
        let labels = json!({"argocd.argoproj.io/secret-type": kind});
        let body = json!({"metadata": {"name": name, "labels": labels}, "stringData": data});
        RepositorySecret::of(&Secret::deserialize(&body).unwrap()).unwrap()
    }

    #[test]
    fn a_repository_goes_before_templates_and_the_longest_template_before_others() {
        let secrets = [
            secret("all", "repo-creds", json!({"url": "https://git.example", "password": "x"})),
            secret("team", "repo-creds", json!({"url": "https://git.example/team/", "secretArn": "arn"})),
            secret("web", "repository", json!({"url": "https://git.example/team/web.git", "username": "x"})),
            secret("open", "repository", json!({"url": "https://git.example/team/open", "type": "git"})),
        ];
        let by = |url: &str| signs_in(&secrets, url).map(|secret| secret.name.as_str());
        assert_eq!(by("https://git.example/Team/web"), Some("web"));
        assert_eq!(by("https://me:password@git.example/team/web.git"), Some("web"));
        assert_eq!(by("https://git.example/team/api"), Some("team"));
        assert_eq!(by("https://git.example/team/open"), Some("team"), "it has no credentials of its own");
        assert_eq!(by("https://git.example/other"), Some("all"));
        assert_eq!(by("https://elsewhere.example"), None);
    }
}
