//! AWS credentials for sources: exactly what reads them, and nothing where Argo CD couldn't use it.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Arn, Finding, RoleArn, Severity};
use fleet::{CredentialUse, Install};
use iam::{Document, Statement};

use super::{
    repository_secret::{self, RepositorySecret},
    repository_url::Source,
    revision::lists_tags,
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
        Consumer { account, what, policy: Document::new(statements) }
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
        CredentialUse::SecretsManager { secrets, kms_keys } => {
            let mut statements = vec![on("ReadSecrets", ["secretsmanager:GetSecretValue"], arns(secrets))];
            statements.extend(decrypt_all(kms_keys, secrets));
            ("read-secrets", statements)
        }
    }
}

/// Logging in and pulling (ECR User Guide, "IAM policies for pulling"): the token is for the whole registry.
pub(super) fn pull(repositories: BTreeSet<String>) -> Vec<Statement> {
    vec![on("LogIn", ["ecr:GetAuthorizationToken"], star()), on("Pull", PULL, repositories)]
}

/// What pulling from one repository takes.
pub(super) const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Decrypting secrets with KMS keys of one region, and nothing else with these keys: only through Secrets Manager there, and
/// only these secrets (Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager").
pub(super) fn decrypt(
    sid: &str,
    keys: BTreeSet<String>,
    region: &str,
    secrets: BTreeSet<String>,
) -> Statement {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    on(sid, ["kms:Decrypt"], keys)
        .when("StringEquals", "kms:ViaService", [format!("secretsmanager.{region}.{suffix}")])
        .when("StringEquals", "kms:EncryptionContext:SecretARN", secrets)
}

/// The same for any keys and secrets: each key opens the secrets of its region.
pub(super) fn decrypt_all(keys: &[Arn], secrets: &[Arn]) -> Vec<Statement> {
    let mut regions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for key in keys {
        regions.entry(&key.region).or_default().insert(key.to_string());
    }
    let statement = |(number, (region, keys)): (usize, (&str, BTreeSet<String>))| {
        let there = secrets.iter().filter(|secret| secret.region == region).map(ToString::to_string);
        decrypt(&numbered("DecryptCredentials", number), keys, region, there.collect())
    };
    regions.into_iter().enumerate().map(statement).collect()
}

/// Statement ids must differ within a policy.
pub(super) fn numbered(sid: &str, number: usize) -> String {
    if number == 0 { sid.to_owned() } else { format!("{sid}{}", number + 1) }
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

/// A source in AWS that Applications are rendered from.
pub(super) struct UsedSource<'a> {
    pub(super) source: Source,
    /// With the chart's name, where there is one.
    pub(super) url: String,
    /// Names of the Applications.
    pub(super) apps: BTreeSet<&'a str>,
    /// Whether Argo CD lists its tags to find a revision.
    pub(super) lists_tags: bool,
    /// The repository Secret that has credentials for it.
    pub(super) secret: Option<&'a RepositorySecret>,
}

/// The sources in AWS, by URL.
pub(super) fn used<'a>(site: &'a Site<'_>) -> Vec<UsedSource<'a>> {
    let mut used: BTreeMap<String, UsedSource<'a>> = BTreeMap::new();
    for app in &site.applications {
        for written in app.sources() {
            let chart = !written.chart.is_empty();
            let url = written.repo_url.trim_end_matches('/');
            // A Helm registry in ECR has one repository for each chart.
            let full = if chart { format!("{url}/{}", written.chart) } else { url.to_owned() };
            let Some(source) = Source::of(&full) else { continue };
            let full = repository_secret::without_user(&full);
            let entry = used.entry(full.clone()).or_insert_with(|| UsedSource {
                source: source.in_account(site.hub().account.as_str()),
                url: full,
                apps: BTreeSet::new(),
                lists_tags: false,
                secret: repository_secret::signs_in(&site.repository_secrets, url),
            });
            entry.apps.insert(app.name());
            entry.lists_tags |= lists_tags(chart, &written.target_revision);
        }
    }
    used.into_values().collect()
}

/// Sources in AWS that Argo CD can't read with an IAM identity, and that it has no other credentials for.
pub(super) fn report(site: &Site<'_>, wanted: &mut Wanted) {
    let capability = site.fleet.hub.argocd.install == Install::EksCapability;
    for used in used(site) {
        if capability && used.source.is_read_by_the_capability()
            || !capability && is_consumed(site, &used.source)
        {
            continue;
        }
        wanted.findings.extend(unreadable(&used, capability));
    }
}

fn unreadable(used: &UsedSource<'_>, capability: bool) -> Option<Finding> {
    let apps = used.apps.iter().copied().collect::<Vec<_>>().join(", ");
    let mut finding = match (used.secret, &used.source) {
        (Some(secret), Source::Ecr { .. }) => {
            let message = format!(
                "repository Secret `{}` holds a token for `{}` of {apps}, which ECR lets expire after 12 hours, \
                 and nothing that the fleet file names renews it",
                secret.name, used.url
            );
            Finding::new("ecr-token-expires", Severity::Warning, message)
        }
        // Git credentials of an IAM user, or an SSH key.
        (Some(_), Source::CodeCommit { .. }) => return None,
        _ => {
            let who = if capability { "the EKS capability" } else { "self-managed Argo CD" };
            let message = format!(
                "{who} has no code that reads {} with AWS credentials, so no IAM permission helps with `{}` of {apps}",
                used.source.service(),
                used.url
            );
            Finding::new("source-cannot-use-iam", Severity::Warning, message)
        }
    };
    finding.help.extend(used.source.help().iter().map(|help| (*help).to_owned()));
    Some(finding)
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

/// Lists what a policy allows on `*`.
pub(super) fn say_what_is_wide(policy: &Document, role: &RoleArn, wanted: &mut Wanted) {
    let wide = policy
        .statements
        .iter()
        .filter(|statement| statement.listed_resources().any(|resource| resource == "*"));
    for action in wide.flat_map(|statement| statement.actions.listed()) {
        debug_assert!(ONLY_STAR.contains(&action.as_str()));
        wanted.beyond.push(BeyondGrant {
            object: role_id(role),
            grant: format!("{action} on *"),
            reason: format!("IAM knows no resource for {action}: it takes only `*`"),
            expansion: Vec::new(),
        });
    }
}

/// An Allow of actions on resources.
pub(super) fn on<const N: usize>(sid: &str, actions: [&str; N], resources: BTreeSet<String>) -> Statement {
    Statement::allow(sid, actions).on(resources)
}

fn star() -> BTreeSet<String> {
    BTreeSet::from(["*".to_owned()])
}
