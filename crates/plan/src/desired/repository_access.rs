//! AWS credentials for sources: exactly what reads them, and nothing where Argo CD couldn't use it.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Finding, RoleArn, Severity};
use fleet::{CredentialUse, Install};
use iam::{Document, Statement};

use super::{
    repository_url::Source,
    site::Site,
    trust::ServiceAccount,
    wanted::{BeyondGrant, Wanted, role_id},
};

/// Actions for which IAM knows no resource (Service Authorization Reference).
const ONLY_STAR: [&str; 3] = ["ecr:GetAuthorizationToken", "codecommit:ListRepositories", "tag:GetResources"];

/// A service account of the hub that uses AWS credentials itself, and its policy.
pub(super) struct Consumer {
    pub(super) account: ServiceAccount,
    /// Names the policy: `read-s3`.
    pub(super) what: &'static str,
    pub(super) policy: Document,
}

/// What the fleet file names under `credentials`.
pub(super) fn consumers(site: &Site<'_>) -> Vec<Consumer> {
    if site.fleet.hub.argocd.install == Install::EksCapability {
        return Vec::new();
    }
    let consumer = |consumer: &fleet::CredentialConsumer| {
        let account =
            ServiceAccount { namespace: consumer.namespace.clone(), name: consumer.service_account.clone() };
        let (what, statements) = statements_of(site, &consumer.uses);
        Consumer { account, what, policy: Document { statements } }
    };
    site.fleet.credentials.iter().map(consumer).collect()
}

fn statements_of(site: &Site<'_>, uses: &CredentialUse) -> (&'static str, Vec<Statement>) {
    let arns = |arns: &[facts::Arn]| arns.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    match uses {
        CredentialUse::S3 { bucket, prefix } => {
            let objects = format!("arn:{}:s3:::{bucket}/{prefix}*", site.hub().partition);
            ("read-s3", vec![on("ReadObjects", ["s3:GetObject"], BTreeSet::from([objects]))])
        }
        CredentialUse::Ecr { repositories } => ("pull-from-ecr", pull(arns(repositories))),
        CredentialUse::CodeCommit { repositories } => ("find-in-codecommit", find(arns(repositories))),
        CredentialUse::SecretsManager { secrets } => {
            ("read-secrets", vec![on("ReadSecrets", ["secretsmanager:GetSecretValue"], arns(secrets))])
        }
    }
}

/// Logging in and pulling (ECR User Guide, "IAM policies for pulling"): the token is for the whole registry.
fn pull(repositories: BTreeSet<String>) -> Vec<Statement> {
    vec![
        on("LogIn", ["ecr:GetAuthorizationToken"], star()),
        on("Pull", ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repositories),
    ]
}

/// What the ApplicationSet controller's generator calls (applicationset/services/scm_provider/aws_codecommit.go):
/// listing all repositories, or those with a tag, and then reading each.
fn find(repositories: BTreeSet<String>) -> Vec<Statement> {
    vec![
        on("ListRepositories", ["codecommit:ListRepositories", "tag:GetResources"], star()),
        on(
            "ReadRepositories",
            ["codecommit:GetFolder", "codecommit:GetRepository", "codecommit:ListBranches"],
            repositories,
        ),
    ]
}

/// The policy of the capability's role: what its Applications' sources need (EKS User Guide, "Configure repository access").
pub(super) fn capability(site: &Site<'_>) -> Option<Document> {
    let sources: BTreeSet<Source> = urls(site).keys().filter_map(|url| source(site, url)).collect();
    let partition = site.hub().partition.as_str();
    let arns = |kind: fn(&Source) -> bool| -> BTreeSet<String> {
        sources.iter().filter(|source| kind(source)).filter_map(|source| source.arn(partition)).collect()
    };
    let connections = arns(|source| matches!(source, Source::CodeConnections { .. }));
    let commits = arns(|source| matches!(source, Source::CodeCommit { .. }));
    let images = arns(|source| matches!(source, Source::Ecr { .. }));
    let secrets = site.repository_secrets.iter().map(|secret| secret.secret.clone()).collect();

    let mut statements = vec![
        on("UseConnections", ["codeconnections:GetConnection", "codeconnections:UseConnection"], connections),
        on("PullCommits", ["codecommit:GitPull"], commits),
        on("ReadCredentials", ["secretsmanager:GetSecretValue"], secrets),
    ];
    if !images.is_empty() {
        statements.extend(pull(images));
    }
    statements.retain(|statement| !statement.resources.is_empty());
    (!statements.is_empty()).then_some(Document { statements })
}

