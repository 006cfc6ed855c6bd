//! A real kube-apiserver with etcd and the controllers that a sync depends on: `tests/e2e/apiserver`.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use serde::Deserialize;

use super::{go, server::Server, suite::Ground};

/// A running API server. It ends when this is dropped.
pub(super) struct ApiServer {
    /// `https://127.0.0.1:…`
    pub(super) url: String,
    /// The file with its certificate authority.
    pub(super) ca: PathBuf,
    /// Of somebody in `system:masters`, whom the audit log leaves out.
    pub(super) kubeconfig: PathBuf,
    /// The audit log.
    pub(super) audit: PathBuf,
    server: Server,
}

/// Somebody whom the API server knows by a static token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) user: String,
    pub(super) groups: Vec<String>,
}

#[derive(Deserialize)]
struct Ready {
    server: String,
    ca: PathBuf,
    kubeconfig: PathBuf,
    audit: PathBuf,
}

impl ApiServer {
    /// Starts one in a folder of its own below the suite's. `flags` are kube-apiserver's own, after ours.
    pub(super) fn start(ground: &Ground<'_>, name: &str, tokens: &[Token], flags: &[String]) -> Result<Self> {
        let program = go::program(ground.workspace, "apiserver")?;
        let folder = ground.folder.join(name);
        fs::create_dir_all(&folder)?;
        let file = folder.join("identities.csv");
        fs::write(&file, csv(tokens))?;
        let mut command = Command::new(program);
        command.arg("--dir").arg(&folder).arg("--tokens").arg(&file).arg("--").args(flags);
        let (server, ready) = Server::start::<Ready>("apiserver", &mut command, &folder)?;
        let Ready { server: url, ca, kubeconfig, audit } = ready;
        Ok(Self { url, ca, kubeconfig, audit, server })
    }

    /// Where it says what goes wrong.
    pub(super) fn log(&self) -> &Path {
        self.server.log()
    }

    /// A kubeconfig for somebody with a token, as a file beside the admin's.
    pub(super) fn kubeconfig_of(&self, token: &Token) -> Result<PathBuf> {
        let path = self.kubeconfig.with_file_name(format!("kubeconfig-{}", token.token));
        let ca = self.ca.display();
        let (url, token) = (&self.url, &token.token);
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: e2e\n\
             clusters: [{{name: e2e, cluster: {{server: \"{url}\", certificate-authority: \"{ca}\"}}}}]\n\
             users: [{{name: e2e, user: {{token: \"{token}\"}}}}]\n\
             contexts: [{{name: e2e, context: {{cluster: e2e, user: e2e}}}}]\n"
        );
        fs::write(&path, text)?;
        Ok(path)
    }
}

impl Token {
    /// A service account's, with the groups that the API server would give it.
    pub(super) fn of_service_account(namespace: &str, name: &str) -> Self {
        Self {
            token: format!("{namespace}-{name}"),
            user: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        }
    }
}

/// `token,user,uid,"group,…"`, as `--token-auth-file` wants it.
fn csv(tokens: &[Token]) -> String {
    tokens.iter().fold(String::new(), |mut text, Token { token, user, groups }| {
        let _ = writeln!(text, "{token},{user},{user},\"{}\"", groups.join(","));
        text
    })
}
