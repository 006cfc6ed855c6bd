//! Numbers, then clusters and roles, each with the last step of the shortest way, then what isn't known.

use std::collections::{BTreeMap, BTreeSet};

use access::reach::{Blast, ClusterId, Principal, Reach, Reached};
use facts::count;

use crate::view::table;

/// More rows than this nobody reads: `-o json` has all.
const ROWS: usize = 40;

/// Narrower than this, ways can't stand beside names.
const LEAST: usize = 120;

type Part = fn(&Blast) -> usize;

const NUMBERS: [(&str, Part); 10] = [
    ("clusters", |blast| blast.clusters),
    ("· with everything", |blast| blast.cluster_admin),
    ("· whose nodes it is root on", |blast| blast.clusters_with_nodes),
    ("· with the Secrets of every namespace", |blast| blast.clusters_with_all_secrets),
    ("namespaces", |blast| blast.namespaces),
    ("· with their Secrets, on other clusters", |blast| blast.secret_namespaces),
    ("Secrets of the inventory", |blast| blast.secrets),
    ("service accounts", |blast| blast.service_accounts),
    ("IAM roles and users", |blast| blast.roles),
    ("accounts with everything", |blast| blast.accounts),
];

/// All of it.
pub(crate) fn text(who: &str, reach: &Reach, width: usize) -> String {
    let mut text = format!("{who} reaches\n\n");
    text.push_str(&numbers(reach, width));
    if !reach.is_complete() {
        text.push_str("\neach number is one that it is at least: not everything is known\n");
    }
    for (head, rows) in [("CLUSTER", clusters(reach)), ("ROLE", roles(reach))] {
        let more = rows.len().saturating_sub(ROWS);
        let shown = rows.into_iter().take(ROWS).collect();
        let table = table::fitted(&[head, "WHAT", "WAY"], [0, 1, 2], shown, width.max(LEAST));
        if !table.is_empty() {
            text.push_str(&format!("\n{table}"));
        }
        if more > 0 {
            text.push_str(&format!("… and {more} more: -o json has all\n"));
        }
    }
    text.push_str(&leads(reach));
    text.push_str(&unknown(reach));
    text
}

fn numbers(reach: &Reach, width: usize) -> String {
    let row = |(name, part): &(&str, Part)| {
        let numbers = [&reach.written, &reach.reached, &reach.possible].map(|blast| part(blast).to_string());
        std::iter::once((*name).to_owned()).chain(numbers).collect()
    };
    let head = ["", "WRITTEN", "REACHED", "MAY BE REACHED"];
    table::fitted(&head, [0, 1, 2], NUMBERS.iter().map(row).collect(), width)
}

/// A row for each cluster, with the widest that is reached there.
fn clusters(reach: &Reach) -> Vec<Vec<String>> {
    let mut there: BTreeMap<ClusterId, Vec<usize>> = BTreeMap::new();
    for (at, node) in reach.principals.iter().enumerate() {
        if let Some(cluster) = node.principal.cluster() {
            there.entry(cluster).or_default().push(at);
        }
    }
    let row = |(cluster, members): (ClusterId, Vec<usize>)| {
        let widest =
            members.iter().copied().min_by_key(|at| (reach.principals.get(*at).map(width_of), *at))?;
        let name = super::cluster(reach, cluster)?;
        Some(line(reach, name, &what(reach, &members), widest))
    };
    there.into_iter().filter_map(row).collect()
}

/// What is certain first, and the widest of that.
fn width_of(node: &Reached) -> (bool, usize, usize) {
    let kinds = ["cluster-admin", "nodes", "rights", "caller", "project", "pod"];
    let rank = kinds.iter().position(|kind| *kind == node.principal.kind());
    (!node.certain, rank.unwrap_or(kinds.len()), node.depth)
}

/// What is reached on a cluster: everything, or how many of each kind.
fn what(reach: &Reach, members: &[usize]) -> String {
    let nodes: Vec<&Reached> = members.iter().filter_map(|at| reach.principals.get(*at)).collect();
    let is_admin = |node: &&&Reached| matches!(node.principal, Principal::ClusterAdmin(_));
    if let Some(admin) = nodes.iter().find(is_admin) {
        return if admin.certain { "everything" } else { "everything, perhaps" }.to_owned();
    }
    let mut kinds: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for node in nodes {
        *kinds.entry((!node.certain, node.principal.kind())).or_default() += 1;
    }
    let words = kinds.into_iter().map(|((is_open, kind), many)| {
        let doubt = if is_open { ", perhaps" } else { "" };
        match kind {
            "nodes" | "rights" => format!("{kind}{doubt}"),
            kind => format!("{}{doubt}", count(many, &kind.replace('-', " "))),
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

fn roles(reach: &Reach) -> Vec<Vec<String>> {
    let is_iam =
        |node: &Reached| matches!(node.principal, Principal::Iam { .. } | Principal::AccountAdmin(_));
    let all = reach.principals.iter().enumerate().filter(|(_, node)| is_iam(node));
    let row = |(at, node): (usize, &Reached)| {
        let what = match (node.own, node.certain) {
            (true, _) => "its own",
            (false, true) => "reached",
            (false, false) => "perhaps",
        };
        line(reach, node.principal.to_string(), what, at)
    };
    all.map(row).collect()
}

/// The shortest way by its hops.
fn line(reach: &Reach, name: String, what: &str, at: usize) -> Vec<String> {
    let way: Vec<&str> = reach.way(at).iter().map(|edge| edge.how).collect();
    let way = if way.is_empty() { "taken over".to_owned() } else { way.join(" → ") };
    vec![name, what.to_owned(), way]
}

/// Where permissions lead of which no more is decided.
fn leads(reach: &Reach) -> String {
    let mut all: BTreeMap<&str, BTreeSet<ClusterId>> = BTreeMap::new();
    for lead in &reach.leads {
        all.entry(lead.entry.id).or_default().insert(lead.cluster);
    }
    let words = all.into_iter().map(|(id, on)| format!("{id} ({})", count(on.len(), "cluster")));
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        return String::new();
    }
    format!("\nit also has what `-o json` says in words: {}\n", words.join(", "))
}

/// What would have to be known; the same of several clusters stands once.
fn unknown(reach: &Reach) -> String {
    let mut text = String::new();
    if !reach.unknown.is_empty() {
        text.push_str("\nmore may be reached; not known is\n");
    }
    let mut by_fill: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for one in &reach.unknown {
        let gap = &one.gap;
        by_fill.entry((gap.cause.as_str(), gap.fill.as_deref())).or_default().push(gap.what.as_str());
    }
    for ((cause, fill), whats) in by_fill {
        let first: Vec<&str> = whats.iter().take(3).copied().collect();
        let more = whats.len() - first.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("  ? {}{more}: {cause}\n", first.join(", ")));
        fill.iter().for_each(|fill| text.push_str(&format!("    {fill}\n")));
    }
    text
}
