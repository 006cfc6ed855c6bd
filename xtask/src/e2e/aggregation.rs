//! ClusterRoles with an `aggregationRule`, filled by Kubernetes' own controller and by `crates/rbac`.

use anyhow::{Result, bail};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    generate::{self, list, pick},
    live::Live,
};

const ROUNDS: usize = 3;
const GATHERING: usize = 20;
const PLAIN: usize = 20;

/// The label of all generated roles: who selects Kubernetes' own roles as well keeps the controller busy for seconds.
const OURS: &str = "e2e.oarlock.dev/generated";

const KEYS: [&str; 4] = ["to", "part", "example.com/part", "rbac.authorization.k8s.io/aggregate-to-view"];
const VALUES: [&str; 4] = ["true", "web", "", "x_1.y-z"];

/// Generates roles and waits until the controller has filled them as we do; how many gathered something, and how many nothing.
pub(super) fn compare(live: &mut Live, rng: &mut Rng) -> Result<(usize, usize)> {
    let (mut some, mut none) = (0, 0);
    for _ in 0..ROUNDS {
        live.adopt(&json!({ "clusterRoles": cluster_roles(rng) }))?;
        let policy = live.settled()?;
        for role in policy.roles().filter(|role| role.aggregation.is_some()) {
            if role.rules.is_empty() { none += 1 } else { some += 1 }
        }
    }
    if some == 0 || none == 0 {
        bail!("{some} ClusterRoles gathered rules and {none} gathered none, which shows nothing");
    }
    Ok((some, none))
}

fn cluster_roles(rng: &mut Rng) -> Vec<Value> {
    let plain = (0..PLAIN).map(|number| json!({
        "metadata": { "name": format!("plain-{number}"), "labels": labels(rng) }, "rules": generate::rules(rng),
    }));
    let plain: Vec<Value> = plain.collect();
    plain.into_iter().chain((0..GATHERING).map(|number| gathering(rng, number))).collect()
}

/// Often one that gathers what others gather, in circles too; the first gathers all but Kubernetes' own.
fn gathering(rng: &mut Rng, number: usize) -> Value {
    let is_lonely = number > 0 && rng.u8(..6) == 0;
    let selectors = match number {
        0 => vec![
            json!({ "matchExpressions": [{ "key": "kubernetes.io/bootstrapping", "operator": "DoesNotExist" }] }),
        ],
        _ if is_lonely => vec![json!({ "matchLabels": { "nobody": "has-this" } })],
        _ => list(rng, 1..4, selector),
    };
    // Rules that are written and then overwritten stay for ever in a circle of roles that was quick enough to gather them.
    let rules = if is_lonely { generate::rules(rng) } else { Vec::new() };
    json!({
        "metadata": { "name": format!("gathering-{number}"), "labels": labels(rng) }, "rules": rules,
        "aggregationRule": { "clusterRoleSelectors": selectors },
    })
}

fn labels(rng: &mut Rng) -> Value {
    let some = list(rng, 0..3, |rng| (pick(rng, &KEYS).to_owned(), Value::from(pick(rng, &VALUES))));
    some.into_iter().chain([(OURS.to_owned(), Value::from(""))]).collect()
}

fn selector(rng: &mut Rng) -> Value {
    let requirements = list(rng, 0..3, requirement);
    json!({ "matchLabels": labels(rng), "matchExpressions": requirements })
}

/// Now and then one that the server's validation refuses.
fn requirement(rng: &mut Rng) -> Value {
    let operator = pick(rng, &["In", "In", "NotIn", "Exists", "DoesNotExist"]);
    let has_values = operator.ends_with("In") != (rng.u8(..20) == 0);
    let values = if has_values { list(rng, 1..3, |rng| pick(rng, &VALUES)) } else { Vec::new() };
    json!({ "key": pick(rng, &KEYS), "operator": operator, "values": values })
}
