//! The access matrix: principal × verb × resource × cluster. Made for keeping in Git and reading its diffs.

use std::collections::BTreeMap;

use argocd::{Beyond, Identity};
use facts::ClusterArn;
use plan::ClusterNeeds;
use rbac::Permission;
use schemars::JsonSchema;
use serde::Serialize;

use super::{API_VERSION, row::rows};

/// The access matrix with every permission whole: what `oarlock plan -o matrix-json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessMatrix")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'n> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `AccessMatrix`
    #[schemars(extend("const" = "AccessMatrix"))]
    kind: &'static str,
    /// Sorted by name.
    clusters: Vec<Cluster<'n>>,
}

/// What Argo CD needs on one cluster.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ClusterAccess")]
#[serde(rename_all = "camelCase")]
struct Cluster<'n> {
    /// Its name in the fleet.
    cluster: &'n str,
    /// Its ARN.
    arn: &'n ClusterArn,
    /// Sorted by identity and permission, each pair once.
    needs: Vec<Need>,
}

/// One permission that one identity needs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Access")]
#[serde(rename_all = "camelCase")]
struct Need {
    identity: Identity,
    permission: Permission,
    /// Whether RBAC itself has to give it: no access policy will do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_rbac: bool,
    /// Why it is wider than what is deployed today; absent where it isn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<Beyond>,
}

impl<'n> Json<'n> {
    pub(crate) fn new(clusters: &'n [ClusterNeeds]) -> Self {
        let clusters = sorted(clusters).into_iter().map(|cluster| Cluster {
            cluster: &cluster.name,
            arn: &cluster.arn,
            needs: cluster
                .needs
                .iter()
                .map(|argocd::Need { identity, permission, in_rbac, beyond, .. }| Need {
                    identity,
                    permission,
                    in_rbac,
                    beyond,
                })
                .collect(),
        });
        Self { api_version: API_VERSION, kind: "AccessMatrix", clusters: clusters.collect() }
    }
}

/// One line for each principal, place and resource of each cluster, with the verbs.
pub(crate) fn matrix(clusters: &[ClusterNeeds]) -> String {
    let mut text = String::new();
    for cluster in sorted(clusters) {
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

fn sorted(clusters: &[ClusterNeeds]) -> Vec<&ClusterNeeds> {
    let mut sorted: Vec<_> = clusters.iter().collect();
    sorted.sort_by(|a, b| (&a.name, &a.arn).cmp(&(&b.name, &b.arn)));
    sorted
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
