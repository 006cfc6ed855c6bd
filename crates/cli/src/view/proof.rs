//! The proof of a plan, for people.

use std::{collections::BTreeMap, sync::Arc};

use access::{At, Passes};
use facts::count;
use plan::{BeyondNeeds, ClusterProof, Plan, Power, ProvenWay, Unmet};
use rbac::Permission;

use super::{hops, wrap::paragraph};

/// The proof: what every hop was found to be, cluster by cluster, and what is granted beyond the needs.
pub(super) fn text(plan: &Plan, width: usize) -> String {
    let mut text = "Proof\n\n".to_owned();
    if !plan.proof.chain {
        let only = "Without an inventory the planned rules alone are evaluated: not who Argo CD's pods are, which roles they get, and whom each cluster takes these for.";
        text.push_str(&paragraph(only, "  ", "  ", width));
        text.push('\n');
    }
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
    cluster.ways.iter().for_each(|way| text.push_str(&chain(way, width)));
    text.push_str(&unmet(&cluster.unmet, width));
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

/// An identity's hops in a row, and why it doesn't get further where one doesn't pass.
fn chain(ProvenWay { identity, hops }: &ProvenWay, width: usize) -> String {
    let row: Vec<String> = hops.iter().map(|hop| format!("{} {}", hops::mark(&hop.passes), hop.at)).collect();
    let mut text = paragraph(&format!("{identity}: {}", row.join(", ")), "    ", "      ", width);
    for hop in hops.iter().filter(|hop| hop.passes == Passes::No) {
        text.push_str(&paragraph(&format!("{}: {}", hop.at, hop.by), "      ", "        ", width));
    }
    text
}

/// How many needs of one cause are worth reading in a terminal; `-o json` has all.
const SHOWN: usize = 5;

/// The needs that aren't met, under what they have in common.
fn unmet(unmet: &[Unmet], width: usize) -> String {
    let mut causes: BTreeMap<String, Vec<&Unmet>> = BTreeMap::new();
    for unmet in unmet {
        causes.entry(cause(unmet)).or_default().push(unmet);
    }
    let mut text = String::new();
    for (cause, unmet) in causes {
        text.push_str(&paragraph(&cause, "    ", "      ", width));
        unmet.iter().take(SHOWN).for_each(|Unmet { identity, permission, .. }| {
            text.push_str(&format!("      {identity} {permission}\n"));
        });
        if let Some(more) = unmet.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("      and {more} more\n"));
        }
    }
    text
}

fn cause(Unmet { missing, hop, .. }: &Unmet) -> String {
    match (missing.as_slice(), hop) {
        ([], None) => "not allowed:".to_owned(),
        ([], Some(hop)) if hop.at == At::Authorization => {
            "not allowed: neither RBAC nor an access policy allows them".to_owned()
        }
        ([], Some(hop)) => format!("not allowed at {}:", hop.at),
        (gaps, _) => {
            let gaps: Vec<String> = gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.cause)).collect();
            format!("not known: {}", gaps.join("; "))
        }
    }
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
