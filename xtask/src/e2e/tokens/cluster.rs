//! A cluster as EKS runs it: a real API server, with EKS's authenticator and authorizer before it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::Output,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::aws::Aws;
use crate::e2e::{apiserver::ApiServer, go, server::Server, suite::Ground};

/// How long EKS may take until it knows about an access entry; here it takes a second.
const KNOWN_WITHIN: Duration = Duration::from_secs(30);

/// A cluster's ARN, in parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::e2e) struct Arn {
    pub(in crate::e2e) region: String,
    pub(in crate::e2e) account: String,
    pub(in crate::e2e) name: String,
}

/// A running cluster. It ends when this is dropped.
pub(in crate::e2e) struct Cluster<'a> {
    aws: &'a Aws,
    api: ApiServer,
    eks: Server,
    /// What isn't EKS's own code.
    pub(in crate::e2e) emulated: Vec<String>,
}

/// Whom the API server takes somebody for.
#[derive(Debug, Deserialize)]
pub(in crate::e2e) struct User {
    pub(in crate::e2e) username: String,
    pub(in crate::e2e) groups: Vec<String>,
    #[serde(default)]
    extra: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Ready {
    authentication: PathBuf,
    authorization: PathBuf,
    emulated: Vec<String>,
}

impl Arn {
    pub(in crate::e2e) fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split(':').skip(3).map(str::to_owned);
        let (region, account, resource) = (parts.next(), parts.next(), parts.next());
        let name = resource.as_deref().and_then(|text| text.strip_prefix("cluster/")).map(str::to_owned);
        match (region, account, name) {
            (Some(region), Some(account), Some(name)) => Ok(Self { region, account, name }),
            _ => bail!("`{text}` is not a cluster's ARN"),
        }
    }
}

impl<'a> Cluster<'a> {
    /// Starts one for a cluster that the AWS API server knows. All that Kubernetes remembers of answers is switched off.
    pub(in crate::e2e) fn start(ground: &Ground<'_>, aws: &'a Aws, arn: &Arn) -> Result<Self> {
        let name = format!("{}-{}-{}", arn.account, arn.region, arn.name);
        let folder = ground.folder.join(&name);
        let program = go::program(ground.workspace, "eks")?;
        let mut command = aws.environment.command_by_name(program, &arn.region);
        command
            .env("AWS_ENDPOINT_URL", &aws.environment.server.endpoint)
            .arg("--dir")
            .arg(folder.join("eks"))
            .args(["--account", &arn.account, "--region", &arn.region, "--cluster", &arn.name])
            .arg("--access-policies")
            .arg(ground.workspace.root.join("crates/rbac/src/access_policy/policies.json"));
        let (eks, ready) = Server::start::<Ready>("eks", &mut command, &folder)?;
        let flags = [
            format!("--authentication-token-webhook-config-file={}", ready.authentication.display()),
            "--authentication-token-webhook-version=v1".to_owned(),
            "--authentication-token-webhook-cache-ttl=0s".to_owned(),
            // Beside RBAC, which is there already.
            "--authorization-mode=Webhook".to_owned(),
            format!("--authorization-webhook-config-file={}", ready.authorization.display()),
            "--authorization-webhook-version=v1".to_owned(),
            "--authorization-webhook-cache-authorized-ttl=0s".to_owned(),
            "--authorization-webhook-cache-unauthorized-ttl=0s".to_owned(),
        ];
        let api = ApiServer::start(ground, &name, &[], &flags)?;
        Ok(Self { aws, api, eks, emulated: ready.emulated })
    }

    /// For whoever wants to call the API server without us.
    pub(in crate::e2e) fn api(&self) -> &ApiServer {
        &self.api
    }

    /// Runs kubectl as somebody in `system:masters`, who may everything.
    pub(in crate::e2e) fn admin(&self, arguments: &[&str]) -> Result<()> {
        let output = self.kubectl(None, arguments)?;
        ensure!(output.status.success(), "kubectl {arguments:?}: {}", said(&output));
        Ok(())
    }

