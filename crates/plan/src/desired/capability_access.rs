//! What the EKS capability's role needs to read the Applications' sources, per resource.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Arn, Finding, Gap, RoleArn, Severity};
use iam::{Document, Principals, Statement};

use super::{
    repository_access::{PULL, UsedSource, decrypt, decrypt_all, numbered, on, pull, say_what_is_wide, used},
    repository_url::Source,
    site::Site,
    wanted::{BeyondGrant, Wanted, role_id},
};

const GET_SECRET: [&str; 1] = ["secretsmanager:GetSecretValue"];

/// The policy of the capability's role (EKS User Guide, "Configure repository access"), and what other accounts must do.
pub(super) fn policy(site: &Site<'_>, role: &RoleArn, wanted: &mut Wanted) -> Option<Document> {
    let mut sources = used(site);
    sources.retain(|used| match used.secret {
        Some(secret) if used.source.is_read_by_the_capability() => {
            wanted.note(
                "source-has-its-own-credentials",
                format!(
                    "Argo CD signs in to `{}` by repository Secret `{}`: the capability's role gets nothing for it",
                    used.url, secret.name
                ),
            );
            false
        }
        _ => true,
    });
    let mut statements = connections(site, role, &sources, wanted);
    statements.push(on("PullCommits", ["codecommit:GitPull"], arns(site, &sources, is_code_commit)));
    statements.extend(secrets(site, role, wanted));
    statements.extend(images(site, role, &sources, wanted));
    statements.retain(|statement| statement.listed_resources().next().is_some());
    let policy = Document::new(statements);
    say_what_is_wide(&policy, role, wanted);
    (!policy.statements.is_empty()).then_some(policy)
}

