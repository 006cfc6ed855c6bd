//! What the world copies from each other: snippets of articles and documentation that are wrong.

pub(crate) mod associate_pod_identity;
pub(crate) mod cluster_add_without_aws;
pub(crate) mod cluster_admin_bound_by_command;
pub(crate) mod cluster_admin_in_command;
pub(crate) mod control_plane_policy_attached;
pub(crate) mod implicit_capability_group;
pub(crate) mod mapping_to_masters;
pub(crate) mod service_account_condition_key;
pub(crate) mod skipped_tls_in_command;
pub(crate) mod system_masters_in_command;
