//! Who gets into which cluster, and as whom: a graph where it can be read, and a table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use access::cluster_identity::{ClusterIdentity, Name, Who, principals};
use facts::count;
use inventory::{Inventory, Known};

use super::html::marked;
use crate::view::markup::escaped;

/// With more on one side the graph's lines can't be followed.
const NODES: usize = 40;

/// More rows are counted.
const ROWS: usize = 2_000;

/// One way in.
struct Way {
    who: String,
    cluster: String,
    groups: Vec<String>,
    policies: Vec<String>,
    /// Whether it is everything.
    is_admin: bool,
}

pub(super) fn section(page: &mut String, inventory: &Inventory) {
    let (mut ways, mut missing) = (Vec::new(), BTreeSet::new());
    for (arn, cluster) in &inventory.clusters {
        let found = principals(cluster);
        missing.extend(found.missing.iter().map(|gap| format!("{}: {gap}", inventory.title(arn))));
        for member in &found.members {
            let who = match &member.who {
                Who::Arn(arn) => arn.clone(),
                Who::Account(account) => format!("every principal of account {account}"),
            };
            ways.push(way(who, inventory.title(arn), &member.identity));
        }
    }
    if ways.is_empty() && missing.is_empty() {
        return;
    }
    page.push_str("<h2>Who gets in</h2>\n");
    graph(page, &ways);
    table(page, &ways);
    for gap in &missing {
        let _ = writeln!(page, "<p class=\"quiet\">not known: {}</p>", marked(gap));
    }
}

fn way(who: String, cluster: String, identity: &ClusterIdentity) -> Way {
    let names = identity.groups.iter().map(|group| match group {
        Name::Fixed(name) | Name::Varies(name) => name.clone(),
    });
    let groups: Vec<String> = names.filter(|name| name != "system:authenticated").collect();
    let mut is_admin = groups.iter().any(|group| group == "system:masters");
    let policies = match &identity.associations {
        Known::Gap(_) => vec!["not known".to_owned()],
        Known::Known(all) => all
            .iter()
            .map(|(arn, namespaces)| {
                let name = rbac::access_policy::policy_name(arn);
                is_admin |= name == "AmazonEKSClusterAdminPolicy" && namespaces.is_empty();
                if namespaces.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name} in {}", namespaces.join(", "))
                }
            })
            .collect(),
    };
    Way { who, cluster, groups, policies, is_admin }
}

fn graph(page: &mut String, ways: &[Way]) {
    let left: BTreeSet<&str> = ways.iter().map(|way| way.who.as_str()).collect();
    let right: BTreeSet<&str> = ways.iter().map(|way| way.cluster.as_str()).collect();
    if left.is_empty() || left.len() > NODES || right.len() > NODES {
        return;
    }
    let height = 24 * left.len().max(right.len()) + 16;
    let rows = |names: &BTreeSet<&str>| -> BTreeMap<String, usize> {
        let step = height / (names.len() + 1);
        names.iter().enumerate().map(|(number, name)| ((*name).to_owned(), step * (number + 1))).collect()
    };
    let (from, to) = (rows(&left), rows(&right));
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"who gets into which cluster\">"
    );
    for way in ways {
        let (Some(start), Some(end)) = (from.get(&way.who), to.get(&way.cluster)) else { continue };
        let class = if way.is_admin { "admin" } else { "some" };
        let _ = writeln!(
            page,
            "<path class=\"{class}\" d=\"M480 {start} C 580 {start}, 600 {end}, 700 {end}\"/>"
        );
    }
    for (name, y) in &from {
        let _ = writeln!(
            page,
            "<text x=\"470\" y=\"{}\" text-anchor=\"end\">{}</text>",
            y + 4,
            escaped(short(name))
        );
    }
    for (name, y) in &to {
        let _ = writeln!(page, "<text x=\"710\" y=\"{}\">{}</text>", y + 4, escaped(name));
    }
    page.push_str("</svg>\n<p class=\"quiet\">Thick: everything, by <code>AmazonEKSClusterAdminPolicy</code> or <code>system:masters</code>.</p>\n");
}

/// Account and name, which is what tells them apart.
fn short(arn: &str) -> &str {
    arn.split_once("::").map_or(arn, |(_, rest)| rest)
}

fn table(page: &mut String, ways: &[Way]) {
    page.push_str("<table>\n<tr><th>cluster</th><th>who</th><th>groups</th><th>access policies</th></tr>\n");
    for way in ways.iter().take(ROWS) {
        let class = if way.is_admin { " class=\"error\"" } else { "" };
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td{class}>{}</td></tr>",
            escaped(&way.cluster),
            escaped(short(&way.who)),
            escaped(&way.groups.join(", ")),
            escaped(&way.policies.join(", "))
        );
    }
    page.push_str("</table>\n");
    if ways.len() > ROWS {
        let _ = writeln!(page, "<p>… and {}</p>", count(ways.len() - ROWS, "more row"));
    }
}
