//! Roles and bindings written to a live API server by identities with generated grants, and the escalation check of
//! `crates/rbac`; and what an Application ships, written by whoever holds exactly what `oarlock needs` prints.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    generate,
    live::Live,
    suite::Ground,
    writes::{self, ALLOWED, ESCALATES, MISSING, UNAUTHORIZED},
};

/// Writes to one generated policy.
const ABOUT_ONE: usize = 100;

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut live = Live::start(ground, &[])?;
    let (writes, seed) = (ground.options.writes, ground.options.seed);
    generated(&mut live, &mut Rng::with_seed(seed), writes)?;
    Ok(format!(
        "{writes} writes of roles and bindings, admitted and refused as a live API server does (seed {seed})"
    ))
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
