//! The aws-auth ConfigMap: which IAM roles are which Kubernetes groups, in the authentication modes that read it.

use facts::{Gap, RoleArn};
use inventory::Cluster;
use serde::Deserialize;

/// One entry of `mapRoles` (aws-iam-authenticator, pkg/config/types.go, `RoleMapping`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Mapping {
    /// The role; EKS wants it without its path.
    #[serde(rename = "rolearn")]
    pub(crate) role: String,
    /// User name or template.
    pub(crate) username: Option<String>,
    /// Its groups.
    pub(crate) groups: Option<Vec<String>>,
}

impl Mapping {
    /// Whether it gives its role anything. The authenticator compares it with the caller's ARN, which never has the
    /// role's path (aws-iam-authenticator, pkg/arn/arn.go, `Canonicalize`), so a mapping with one matches nobody (EKS
    /// User Guide, "Grant IAM users and roles access to Kubernetes APIs with a ConfigMap").
    pub(crate) fn matches(&self) -> bool {
        self.role.parse::<RoleArn>().is_ok_and(|role| role.path == "/")
    }
}

/// The roles that a cluster maps; none where its authentication mode doesn't read them.
///
/// # Errors
/// What couldn't be read.
pub(crate) fn mappings(cluster: &Cluster) -> Result<Vec<Mapping>, Gap> {
    let mode = cluster.description.known().and_then(|known| known.authentication_mode.as_deref());
    if mode == Some("API") {
        return Ok(Vec::new());
    }
    cluster.kubernetes.list("configmaps")?;
    let map = cluster.kubernetes.find("configmaps", Some("kube-system"), "aws-auth");
    let text = map.and_then(|map| map.body.pointer("/data/mapRoles")?.as_str()).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_saphyr::from_str(text).map_err(|_| Gap::new("the roles of aws-auth", "`mapRoles` can't be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_roles_is_read_as_the_authenticator_reads_it() {
        let text = "- rolearn: arn:aws:iam::111122223333:role/x\n  username: u\n  groups:\n  - system:masters\n- {rolearn: y, extra: 1}\n";
        let read: Vec<Mapping> = serde_saphyr::from_str(text).unwrap();
        assert_eq!(read[0].groups.as_deref(), Some(&["system:masters".to_owned()][..]));
        assert_eq!((read[1].role.as_str(), &read[1].groups), ("y", &None));
        assert!(read[0].matches() && !read[1].matches());
    }

    #[test]
    fn a_mapping_with_the_path_of_its_role_matches_nobody() {
        let role = "arn:aws:iam::111122223333:role/platform/x".to_owned();
        assert!(!Mapping { role, ..Mapping::default() }.matches());
    }
}
