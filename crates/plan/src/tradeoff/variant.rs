//! The ways that are compared: who assumes what, and how many roles there are for it.

use fleet::{Fleet, Granularity, Topology};
use schemars::JsonSchema;
use serde::Serialize;

/// One way to reach all clusters of a fleet. Of equals, the one that stands first here is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// `topology: chained`, `roles: per-cluster`.
    PerCluster,
    /// `topology: chained`, `roles: per-project`: by the clusters' `project` in the fleet file.
    PerProject,
    /// `topology: chained`, `roles: per-account`.
    PerAccount,
    /// `topology: chained`, `roles: shared`.
    Shared,
    /// `topology: direct`: the clusters know the hub's own two roles.
    Direct,
    /// As the fleet file has it, where its clusters differ.
    AsWritten,
}

impl Variant {
    /// Those that can be recommended.
    pub const CHOICES: [Self; 5] =
        [Self::PerCluster, Self::PerProject, Self::PerAccount, Self::Shared, Self::Direct];

    /// As the tables have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerCluster => "per-cluster",
            Self::PerProject => "per-project",
            Self::PerAccount => "per-account",
            Self::Shared => "shared",
            Self::Direct => "direct",
            Self::AsWritten => "as written",
        }
    }

    /// What to write into the fleet file for it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::PerCluster => "`topology: chained`, `roles: per-cluster`",
            Self::PerProject => "`topology: chained`, `roles: per-project`",
            Self::PerAccount => "`topology: chained`, `roles: per-account`",
            Self::Shared => "`topology: chained`, `roles: shared`",
            Self::Direct => "`topology: direct`",
            Self::AsWritten => "the fleet file as it is",
        }
    }

    /// The one that a fleet file has.
    pub fn of(fleet: &Fleet) -> Self {
        let mut topologies = spokes(fleet).map(|cluster| cluster.topology);
        let first = topologies.next();
        match (first, topologies.all(|topology| Some(topology) == first)) {
            (Some(Topology::Direct), true) => Self::Direct,
            (Some(Topology::Chained), true) => match fleet.granularity {
                Granularity::PerCluster => Self::PerCluster,
                Granularity::PerProject => Self::PerProject,
                Granularity::PerAccount => Self::PerAccount,
                Granularity::Shared => Self::Shared,
            },
            _ => Self::AsWritten,
        }
    }

    /// The fleet in this way.
    pub fn applied(self, fleet: &Fleet) -> Fleet {
        let mut fleet = fleet.clone();
        let granularity = match self {
            Self::PerCluster => Granularity::PerCluster,
            Self::PerProject => Granularity::PerProject,
            Self::PerAccount => Granularity::PerAccount,
            Self::Shared | Self::Direct => Granularity::Shared,
            Self::AsWritten => return fleet,
        };
        fleet.granularity = granularity;
        let topology = if self == Self::Direct { Topology::Direct } else { Topology::Chained };
        fleet.clusters.iter_mut().for_each(|cluster| cluster.topology = topology);
        fleet
    }
}

/// The clusters that are reached through IAM: all but the one that runs Argo CD.
pub(super) fn spokes(fleet: &Fleet) -> impl Iterator<Item = &fleet::Cluster> {
    fleet.clusters.iter().filter(|cluster| cluster.arn != fleet.hub.arn)
}
