//! How Oarlock's own objects are told from other people's.

/// Says who manages an object (Kubernetes' recommended labels), in labels and in tags of AWS.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The value of [`MANAGED_BY`].
pub const OARLOCK: &str = "oarlock";
