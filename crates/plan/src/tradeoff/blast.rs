//! The blast radius: what is lost with one stolen identity.

use facts::RoleArn;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    actors::Actors,
    reach::{Reach, Reaches},
};

/// What is lost with one stolen identity: credentials of one role, for as long as they last.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blast {
    /// The widest of the hub's roles, with all that it may assume.
    pub hub: Stolen,
    /// The widest of the roles that clusters know: with `topology: direct` the hub's own.
    pub known_to_clusters: Stolen,
    /// Of all these roles, the hub's and the spokes'.
    pub average: Average,
}

/// A role, and what it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stolen {
    /// The role.
    pub role: RoleArn,
    /// What it reaches.
    pub reach: Reach,
}

/// What the roles reach on average, to a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Average {
    /// How many roles there are.
    pub roles: usize,
    /// Clusters.
    pub clusters: f64,
    /// Clusters of which all Secrets can be read.
    pub clusters_with_all_secrets: f64,
    /// Namespaces of the others whose Secrets can be read.
    pub secret_namespaces: f64,
    /// Clusters with writes that are limited to no namespace.
    pub clusters_with_wide_writes: f64,
    /// Namespaces with a right to write of their own.
    pub written_namespaces: f64,
}

impl Blast {
    /// None where nobody gets anywhere.
    pub(super) fn of(actors: &Actors<'_>, reaches: &Reaches) -> Option<Self> {
        let hub = actors.of_hub().map(|(role, clusters)| Stolen {
            role: role.clone(),
            reach: total(clusters.into_iter().map(|(cluster, as_whom)| reaches.on(cluster, as_whom))),
        });
        let known: Vec<Stolen> = actors
            .principals()
            .map(|(role, clusters)| {
                let as_whom = actors.component(role);
                let reach = total(clusters.iter().map(|cluster| reaches.on(cluster, as_whom)));
                Stolen { role: role.clone(), reach }
            })
            .collect();
        let spokes = known.iter().filter(|stolen| !actors.is_of_hub(&stolen.role));
        let average = Average::of(&spokes.chain(&hub).map(|stolen| stolen.reach).collect::<Vec<_>>());
        Some(Self { average, known_to_clusters: widest(known)?, hub: widest(hub)? })
    }
}

/// Of equals the first.
fn widest(stolen: impl IntoIterator<Item = Stolen>) -> Option<Stolen> {
    stolen.into_iter().reduce(|widest, next| if next.reach > widest.reach { next } else { widest })
}

fn total(reaches: impl Iterator<Item = Reach>) -> Reach {
    let mut total = Reach::default();
    reaches.for_each(|reach| total += reach);
    total
}

impl Average {
    fn of(reaches: &[Reach]) -> Self {
        let sum = total(reaches.iter().copied());
        let roles = reaches.len();
        let tenths = |sum: usize| (sum * 10 + roles / 2).checked_div(roles).unwrap_or(0);
        let average = |sum: usize| u32::try_from(tenths(sum)).map_or(f64::MAX, f64::from) / 10.0;
        Self {
            roles,
            clusters: average(sum.clusters),
            clusters_with_all_secrets: average(sum.clusters_with_all_secrets),
            secret_namespaces: average(sum.secret_namespaces),
            clusters_with_wide_writes: average(sum.clusters_with_wide_writes),
            written_namespaces: average(sum.written_namespaces),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_to_a_tenth() {
        let reach = |clusters| Reach { clusters, ..Reach::default() };
        let average = Average::of(&[reach(1), reach(1), reach(3)]);
        assert_eq!((average.roles, average.clusters), (3, 1.7));
        assert_eq!(Average::of(&[]).clusters, 0.0);
    }
}
