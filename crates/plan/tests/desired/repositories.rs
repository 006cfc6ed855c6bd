//! What the EKS capability's role gets for the sources of its Applications, and what others must do.

use inventory::Inventory;
use oarlock_plan::desired::{Wanted, desired};
use serde_json::json;

use crate::{
    fleet::{applications, finding_ids, fleet, input, needs, one_spoke, role},
    world::{inventory, objects, secret},
};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:git-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";

fn capability(more: &str) -> String {
    format!(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {{version: '3.5', install: eks-capability{more}}}
  clusters: [{{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod', project: shop}}]
"
    )
}

/// What the plan wants for Applications with these sources.
fn wanted(spec: &str, inventory: Option<&Inventory>, sources: &[&str]) -> Wanted {
    let fleet = fleet(spec);
    let mut input = input(&fleet);
    input.inventory = inventory;
    let application = |source: &&str| {
        applications(&format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web, namespace: argocd}}
spec: {{project: shop, source: {{{source}}}, destination: {{name: prod, namespace: web}}}}
"
        ))
    };
    input.applications = sources.iter().flat_map(application).collect();
    desired(&input, &needs(&fleet))
}

/// `action resource`, one line each, of the capability's role.
fn granted(wanted: &Wanted) -> Vec<String> {
    let Some(policy) = role(wanted, "oarlock-hub-capability").inline_policies.get("repository-access") else {
        return Vec::new();
    };
    let statements = policy.statements.iter();
    statements
        .flat_map(|s| {
            s.actions.listed().iter().flat_map(move |a| s.listed_resources().map(move |r| format!("{a} {r}")))
        })
        .collect()
}

fn help(wanted: &Wanted, id: &str) -> Vec<String> {
    let finding = wanted.findings.iter().find(|finding| finding.id == id);
    finding.unwrap_or_else(|| panic!("no {id} in {:#?}", wanted.findings)).help.clone()
}

/// The ids of findings that are about sources.
fn source_findings(wanted: &Wanted) -> Vec<&str> {
    finding_ids(wanted).into_iter().filter(|id| *id != "project-not-in-fleet").collect()
}

#[test]
fn the_role_gets_exactly_its_sources() {
    let sources = [
        "repoURL: 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web'",
        "repoURL: 'https://codeconnections.eu-west-1.amazonaws.com/git-http/111122223333/eu-west-1/0c1d/acme/web.git'",
        "repoURL: 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/web', targetRevision: 1.2.3",
        "repoURL: 'https://github.com/acme/web.git'",
    ];
    let wanted = wanted(&capability(""), None, &sources);
    let connection = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0c1d";
    let chart = "arn:aws:ecr:eu-west-1:111122223333:repository/charts/web";
    let expected = [
        format!("codeconnections:GetConnection {connection}"),
        format!("codeconnections:UseConnection {connection}"),
        "codecommit:GitPull arn:aws:codecommit:eu-west-1:111122223333:web".to_owned(),
        "ecr:GetAuthorizationToken *".to_owned(),
        format!("ecr:BatchGetImage {chart}"),
        format!("ecr:GetDownloadUrlForLayer {chart}"),
    ];
    assert_eq!(granted(&wanted), expected);
    let beyond: Vec<&str> = wanted.beyond.iter().map(|beyond| beyond.grant.as_str()).collect();
    let connection = format!("codeconnections:UseConnection on {connection}");
    assert_eq!(beyond, [connection.as_str(), "ecr:GetAuthorizationToken on *"]);
}

#[test]
fn tags_are_listed_only_where_a_revision_is_a_range() {
    let registry = "repoURL: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts";
    let wanted = wanted(
        &capability(""),
        None,
        &[
            &format!("{registry}, chart: pinned, targetRevision: 1.2.3"),
            &format!("{registry}, chart: ranged, targetRevision: 1.x"),
            "repoURL: 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/manifests', targetRevision: latest",
        ],
    );
    let granted = granted(&wanted);
    let lists: Vec<&String> = granted.iter().filter(|line| line.contains("ListImages")).collect();
    assert_eq!(lists, ["ecr:ListImages arn:aws:ecr:eu-west-1:111122223333:repository/charts/ranged"]);
    assert_eq!(granted.iter().filter(|line| line.contains("BatchGetImage")).count(), 3);
}

