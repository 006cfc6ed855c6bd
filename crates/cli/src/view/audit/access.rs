//! Who gets into which cluster, and as whom: a graph of those who matter most, and a table of all.

mod graph;

use std::{collections::BTreeSet, fmt::Write as _};

use access::cluster_identity::{ClusterIdentity, Name, Who, principals};
use checks::audit::Report;
use facts::count;
use inventory::{Inventory, Known};

use super::html::marked;
use crate::view::markup::escaped;

/// More rows are counted.
const ROWS: usize = 2_000;

/// One way in.
pub(super) struct Way {
    who: String,
    cluster: String,
    groups: Vec<String>,
    policies: Vec<String>,
    /// Whether it is everything.
    is_admin: bool,
}

pub(super) fn section(page: &mut String, inventory: &Inventory, report: &Report) {
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
    graph::draw(page, &ways, report);
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

/// Account and name, which is what tells them apart.
fn short(arn: &str) -> &str {
    arn.split_once("::").map_or(arn, |(_, rest)| rest)
}

fn table(page: &mut String, ways: &[Way]) {
    page.push_str("<div class=\"wide\"><table>\n<tr><th>cluster</th><th>who</th><th>groups</th><th>access policies</th></tr>\n");
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
    page.push_str("</table></div>\n");
    if ways.len() > ROWS {
        let _ = writeln!(page, "<p>… and {}</p>", count(ways.len() - ROWS, "more row"));
    }
}
