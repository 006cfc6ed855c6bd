//! The aws-auth ConfigMap: which IAM roles are which Kubernetes groups, in the authentication modes that read it.

use access::cluster_identity::{
    AuthenticationMode, AwsAuth,
    aws_auth::{Item, ItemProblem},
};
use facts::Gap;
use inventory::Cluster;

/// The roles that a cluster maps, or means to; none where its authentication mode doesn't read them.
///
/// # Errors
/// What couldn't be read.
pub(crate) fn mappings(cluster: &Cluster) -> Result<Vec<Item>, Gap> {
    if AuthenticationMode::of(cluster).is_ok_and(|mode| !mode.reads_aws_auth()) {
        return Ok(Vec::new());
    }
    let roles = AwsAuth::of(cluster)?.roles;
    match roles.gap("mapRoles") {
        Some(gap) => Err(gap),
        None => Ok(roles.items),
    }
}

/// Whether a mapping gives its role anything.
pub(crate) fn is_effective(mapping: &Item) -> bool {
    mapping.counts() && !mapping.problems.iter().any(ItemProblem::matches_nobody)
}

/// Whether it matches nobody for the path in its ARN (EKS User Guide, "Grant IAM users and roles access to Kubernetes APIs with a
/// ConfigMap").
pub(crate) fn has_path(mapping: &Item) -> bool {
    mapping.problems.contains(&ItemProblem::RolePath)
}
