//! Authentication modes (EKS User Guide, "Change authentication mode to use access entries").

use std::fmt;

use facts::Gap;
use inventory::{Cluster, Known};

/// Where a cluster looks for its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationMode {
    /// aws-auth, and whoever created the cluster.
    ConfigMap,
    /// Access entries, then aws-auth.
    ApiAndConfigMap,
    /// Access entries.
    Api,
}

impl AuthenticationMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ConfigMap, Self::ApiAndConfigMap, Self::Api];

    /// The mode of a cluster.
    ///
    /// # Errors
    /// What isn't known.
    pub fn of(cluster: &Cluster) -> Result<Self, Gap> {
        let description = match &cluster.description {
            Known::Known(description) => description,
            Known::Gap(gap) => return Err(gap.clone()),
        };
        let gap = |cause: String| Gap::new("the cluster's authentication mode", cause);
        let Some(text) = &description.authentication_mode else {
            let fill = "collect `aws eks describe-cluster` again, with an AWS CLI that prints `accessConfig`";
            return Err(gap(format!("{} has none", description.place)).filled_by(fill));
        };
        let named = Self::ALL.into_iter().find(|mode| mode.as_str() == text);
        named.ok_or_else(|| gap(format!("`{text}` is none that is known here")))
    }

    /// As the EKS API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfigMap => "CONFIG_MAP",
            Self::ApiAndConfigMap => "API_AND_CONFIG_MAP",
            Self::Api => "API",
        }
    }

    /// Whether access entries count.
    pub fn reads_entries(self) -> bool {
        self != Self::ConfigMap
    }

    /// Whether aws-auth counts.
    pub fn reads_aws_auth(self) -> bool {
        self != Self::Api
    }
}

impl fmt::Display for AuthenticationMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
