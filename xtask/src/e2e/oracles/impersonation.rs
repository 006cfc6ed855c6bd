//! As whom Applications are synced (util/settings/impersonation.go).

use anyhow::Result;
use argocd::{AppProject, Application, SyncIdentity};
use fastrand::Rng;
use fleet::Version;
use serde_json::{Value, json};

use super::{
    Asked,
    generate::{self, NAMESPACES, SERVERS, fields, list, pattern, pick},
    refused, value,
};

/// Of the Argo CD that is asked.
const VERSION: Version = Version { major: 3, minor: 5 };

/// What Oarlock says before Argo CD's own words, as Argo CD's sync does (controller/sync.go).
const CONTEXT: &str = "failed to derive service account to impersonate: ";

const ACCOUNTS: [&str; 14] = [
    "deployer",
    "deployer",
    "deployer",
    "ops:deployer",
    "a:b:c",
    ":a",
    "a:",
    "",
    " ",
    " a ",
    "a*",
    "a/b",
    "!a",
    "a\\b",
];

/// As whom one is synced.
pub(super) fn ask(rng: &mut Rng) -> Result<Asked> {
    let accounts = list(rng, 0..5, account);
    let project =
        generate::object("AppProject", "payments", &json!({ "destinationServiceAccounts": accounts }));
    let server = pick(rng, &SERVERS);
    let namespace = pick(rng, &NAMESPACES);
    let destination = if rng.bool() {
        json!({ "server": server, "namespace": namespace })
    } else {
        json!({ "name": "prod", "namespace": namespace })
    };
    let application =
        generate::object("Application", "web", &json!({ "project": "payments", "destination": destination }));
    question("accounts", &project, &application, server)
}

/// As whom an Application is synced to the cluster of an API server.
pub(super) fn question(
    kind: &'static str,
    project: &Value,
    application: &Value,
    server: &str,
) -> Result<Asked> {
    let ours = SyncIdentity::decide(
        &generate::read(project, AppProject::parse)?,
        &generate::read(application, Application::parse)?,
        server,
        "argocd",
        false,
        VERSION,
    );
    let ours = match ours {
        SyncIdentity::ServiceAccount(account) => value(user(&account.namespace, &account.name)),
        SyncIdentity::ArgoCd => value(""),
        SyncIdentity::Refused(message) => refused(message.strip_prefix(CONTEXT).unwrap_or(&message)),
    };
    let question =
        json!({ "serviceAccount": { "project": project, "application": application, "server": server } });
    Ok(Asked { kind, question, ours })
}

/// What a service account is called as a user.
pub(super) fn user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

fn account(rng: &mut Rng) -> Value {
    let (server, namespace) = (pattern(rng, &SERVERS), pattern(rng, &NAMESPACES));
    let account = pick(rng, &ACCOUNTS);
    fields(
        rng,
        [
            ("server", json!(server)),
            ("namespace", json!(namespace)),
            ("defaultServiceAccount", json!(account)),
        ],
    )
}