#[test]
fn actions_have_the_service_of_the_connections_arn() {
    let url = "repoURL: 'https://codeconnections.eu-west-1.amazonaws.com/git-http/111122223333/eu-west-1/0c1d/acme/web.git'";
    let note =
        |wanted: &Wanted| wanted.notes.iter().any(|note| note.id == "connection-taken-as-codeconnections");
    assert!(note(&wanted(&capability(""), None, &[url])), "its URL doesn't tell");

    let older = "arn:aws:codestar-connections:eu-west-1:111122223333:connection/0c1d";
    let named = capability(&format!(", repositoryAccess: {{connections: ['{older}']}}"));
    let wanted = wanted(&named, None, &[url]);
    assert_eq!(
        granted(&wanted),
        [
            format!("codestar-connections:GetConnection {older}"),
            format!("codestar-connections:UseConnection {older}")
        ]
    );
    assert!(!note(&wanted));
}

#[test]
fn other_accounts_are_told_the_statement_that_they_must_add() {
    let spec = capability(
        ", repositoryAccess: {kmsKeys: ['arn:aws:kms:eu-west-1:999988887777:key/1'],
        secrets: ['arn:aws:secretsmanager:eu-west-1:999988887777:secret:git-AbCdEf']}",
    );
    let wanted = wanted(
        &spec,
        None,
        &[
            "repoURL: 999988887777.dkr.ecr.eu-west-1.amazonaws.com/charts, chart: web, targetRevision: '*'",
            "repoURL: 'https://codeconnections.eu-west-1.amazonaws.com/git-http/999988887777/eu-west-1/0c1d/acme/web.git'",
        ],
    );
    let statement =
        |help: &str| -> serde_json::Value { serde_json::from_str(&help[help.find('{').unwrap()..]).unwrap() };
    let principal = json!({"AWS": "arn:aws:iam::111122223333:role/oarlock-hub-capability"});
    let ecr = statement(&help(&wanted, "ecr-repository-of-another-account")[0]);
    assert_eq!(ecr["Principal"], principal);
    assert_eq!(ecr["Action"], json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:ListImages"]));
    let secret = help(&wanted, "secret-of-another-account");
    assert_eq!(statement(&secret[0])["Action"], "secretsmanager:GetSecretValue");
    let decrypt = statement(&secret[1]);
    assert_eq!((&decrypt["Action"], &decrypt["Principal"]), (&json!("kms:Decrypt"), &principal));
    assert!(help(&wanted, "connection-of-another-account")[0].contains("AWS RAM"));
}

#[test]
fn a_key_of_ones_own_decrypts_these_secrets_through_secrets_manager_alone() {
    let named = capability(&format!(", repositoryAccess: {{secrets: ['{SECRET}'], kmsKeys: ['{KEY}']}}"));
    let wanted = wanted(&named, None, &[]);
    assert_eq!(
        granted(&wanted),
        [format!("secretsmanager:GetSecretValue {SECRET}"), format!("kms:Decrypt {KEY}")]
    );
    let policy = &role(&wanted, "oarlock-hub-capability").inline_policies["repository-access"];
    let conditions = json!({"StringEquals": {
        "kms:EncryptionContext:SecretARN": SECRET,
        "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
    }});
    assert_eq!(policy.to_json()["Statement"][1]["Condition"], conditions);
    assert!(wanted.unknown.is_empty(), "{:#?}", wanted.unknown);
}

/// The live repository Secret with a `secretArn`, and what AWS says of that secret.
fn with_secret(described: Option<serde_json::Value>) -> Inventory {
    let data = [("url", "https://git.example/acme"), ("type", "git"), ("secretArn", SECRET)];
    let secrets = objects("secrets", "Secret", &[secret("acme", "repo-creds", &data)]);
    let path = "accounts/111122223333/secretsmanager-describe-secret-git.json".to_owned();
    let capabilities =
        crate::world::at(crate::world::HUB, "eks/list-capabilities.json", json!({"capabilities": []}));
    let files = [secrets, capabilities].into_iter().chain(described.map(|content| (path, content)));
    inventory(&files.collect::<Vec<_>>())
}

