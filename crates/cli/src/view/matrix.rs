//! The access matrix: principal × verb × resource × cluster. Made for keeping in Git and reading its diffs.

use std::collections::BTreeMap;

use plan::ClusterNeeds;

use super::row::rows;

/// One line for each principal, place and resource of each cluster, with the verbs.
pub(crate) fn matrix(clusters: &[ClusterNeeds]) -> String {
    let mut sorted: Vec<_> = clusters.iter().collect();
    sorted.sort_by(|a, b| (&a.name, &a.arn).cmp(&(&b.name, &b.arn)));
    let mut text = String::new();
    for cluster in sorted {
        text.push_str(&format!("## {} ({})\n", cluster.name, cluster.arn));
        let mut by_identity: BTreeMap<String, Vec<[String; 4]>> = BTreeMap::new();
        for row in rows(&cluster.needs.iter().collect::<Vec<_>>()) {
            let resource = if row.paths.is_empty() { row.resource.clone() } else { row.paths.join(",") };
            let cells = [row.scope(), resource, row.verbs(), row.names()];
            by_identity.entry(row.identity.to_string()).or_default().push(cells);
        }
        for (identity, lines) in by_identity {
            text.push_str(&format!("\n{identity}\n"));
            lines.iter().for_each(|line| text.push_str(&self::line(line, &widths(&lines))));
        }
        text.push('\n');
    }
    text
}

fn widths(lines: &[[String; 4]]) -> [usize; 3] {
    [0, 1, 2].map(|column| {
        // A list of paths would push everything else aside.
        let cells = lines.iter().filter_map(|line| line.get(column)).filter(|cell| !cell.starts_with('/'));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    })
}

fn line([scope, resource, verbs, names]: &[String; 4], [a, b, c]: &[usize; 3]) -> String {
    let text = format!("  {scope:a$}  {resource:b$}  {verbs:c$}  {names}");
    format!("{}\n", text.trim_end())
}
