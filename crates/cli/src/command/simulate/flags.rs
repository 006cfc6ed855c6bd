//! One request, by flags and files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use facts::Problem;
use iam::{Context, ContextValue, Kind, Layers, Parsed, Policy, Principal, Request};

use crate::input::{Refused, problem_in, read_policy};

/// A request by flags. Each policy is a file with its document, and is named after the file.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// Who asks: an ARN of IAM or STS, an AWS service, an identity provider, or `anonymous`
    #[arg(long, value_name = "ARN|NAME", requires = "action")]
    principal: Option<String>,
    /// What is asked for, for example `s3:GetObject`
    #[arg(long, requires = "principal")]
    action: Option<String>,
    /// What it is asked of: an ARN, or `*`
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,
    /// Whose the resource is, where its ARN doesn't say
    #[arg(long, value_name = "ACCOUNT")]
    resource_account: Option<String>,
    /// A key of the request's context; more than once for several values
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// Keys that aren't given are unknown, not absent
    #[arg(long)]
    open_context: bool,
    /// A policy of the user or role
    #[arg(long, value_name = "FILE")]
    identity_policy: Vec<PathBuf>,
    /// The permissions boundary of the user or role
    #[arg(long, value_name = "FILE")]
    permissions_boundary: Option<PathBuf>,
    /// A policy that was passed when the session was made
    #[arg(long, value_name = "FILE")]
    session_policy: Vec<PathBuf>,
    /// The policy of the resource
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// The trust policy of the role that is to be assumed
    #[arg(long, value_name = "FILE")]
    trust_policy: Option<PathBuf>,
    /// The service control policies of one level, from the root to the account, separated by commas
    #[arg(long, value_name = "FILE,…", value_parser = files)]
    scp: Vec<Files>,
    /// The resource control policies of one level, from the root to the account, separated by commas
    #[arg(long, value_name = "FILE,…", value_parser = files)]
    rcp: Vec<Files>,
    /// The policy of the VPC endpoint
    #[arg(long, value_name = "FILE")]
    endpoint_policy: Vec<PathBuf>,
}

/// The files of one level.
#[derive(Clone, Debug)]
struct Files(Vec<PathBuf>);

impl Flags {
    /// The request, if there is one.
    pub(super) fn read(&self) -> Result<Option<(Request, Layers)>, Refused> {
        let (Some(principal), Some(action)) = (&self.principal, &self.action) else { return Ok(None) };
        let mut reader = Reader::default();
        let layers = Layers {
            identity: reader.all(&self.identity_policy, Kind::Identity),
            boundary: reader.one(self.permissions_boundary.as_ref(), Kind::Identity),
            session: reader.all(&self.session_policy, Kind::Identity),
            resource: reader.one(self.resource_policy.as_ref(), Kind::Resource),
            trust: reader.one(self.trust_policy.as_ref(), Kind::Trust),
            scps: self.scp.iter().map(|Files(level)| reader.all(level, Kind::ServiceControl)).collect(),
            rcps: self.rcp.iter().map(|Files(level)| reader.all(level, Kind::ResourceControl)).collect(),
            endpoint: reader.all(&self.endpoint_policy, Kind::Endpoint),
        };
        Refused::unless_empty(reader.problems, reader.files)?;
        let account = self.resource_account.as_deref();
        let request = Request::new(who(principal), action, &self.resource, account, self.context());
        Ok(Some((request, layers)))
    }

    fn context(&self) -> Context {
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in &self.context {
            keys.entry(key.clone()).or_default().push(value.clone());
        }
        let keys = keys.into_iter().map(|(key, mut values)| match (values.len(), values.pop()) {
            (1, Some(value)) => (key, ContextValue::One(value)),
            (_, last) => {
                values.extend(last);
                (key, ContextValue::Many(values))
            }
        });
        if self.open_context { Context::open(keys) } else { Context::complete(keys) }
    }
}

/// A principal, by how its name looks.
fn who(name: &str) -> Principal {
    let is_provider = name.contains(":oidc-provider/") || name.contains(":saml-provider/");
    let is_service = name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
    match name {
        "anonymous" => Principal::anonymous(),
        "cognito-identity.amazonaws.com" => Principal::federated(name),
        _ if is_service => Principal::service(name),
        _ if name.starts_with("arn:") && !is_provider => Principal::aws(name),
        _ => Principal::federated(name),
    }
}

#[derive(Default)]
struct Reader {
    files: usize,
    problems: Vec<Problem>,
}

impl Reader {
    fn all(&mut self, paths: &[PathBuf], kind: Kind) -> Vec<Arc<Policy>> {
        paths.iter().filter_map(|path| self.policy(path, kind)).collect()
    }

    fn one(&mut self, path: Option<&PathBuf>, kind: Kind) -> Option<Arc<Policy>> {
        path.and_then(|path| self.policy(path, kind))
    }

    fn policy(&mut self, path: &Path, kind: Kind) -> Option<Arc<Policy>> {
        self.files += 1;
        let text = match read_policy(path) {
            Ok(text) => text,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let parsed = Parsed::of_text(&text, kind);
        let refused = parsed.problems.iter().filter(|problem| problem.reason.is_refused());
        self.problems.extend(refused.map(|problem| problem_in(path, &text, problem)));
        Some(Arc::new(Policy::new(&path.display().to_string(), &parsed.document)))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it should look like `aws:SourceIp=10.0.0.1`")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "clap's parsers can fail")]
fn files(text: &str) -> Result<Files, String> {
    Ok(Files(text.split(',').map(PathBuf::from).collect()))
}
