//! What somebody reaches: for people, for programs, and as a graph.

pub(crate) mod dot;
pub(crate) mod graph;
pub(crate) mod json;
pub(crate) mod mermaid;
pub(crate) mod svg;
pub(crate) mod table;

use access::reach::{ClusterId, Reach};
use facts::ClusterArn;

/// A cluster by its name, with account and region where several have it.
fn cluster(reach: &Reach, id: ClusterId) -> Option<String> {
    let arn = reach.clusters.get(id.index())?;
    let ClusterArn { region, account, name, .. } = arn;
    let same = reach.clusters.iter().filter(|other| other.name == *name).count();
    Some(if same > 1 { format!("{name} ({account}, {region})") } else { name.clone() })
}