/// Using connections. A connection keeps the service that it was made with, `codestar-connections` before 2024, and the
/// actions must have the prefix of its ARN (Developer Tools console User Guide, "Identity and access management").
fn connections(
    site: &Site<'_>,
    role: &RoleArn,
    sources: &[UsedSource<'_>],
    wanted: &mut Wanted,
) -> Vec<Statement> {
    let named = &site.fleet.hub.argocd.repository_access.connections;
    let mut of_service: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for arn in arns(site, sources, |used| matches!(used.source, Source::CodeConnections { .. })) {
        let Ok(told) = arn.parse::<Arn>() else { continue };
        let same = |own: &&Arn| {
            (&own.region, &own.account, &own.resource) == (&told.region, &told.account, &told.resource)
        };
        let known = named.iter().find(same);
        if known.is_none() && told.service == "codeconnections" {
            wanted.note("connection-taken-as-codeconnections", taken(&told));
        }
        let connection = known.unwrap_or(&told);
        if connection.account != site.hub().account.as_str() {
            wanted.findings.push(shared(connection, site));
        }
        wanted.beyond.push(BeyondGrant {
            object: role_id(role),
            grant: format!("{}:UseConnection on {connection}", connection.service),
            reason: "a connection reaches every repository that it was given on the Git server, and AWS documents no \
                     condition that limits the EKS capability to some"
                .to_owned(),
            expansion: Vec::new(),
        });
        of_service.entry(connection.service.clone()).or_default().insert(connection.to_string());
    }
    let statement = |(number, (service, arns)): (usize, (String, BTreeSet<String>))| {
        let actions = ["GetConnection", "UseConnection"].map(|action| format!("{service}:{action}"));
        Statement::allow(&numbered("UseConnections", number), actions).on(arns)
    };
    of_service.into_iter().enumerate().map(statement).collect()
}

fn taken(connection: &Arn) -> String {
    format!(
        "the URL of connection `{connection}` doesn't tell whether its ARN has the older `codestar-connections`: if it has, \
         name the ARN in the fleet file under `hub.argocd.repositoryAccess.connections`"
    )
}

fn shared(connection: &Arn, site: &Site<'_>) -> Finding {
    let message = format!(
        "connection `{connection}` belongs to account {}, not to the hub's: the capability can use it only if it is shared",
        connection.account
    );
    let hub = &site.hub().account;
    Finding::new("connection-of-another-account", Severity::Warning, message)
        .with_help(format!("share it with account {hub} by AWS RAM, or make one in account {hub}"))
}

/// Pulling charts and other artifacts, and listing tags where a revision is a range. AWS's list of actions has no
/// `ecr:ListImages`; without it the registry refuses Argo CD's `GET /v2/<name>/tags/list`.
fn images(
    site: &Site<'_>,
    role: &RoleArn,
    sources: &[UsedSource<'_>],
    wanted: &mut Wanted,
) -> Vec<Statement> {
    let is_image = |used: &UsedSource<'_>| matches!(used.source, Source::Ecr { .. });
    let repositories = arns(site, sources, is_image);
    if repositories.is_empty() {
        return Vec::new();
    }
    report_foreign_images(site, role, sources, wanted);
    let listed = arns(site, sources, |used| is_image(used) && used.lists_tags);
    let mut statements = pull(repositories);
    statements.push(on("ListTags", ["ecr:ListImages"], listed));
    statements
}

/// Across accounts IAM wants a policy on both sides (ECR User Guide, "Private repository policies").
fn report_foreign_images(site: &Site<'_>, role: &RoleArn, sources: &[UsedSource<'_>], wanted: &mut Wanted) {
    let mut foreign: BTreeMap<(&str, bool), BTreeSet<String>> = BTreeMap::new();
    for used in sources.iter().filter(|used| matches!(used.source, Source::Ecr { .. })) {
        let account = used.source.account().filter(|account| *account != site.hub().account.as_str());
        if let (Some(account), Some(arn)) = (account, used.source.arn(site.hub().partition.as_str())) {
            foreign.entry((account, used.lists_tags)).or_default().insert(arn);
        }
    }
    for ((account, lists_tags), repositories) in foreign {
        let list = lists_tags.then_some("ecr:ListImages");
        let statement = Statement::allow("ArgoCDPull", PULL.into_iter().chain(list)).to(principal(role));
        let message = format!(
            "{} in account {account}, not in the hub's: pulling needs the repository's own policy there too",
            are(&repositories)
        );
        let finding = Finding::new("ecr-repository-of-another-account", Severity::Warning, message);
        wanted.findings.push(finding.with_help(format!("add to its repository policy: {}", json(statement))));
    }
}

/// Reading credentials, and decrypting them with keys of one's own.
fn secrets(site: &Site<'_>, role: &RoleArn, wanted: &mut Wanted) -> Vec<Statement> {
    let access = &site.fleet.hub.argocd.repository_access;
    let mut secrets: BTreeSet<Arn> = access.secrets.iter().cloned().collect();
    for (name, arn) in site.repository_secrets.iter().filter_map(|s| Some((&s.name, s.secret_arn.as_ref()?)))
    {
        match arn.parse::<Arn>() {
            Ok(arn) if arn.service == "secretsmanager" => _ = secrets.insert(arn),
            _ => wanted.findings.push(Finding::new(
                "secret-arn-is-none",
                Severity::Error,
                format!(
                    "`secretArn` of repository Secret `{name}` is not the ARN of a secret in Secrets Manager"
                ),
            )),
        }
    }
    let secrets: Vec<Arn> = secrets.into_iter().collect();
    let mut statements =
        vec![on("ReadCredentials", GET_SECRET, secrets.iter().map(ToString::to_string).collect())];
    statements.extend(match &access.kms_keys {
        Some(keys) => decrypt_all(keys, &secrets),
        None => decrypt_described(site, &secrets, wanted),
    });
    for secret in secrets.iter().filter(|secret| secret.account != site.hub().account.as_str()) {
        wanted.findings.push(foreign_secret(secret, role));
    }
    statements
}

/// With the keys that the inventory tells, one statement for each.
fn decrypt_described(site: &Site<'_>, secrets: &[Arn], wanted: &mut Wanted) -> Vec<Statement> {
    let mut opened: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for secret in secrets {
        match key(site, secret) {
            Ok(Some(key)) => {
                opened.entry((key, secret.region.clone())).or_default().insert(secret.to_string());
            }
            Ok(None) => {}
            Err(gap) => wanted.unknown.push(gap),
        }
    }
    let statement = |(number, ((key, region), secrets)): (usize, ((String, String), BTreeSet<String>))| {
        decrypt(&numbered("DecryptCredentials", number), BTreeSet::from([key]), &region, secrets)
    };
    opened.into_iter().enumerate().map(statement).collect()
}

/// The ARN of the key that encrypts a secret; none for the AWS managed key, which its key policy opens by itself.
fn key(site: &Site<'_>, secret: &Arn) -> Result<Option<String>, Gap> {
    let gap = |cause: &str, command: String| {
        let what = format!("the KMS key of secret `{secret}`, which the capability's role must decrypt with");
        Err(Gap::new(what, cause).filled_by(command))
    };
    let Some(key) = site.secret_keys.get(&secret.to_string()) else {
        let command =
            format!("aws secretsmanager describe-secret --region {} --secret-id {secret}", secret.region);
        return gap(
            "neither `repositoryAccess.kmsKeys` in the fleet file nor the inventory says it",
            command,
        );
    };
    let Arn { partition, region, account, .. } = secret;
    match key.as_deref() {
        None | Some("alias/aws/secretsmanager") => Ok(None),
        Some(arn) if arn.contains(":key/") => Ok(Some(arn.to_owned())),
        Some(alias) if alias.contains("alias/") => gap(
            &format!(
                "the inventory names it by its alias `{alias}`, and a policy wants its ARN under `repositoryAccess.kmsKeys`"
            ),
            format!("aws kms describe-key --region {region} --key-id {alias} --query KeyMetadata.Arn"),
        ),
        Some(id) => Ok(Some(format!("arn:{partition}:kms:{region}:{account}:key/{id}"))),
    }
}

/// Secrets Manager User Guide, "Access AWS Secrets Manager secrets from a different account".
fn foreign_secret(secret: &Arn, role: &RoleArn) -> Finding {
    let message = format!(
        "secret `{secret}` is in account {}, not in the hub's: reading it needs its resource policy and a KMS key of its own there",
        secret.account
    );
    let read = Statement::allow("ArgoCDRead", GET_SECRET).to(principal(role)).on(["*"]);
    let secrets = BTreeSet::from([secret.to_string()]);
    let decrypt = decrypt("ArgoCDDecrypt", BTreeSet::from(["*".to_owned()]), &secret.region, secrets)
        .to(principal(role));
    Finding::new("secret-of-another-account", Severity::Warning, message)
        .with_help(format!("add to the secret's resource policy: {}", json(read)))
        .with_help(format!(
            "add to the key's policy (the AWS managed key can't be shared): {}",
            json(decrypt)
        ))
}

fn principal(role: &RoleArn) -> Principals {
    Principals::aws([role.to_string()])
}

/// One statement, on one line.
fn json(statement: Statement) -> String {
    let document = Document::new([statement]).to_json();
    document.pointer("/Statement/0").map(ToString::to_string).unwrap_or_default()
}

fn arns(
    site: &Site<'_>,
    sources: &[UsedSource<'_>],
    wanted: impl Fn(&UsedSource<'_>) -> bool,
) -> BTreeSet<String> {
    let partition = site.hub().partition.as_str();
    sources.iter().filter(|used| wanted(used)).filter_map(|used| used.source.arn(partition)).collect()
}

fn is_code_commit(used: &UsedSource<'_>) -> bool {
    matches!(used.source, Source::CodeCommit { .. })
}

/// `` `a` and `b` are``
fn are(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", quoted.join(" and "), if quoted.len() == 1 { "is" } else { "are" })
}
