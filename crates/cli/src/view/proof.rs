//! The proof of a plan, for people.

use std::{collections::BTreeMap, sync::Arc};

use facts::count;
use plan::{BeyondNeeds, ClusterProof, Plan, Power};
use rbac::Permission;

use super::wrap::paragraph;

/// The proof: what every hop was found to be, cluster by cluster, and what is granted beyond the needs.
pub(super) fn text(plan: &Plan, width: usize) -> String {
    let mut text = "Proof\n\n".to_owned();
    for hop in &plan.proof.hops {
        let state = if hop.evaluated { "evaluated" } else { "not evaluated" };
        text.push_str(&format!("  {:<13}  {}\n", state, hop.name));
    }
    text.push('\n');
    plan.proof.clusters.iter().for_each(|cluster| text.push_str(&cluster_proof(cluster, width)));
    text.push_str(&ways(plan, width));
    for beyond in &plan.beyond {
        let holds = format!("beyond the needs: {} holds {}", beyond.object, beyond.grant);
        text.push_str(&paragraph(&holds, "  ", "      ", width));
        text.push_str(&paragraph(&beyond.reason, "    ", "    ", width));
    }
    if !plan.beyond.is_empty() {
        text.push('\n');
    }
    text
}

fn cluster_proof(cluster: &ClusterProof, width: usize) -> String {
    let allowed = match cluster.unmet.len() {
        0 => "all allowed".to_owned(),
        unmet => format!("{} allowed, {unmet} not", cluster.allowed),
    };
    let mut text = format!("  {}: {}, {allowed}\n", cluster.cluster, count(cluster.needs, "need"));
    for unmet in &cluster.unmet {
        let state = if unmet.missing.is_empty() { "not allowed" } else { "not known" };
        text.push_str(&format!("    {state}: {} {}\n", unmet.identity, unmet.permission));
    }
    text.push_str(&beyond(&cluster.beyond, width));
    let before = cluster.reached_before.as_ref().map_or_else(|| "not known".to_owned(), power);
    text.push_str(&format!(
        "    power before: {before}\n    power after:  {}\n",
        power(&cluster.reached_after)
    ));
    if let Some(adopted) = &cluster.reached_with_adoption {
        text.push_str(&format!("    with --adopt: {}\n", power(adopted)));
    }
    for way in &cluster.reached_after.escalations {
        let by = format!("{}: {}", way.id, first(&way.by));
        text.push_str(&paragraph(&by, "      ", "        ", width));
    }
    text.push('\n');
    text
}

/// What is granted beyond what is deployed, under the reason why it can't be narrower.
fn beyond(lines: &[BeyondNeeds], width: usize) -> String {
    let mut text = match lines.len() {
        0 => return String::new(),
        grants => format!("    {} beyond what is deployed today:\n", count(grants, "grant")),
    };
    let mut reasons: Vec<&str> = Vec::new();
    for line in lines.iter() {
        if !reasons.contains(&&*line.reason) {
            reasons.push(&line.reason);
        }
    }
    for reason in reasons {
        text.push_str(&paragraph(&format!("{reason}:"), "      ", "      ", width));
        for line in lines.iter().filter(|line| *line.reason == *reason) {
            let scope = match line.scope.namespace() {
                None => "cluster-wide".to_owned(),
                Some(namespace) => format!("in {namespace}"),
            };
            let (verbs, resources) = (line.verbs.join(","), listed(&line.resources));
            let line = format!("{} {verbs} {scope}: {resources}", line.identity);
            text.push_str(&paragraph(&line, "        ", "            ", width));
        }
    }
    text
}

/// What the ways that the clusters' lists name lead to, each said once.
fn ways(plan: &Plan, width: usize) -> String {
    let escalations = plan.proof.clusters.iter().flat_map(|cluster| &cluster.reached_after.escalations);
    let ways: BTreeMap<&str, &str> =
        escalations.map(|way| (way.id.as_str(), way.leads_to.as_str())).collect();
    if ways.is_empty() {
        return String::new();
    }
    let lines: String = ways
        .iter()
        .map(|(id, leads_to)| paragraph(&format!("{id}: {leads_to}"), "    ", "      ", width))
        .collect();
    format!("  where these ways lead:\n{lines}\n")
}

fn power(power: &Power) -> String {
    if power.cluster_admin {
        return "cluster-admin".to_owned();
    }
    let reach = if power.reaches_cluster_admin { ", reaches cluster-admin" } else { "" };
    let unknown = match power.unknown.len() {
        0 => String::new(),
        1 => ", and 1 thing that isn't known".to_owned(),
        n => format!(", and {n} things that aren't known"),
    };
    let (permissions, ways) = (count(power.permissions, "permission"), count(power.escalations.len(), "way"));
    format!("{permissions}, {ways} to more{reach}{unknown}")
}

fn listed(items: &[Arc<str>]) -> String {
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