    /// Requires that whoever has the token may do this; what kubectl prints.
    pub(in crate::e2e) fn allows(&self, token: &str, arguments: &[&str]) -> Result<String> {
        let output = self.kubectl(Some(token), arguments)?;
        ensure!(output.status.success(), "kubectl {arguments:?}: {}", said(&output));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Requires that he may not, for this reason.
    pub(in crate::e2e) fn forbids(&self, token: &str, arguments: &[&str], why: &str) -> Result<()> {
        let output = self.kubectl(Some(token), arguments)?;
        let refused = !output.status.success() && said(&output).contains(why);
        ensure!(refused, "kubectl {arguments:?} should be refused ({why}): {}", said(&output));
        Ok(())
    }

    /// What `kubectl auth can-i` says.
    pub(in crate::e2e) fn may(&self, token: &str, question: &[&str]) -> Result<bool> {
        self.asks(Some(token), question)
    }

    /// The same as somebody in `system:masters` is told about whom he impersonates.
    pub(in crate::e2e) fn admin_asks(&self, question: &[&str]) -> Result<bool> {
        self.asks(None, question)
    }

    /// Waits until he may: the API server and EKS learn of changes a little later.
    pub(in crate::e2e) fn may_soon(&self, token: &str, question: &[&str]) -> Result<()> {
        soon(|| Ok(self.may(token, question)?.then_some(())))
            .with_context(|| format!("never allowed: {question:?}"))
    }

    fn asks(&self, token: Option<&str>, question: &[&str]) -> Result<bool> {
        let arguments: Vec<_> = ["auth", "can-i"].iter().chain(question).copied().collect();
        let output = self.kubectl(token, &arguments)?;
        match String::from_utf8_lossy(&output.stdout).trim() {
            "yes" => Ok(true),
            answer if answer.starts_with("no") => Ok(false),
            _ => bail!("kubectl {arguments:?}: {}", said(&output)),
        }
    }

    /// Runs kubectl as whoever has the token, or as somebody in `system:masters`, whatever comes of it.
    pub(in crate::e2e) fn kubectl(&self, token: Option<&str>, arguments: &[&str]) -> Result<Output> {
        let mut command = self.aws.environment.command(&self.aws.kubectl, "");
        match token {
            Some(token) => {
                command.arg("--server").arg(&self.api.url).arg("--certificate-authority").arg(&self.api.ca);
                // It would find no user in a kubeconfig, and ask for a password.
                command.args(["--kubeconfig", "/dev/null", "--token", token])
            }
            None => command.arg("--kubeconfig").arg(&self.api.kubeconfig),
        };
        command.args(arguments).output().context("cannot start kubectl")
    }

    /// Whom the API server takes the token's bearer for: nobody where it answers 401.
    pub(in crate::e2e) fn user(&self, token: &str) -> Result<Option<User>> {
        #[derive(Deserialize)]
        struct Review {
            status: Status,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Status {
            user_info: User,
        }
        let output = self.kubectl(Some(token), &["auth", "whoami", "-o", "json"])?;
        if output.status.success() {
            let review: Review = serde_json::from_slice(&output.stdout)?;
            return Ok(Some(review.status.user_info));
        }
        ensure!(said(&output).contains("Unauthorized"), "kubectl auth whoami: {}", said(&output));
        Ok(None)
    }

    /// The same, as soon as EKS knows about the access entry, as it is wanted.
    pub(in crate::e2e) fn user_soon(&self, token: &str, wanted: impl Fn(&User) -> bool) -> Result<User> {
        soon(|| Ok(self.user(token)?.filter(&wanted)))
            .with_context(|| format!("the authenticator's log: {}", self.eks.log().display()))
    }

    /// Waits until EKS knows that the access entry is gone.
    pub(in crate::e2e) fn nobody_soon(&self, token: &str) -> Result<()> {
        soon(|| Ok(self.user(token)?.is_none().then_some(())))
    }

    /// Requires a 401, and that the authenticator says why. What it says is from its pkg/token and pkg/server.
    pub(in crate::e2e) fn refuses(&self, token: &str, why: &str) -> Result<()> {
        let before = fs::read_to_string(self.eks.log())?.len();
        let user = self.user(token)?;
        ensure!(user.is_none(), "401 expected ({why}), and the bearer is {user:?}");
        let log = fs::read_to_string(self.eks.log())?;
        let said = log.get(before..).unwrap_or_default();
        ensure!(said.contains(why), "401 as expected, but not since `{why}`:\n{said}");
        Ok(())
    }
}

impl User {
    /// What `{{SessionName}}` in an access entry's user name stands for.
    pub(in crate::e2e) fn session(&self) -> &str {
        self.extra.get("sessionName").and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// The groups without the one that everybody is in who is somebody.
    pub(in crate::e2e) fn own_groups(&self) -> Vec<&str> {
        self.groups.iter().map(String::as_str).filter(|group| *group != "system:authenticated").collect()
    }
}

/// Asks again until there is an answer.
pub(in crate::e2e) fn soon<T>(mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + KNOWN_WITHIN;
    loop {
        match ask()? {
            Some(answer) => return Ok(answer),
            None if Instant::now() > deadline => bail!("not within {} s", KNOWN_WITHIN.as_secs()),
            None => thread::sleep(Duration::from_millis(100)),
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
