//! A plan for people: changes as Terraform shows them, then the proof.

use std::collections::BTreeMap;

use plan::{Action, Change, ClusterProof, Location, Owner, Plan, Power, Step};
use rbac::Permission;
use serde_json::Value;

use super::findings;

/// How long a value may be before it is cut.
const LONGEST: usize = 100;

/// The whole plan as text.
pub(crate) fn human(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.inventory_digest.is_none() {
        text.push_str("No inventory was given: everything is shown as if nothing were there yet.\n\n");
    }
    text.push_str(&changes(plan));
    text.push_str(&notes(plan));
    let findings = findings::text(&plan.findings, &plan.unknown);
    if !findings.is_empty() {
        text.push_str(&format!("Findings\n\n{findings}\n"));
    }
    text.push_str(&proof(plan));
    text.push_str(&summary(plan));
    text
}

fn changes(plan: &Plan) -> String {
    let mut places: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| step.action != Action::Unchanged) {
        places.entry(heading(&step.object.location)).or_default().push(step);
    }
    let mut text = String::new();
    for (heading, steps) in places {
        text.push_str(&format!("{heading}\n\n"));
        steps.into_iter().for_each(|step| text.push_str(&self::step(step)));
        text.push('\n');
    }
    text
}

fn heading(location: &Location) -> String {
    match location {
        Location::Account(id) => format!("account {id}"),
        Location::Eks(arn) | Location::Cluster(arn) => format!("cluster {arn}"),
    }
}

fn step(step: &Step) -> String {
    let pending = match step.owner {
        Owner::Foreign if step.changes_something() => "  (pending: not Oarlock's; plan with --adopt)",
        _ => "",
    };
    let mut text = format!("  {:<3} {}{pending}\n        {}\n", step.action.sign(), step.object, step.reason);
    match &step.action {
        Action::Update { changes } | Action::Replace { changes } => {
            changes.iter().for_each(|change| text.push_str(&self::change(change)));
        }
        Action::Unknown { missing } => text.push_str(&format!("        not known: {missing}\n")),
        Action::Create | Action::Delete | Action::Restart | Action::Unchanged => {}
    }
    text
}

fn change(change: &Change) -> String {
    let Change { field, from, to } = change;
    match (from, to) {
        (None, Some(to)) => format!("        + {field}: {}\n", short(to)),
        (Some(from), None) => format!("        - {field}: {}\n", short(from)),
        (Some(from), Some(to)) => format!("        ~ {field}: {} -> {}\n", short(from), short(to)),
        (None, None) => String::new(),
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}… ({} characters)", text.chars().count())
}

fn notes(plan: &Plan) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let lines = plan.notes.iter().map(|note| format!("  - {}\n", note.message));
    format!("Notes\n\n{}\n", lines.collect::<String>())
}

fn proof(plan: &Plan) -> String {
    let mut text = "Proof\n\n".to_owned();
    for hop in &plan.proof.hops {
        let state = if hop.evaluated { "evaluated" } else { "not evaluated" };
        text.push_str(&format!("  {:<13}  {}\n", state, hop.name));
    }
    text.push('\n');
    plan.proof.clusters.iter().for_each(|cluster| text.push_str(&cluster_proof(cluster)));
    for beyond in &plan.beyond {
        text.push_str(&format!(
            "  beyond the needs: {} holds {}\n    {}\n",
            beyond.object, beyond.grant, beyond.reason
        ));
    }
    if !plan.beyond.is_empty() {
        text.push('\n');
    }
    text
}

fn cluster_proof(cluster: &ClusterProof) -> String {
    let allowed = match cluster.unmet.len() {
        0 => "all allowed".to_owned(),
        unmet => format!("{} allowed, {unmet} not", cluster.allowed),
    };
    let mut text = format!("  {}: {} needs, {allowed}\n", cluster.cluster, cluster.needs);
    for unmet in &cluster.unmet {
        let state = if unmet.missing.is_empty() { "not allowed" } else { "not known" };
        text.push_str(&format!("    {state}: {} {}\n", unmet.identity, unmet.permission));
    }
    if !cluster.beyond.is_empty() {
        text.push_str(&format!("    {} grants beyond what is deployed today:\n", cluster.beyond.len()));
    }
    for beyond in &cluster.beyond {
        let scope = match beyond.scope.namespace() {
            None => "cluster-wide".to_owned(),
            Some(namespace) => format!("in {namespace}"),
        };
        text.push_str(&format!(
            "      {} {} {scope}: {}\n        {}\n",
            beyond.identity,
            beyond.verbs.join(","),
            listed(&beyond.resources),
            beyond.reason
        ));
    }
    let before = cluster.reached_before.as_ref().map_or_else(|| "not known".to_owned(), power);
    text.push_str(&format!(
        "    power before: {before}\n    power after:  {}\n",
        power(&cluster.reached_after)
    ));
    for way in &cluster.reached_after.escalations {
        text.push_str(&format!("      {}: {}\n        {}\n", way.id, first(&way.by), way.leads_to));
    }
    text.push('\n');
    text
}

fn power(power: &Power) -> String {
    if power.cluster_admin {
        return "cluster-admin".to_owned();
    }
    let reach = if power.reaches_cluster_admin { ", reaches cluster-admin" } else { "" };
    let unknown = match power.unknown.len() {
        0 => String::new(),
        n => format!(", and {n} things that aren't known"),
    };
    let ways = match power.escalations.len() {
        1 => "1 way".to_owned(),
        n => format!("{n} ways"),
    };
    format!("{} permissions, {ways} to more{reach}{unknown}", power.permissions)
}

fn listed(items: &[String]) -> String {
    match items {
        [a, b, c, d, rest @ ..] if rest.len() > 1 => format!("{a}, {b}, {c}, {d} and {} more", rest.len()),
        items => items.join(", "),
    }
}

fn first(items: &[Permission]) -> String {
    match items {
        [] => String::new(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    }
}

fn summary(plan: &Plan) -> String {
    let count = |wanted: fn(&Action) -> bool| {
        plan.steps.iter().filter(|step| wanted(&step.action) && !step.is_pending()).count()
    };
    let pending = plan.steps.iter().filter(|step| step.is_pending()).count();
    let mut text = format!(
        "Plan: {} to create, {} to change, {} to replace, {} to remove",
        count(|action| matches!(action, Action::Create)),
        count(|action| matches!(action, Action::Update { .. })),
        count(|action| matches!(action, Action::Replace { .. })),
        count(|action| matches!(action, Action::Delete)),
    );
    let unknown = count(|action| matches!(action, Action::Unknown { .. }));
    if unknown > 0 {
        text.push_str(&format!(", {unknown} not known"));
    }
    if pending > 0 {
        text.push_str(&format!("; {pending} pending on objects that Oarlock doesn't own"));
    }
    text.push_str(".\n");
    if !plan.complete {
        text.push_str("The plan is incomplete: see what isn't known, and what waits for a choice, above.\n");
    }
    text
}