/// Sources in AWS that self-managed Argo CD can't read with an IAM identity, and that no consumer is named for.
pub(super) fn report(site: &Site<'_>, wanted: &mut Wanted) {
    let capability = site.fleet.hub.argocd.install == Install::EksCapability;
    for (url, apps) in urls(site) {
        let Some(source) = source(site, &url) else { continue };
        if capability && source.is_read_by_the_capability() || !capability && is_consumed(site, &source) {
            continue;
        }
        let who = if capability { "the EKS capability" } else { "self-managed Argo CD" };
        let message = format!(
            "{who} has no code that reads {} with AWS credentials, so no IAM permission helps with `{url}` of {}",
            source.service(),
            apps.join(", ")
        );
        let mut finding = Finding::new("source-cannot-use-iam", Severity::Warning, message);
        finding.help.extend(source.help().iter().map(|help| (*help).to_owned()));
        wanted.findings.push(finding);
    }
}

fn is_consumed(site: &Site<'_>, source: &Source) -> bool {
    let Some(arn) = source.arn(site.hub().partition.as_str()) else { return false };
    site.fleet.credentials.iter().any(|consumer| match &consumer.uses {
        CredentialUse::S3 { bucket, prefix } => arn
            .strip_prefix(&format!("arn:{}:s3:::{bucket}/", site.hub().partition))
            .is_some_and(|key| key.starts_with(prefix.as_str()) || prefix.trim_end_matches('/') == key),
        CredentialUse::Ecr { repositories } => {
            repositories.iter().any(|repository| repository.to_string() == arn)
        }
        // The generator only finds repositories, and secrets are no source: neither lets Argo CD read one.
        CredentialUse::CodeCommit { .. } | CredentialUse::SecretsManager { .. } => false,
    })
}

/// A CodeCommit URL means a repository of the hub's account.
fn source(site: &Site<'_>, url: &str) -> Option<Source> {
    Some(Source::of(url)?.in_account(site.hub().account.as_str()))
}

/// Every source, with the Applications that use it.
fn urls<'a>(site: &'a Site<'_>) -> BTreeMap<String, Vec<&'a str>> {
    let mut urls: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for app in &site.applications {
        for source in app.sources() {
            let url = source.repo_url.trim_end_matches('/');
            // A Helm registry in ECR has one repository for each chart.
            let url =
                if source.chart.is_empty() { url.to_owned() } else { format!("{url}/{}", source.chart) };
            urls.entry(url).or_default().push(app.name());
        }
    }
    urls
}

/// Lists what a consumer's policy allows on `*`.
pub(super) fn say_what_is_wide(consumer: &Consumer, role: &RoleArn, wanted: &mut Wanted) {
    say(&consumer.policy, role, wanted);
}

/// The same for the capability's role.
pub(super) fn say_what_is_wide_for_capability(
    policy: &Option<Document>,
    role: &RoleArn,
    wanted: &mut Wanted,
) {
    if let Some(policy) = policy {
        say(policy, role, wanted);
    }
}

fn say(policy: &Document, role: &RoleArn, wanted: &mut Wanted) {
    let wide = policy.statements.iter().filter(|statement| statement.resources.contains("*"));
    for action in wide.flat_map(|statement| &statement.actions) {
        debug_assert!(ONLY_STAR.contains(&action.as_str()));
        wanted.beyond.push(BeyondGrant {
            object: role_id(role),
            grant: format!("{action} on *"),
            reason: format!("IAM knows no resource for {action}: it takes only `*`"),
            expansion: Vec::new(),
        });
    }
}

fn on<const N: usize>(sid: &str, actions: [&str; N], resources: BTreeSet<String>) -> Statement {
    Statement::allow(sid, actions).on(resources)
}

fn star() -> BTreeSet<String> {
    BTreeSet::from(["*".to_owned()])
}