#[test]
fn the_key_of_a_live_secret_comes_from_the_inventory_or_is_not_known() {
    let decrypts = |inventory: &Inventory| {
        let wanted = wanted(&capability(""), Some(inventory), &[]);
        let granted = granted(&wanted);
        assert_eq!(granted[0], format!("secretsmanager:GetSecretValue {SECRET}"));
        let unknown: Vec<String> = wanted.unknown.iter().filter_map(|gap| gap.fill.clone()).collect();
        (granted.get(1).cloned(), unknown)
    };
    let described = |key: &str| with_secret(Some(json!({"ARN": SECRET, "KmsKeyId": key})));
    let decrypt = Some(format!("kms:Decrypt {KEY}"));
    assert_eq!(decrypts(&described(KEY)), (decrypt.clone(), vec![]));
    assert_eq!(
        decrypts(&described("1234")),
        (decrypt, vec![]),
        "an id is of the secret's account and region"
    );
    assert_eq!(decrypts(&with_secret(Some(json!({"ARN": SECRET})))), (None, vec![]), "the AWS managed key");
    let (none, unknown) = decrypts(&with_secret(None));
    assert_eq!((none, unknown.len()), (None, 1));
    assert!(unknown[0].starts_with("aws secretsmanager describe-secret "), "{}", unknown[0]);
    let (none, unknown) = decrypts(&described("alias/git"));
    assert_eq!((none, unknown.len()), (None, 1));
    assert!(unknown[0].starts_with("aws kms describe-key "), "{}", unknown[0]);
}

#[test]
fn a_secret_arn_that_is_none_is_told_without_its_text() {
    let data = [("url", "https://git.example/acme"), ("secretArn", "hunter2")];
    let inventory = inventory(&[objects("secrets", "Secret", &[secret("acme", "repository", &data)])]);
    let wanted = wanted(&capability(""), Some(&inventory), &[]);
    assert_eq!(finding_ids(&wanted), ["secret-arn-is-none"]);
    assert!(!format!("{wanted:?}").contains("hunter2"));
}

#[test]
fn who_signs_in_by_a_repository_secret_gets_no_permission_for_it() {
    let url = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web";
    let data = [("url", url), ("username", "web-at-111122223333"), ("password", "hunter2")];
    let inventory = inventory(&[objects("secrets", "Secret", &[secret("web", "repository", &data)])]);
    let source = format!("repoURL: '{url}'");
    let by_capability = wanted(&capability(""), Some(&inventory), &[&source]);
    assert!(granted(&by_capability).is_empty());
    assert!(by_capability.notes.iter().any(|note| note.id == "source-has-its-own-credentials"));
    let self_managed = one_spoke("pod-identity", "chained");
    assert_eq!(source_findings(&wanted(&self_managed, None, &[&source])), ["source-cannot-use-iam"]);
    assert!(source_findings(&wanted(&self_managed, Some(&inventory), &[&source])).is_empty());
}

#[test]
fn a_token_for_ecr_that_nothing_renews_is_told() {
    let url = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
    let data =
        [("url", url), ("type", "helm"), ("enableOCI", "true"), ("username", "AWS"), ("password", "x")];
    let inventory = inventory(&[objects("secrets", "Secret", &[secret("charts", "repo-creds", &data)])]);
    let source = format!("repoURL: {url}/charts, chart: web, targetRevision: 1.2.3");
    let wanted = wanted(&one_spoke("pod-identity", "chained"), Some(&inventory), &[&source]);
    assert_eq!(source_findings(&wanted), ["ecr-token-expires"]);
}

#[test]
fn a_consumer_of_secrets_decrypts_with_the_keys_that_the_fleet_file_names() {
    let consumer = format!(
        "  credentials: [{{serviceAccount: avp, secretsManager: {{secrets: ['{SECRET}'], kmsKeys: ['{KEY}']}}}}]\n{}",
        one_spoke("pod-identity", "chained")
    );
    let wanted = wanted(&consumer, None, &[]);
    let policy = &role(&wanted, "oarlock-hub-sa-argocd.avp").inline_policies["read-secrets"];
    assert_eq!(policy.statements[1].actions.only(), Some(&["kms:Decrypt".to_owned()].into()));
    assert_eq!(policy.statements[1].listed_resources().collect::<Vec<_>>(), [KEY]);
    assert_eq!(policy.statements[1].conditions["StringEquals"].len(), 2);
}
