//! Roles and bindings written to a live API server by identities with generated grants, and the escalation check of
//! `crates/rbac`; and what an Application ships, written by whoever holds exactly what `oarlock needs` prints.

use std::{collections::BTreeMap, fs, process::Command};

use anyhow::{Result, bail};
use fastrand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    generate, go,
    live::Live,
    server::Server,
    shipped,
    suite::Ground,
    writes::{self, ALLOWED, ESCALATES, MISSING, UNAUTHORIZED},
};

/// Writes to one generated policy.
const ABOUT_ONE: usize = 100;

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (_webhook, flags) = webhook(ground)?;
    let mut live = Live::start(ground, &flags)?;
    let shipped = shipped::run(ground, &mut live)?;
    let (writes, seed) = (ground.options.writes, ground.options.seed);
    if !ground.options.case.is_empty() {
        return Ok(format!(
            "{shipped} shipped roles and bindings, admitted and refused as a live API server does"
        ));
    }
    generated(&mut live, &mut Rng::with_seed(seed), writes)?;
    Ok(format!(
        "{writes} generated and {shipped} shipped roles and bindings, admitted and refused as a live API server does (seed {seed})"
    ))
}

/// An authorizer beside RBAC, and the API server's flags for it.
fn webhook(ground: &Ground<'_>) -> Result<(Server, Vec<String>)> {
    #[derive(Deserialize)]
    struct Ready {
        url: String,
    }
    let mut command = Command::new(go::program(ground.workspace, "rbac-oracle")?);
    command.arg("--webhook");
    let (server, Ready { url }) = Server::start("webhook", &mut command, &ground.folder)?;
    let file = ground.folder.join("webhook.yaml");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
        "clusters": [{ "name": "e2e", "cluster": { "server": url } }],
        "users": [{ "name": "e2e", "user": {} }],
        "contexts": [{ "name": "e2e", "context": { "cluster": "e2e", "user": "e2e" } }],
    });
    fs::write(&file, config.to_string())?;
    let flags = ["--authorization-mode=Webhook".to_owned(), "--authorization-webhook-version=v1".to_owned()];
    let file = format!("--authorization-webhook-config-file={}", file.display());
    // Modes add up.
    Ok((server, flags.into_iter().chain([file]).collect()))
}

fn generated(live: &mut Live, rng: &mut Rng, count: usize) -> Result<()> {
    let (mut number, mut tally) = (0, BTreeMap::<String, usize>::new());
    while number < count {
        let generated = with_writers(generate::policy(rng));
        let adopted = live.adopt(&generated)?;
        let one = ABOUT_ONE.min(count - number);
        let questions: Vec<Value> =
            (number..number + one).map(|n| generate::write(rng, n, &generated)).collect();
        number += one;
        let asked: Vec<Value> = questions.iter().map(|question| json!({ "write": question })).collect();
        for (question, theirs) in questions.iter().zip(live.ask(&asked)?) {
            let ours = writes::outcome(&adopted.policy, question)?;
            if theirs != ours {
                bail!(
                    "the server says otherwise\nours: {ours}\ntheirs: {theirs}\nquestion: {question}\npolicy: {}",
                    adopted.objects
                );
            }
            *tally.entry(kind(question, ours)).or_default() += 1;
        }
    }
    for (kind, count) in &tally {
        println!("{count:>9}  {kind}");
    }
    complete(&tally)
}

fn kind(question: &Value, outcome: &str) -> String {
    let text = |pointer| question.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}: {outcome}", text("/operation"), text("/object/kind"))
}

/// Every operation on every kind must have been admitted and refused.
fn complete(tally: &BTreeMap<String, usize>) -> Result<()> {
    for kind in ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"] {
        for operation in ["create", "update", "patch", "apply"] {
            for outcome in [ALLOWED, ESCALATES, UNAUTHORIZED] {
                if !tally.contains_key(&format!("{operation} {kind}: {outcome}")) {
                    bail!(
                        "no {operation} of a {kind} has the outcome `{outcome}`, which shows nothing: ask more"
                    );
                }
            }
        }
    }
    if !tally.keys().any(|kind| kind.ends_with(MISSING)) {
        bail!("nothing was missing, which shows nothing: ask more");
    }
    Ok(())
}

/// Most may write roles and bindings, as far as they don't escalate; and all namespaces are there.
fn with_writers(mut policy: Value) -> Value {
    const API: &str = "rbac.authorization.k8s.io";
    let subject = |kind: &str, name: &str| json!({ "kind": kind, "apiGroup": API, "name": name });
    let mut add = |field: &str, object: Value| {
        if let Some(Value::Array(objects)) = policy.get_mut(field) {
            objects.push(object);
        }
    };
    add(
        "clusterRoles",
        json!({
            "metadata": { "name": "rbac-writer" },
            "rules": [{ "apiGroups": [API], "resources": ["*"], "verbs": ["create", "update", "patch"] }],
        }),
    );
    add(
        "clusterRoleBindings",
        json!({
            "metadata": { "name": "rbac-writers" },
            "roleRef": { "apiGroup": API, "kind": "ClusterRole", "name": "rbac-writer" },
            "subjects": [subject("User", "jane"), subject("Group", "devs"), subject("Group", "system:serviceaccounts")],
        }),
    );
    for namespace in generate::NAMESPACES {
        add("roles", json!({ "metadata": { "name": "empty", "namespace": namespace }, "rules": [] }));
    }
    policy
}
