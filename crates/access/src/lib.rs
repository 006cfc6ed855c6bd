//! The chain from a pod or a person to a request on a cluster, one file for each hop.

pub mod argocd_rbac;
pub mod cluster_identity;
