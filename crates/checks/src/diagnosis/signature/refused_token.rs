//! What all errors have in common with which a cluster refuses a token: the same 401, in the words of whoever reports it.

/// The likeliest first.
pub(super) const CAUSES: &[&str] = &[
    "no access entry and no element of aws-auth maps the role that argocd-k8s-auth uses",
    "`awsAuthConfig.clusterName` isn't the EKS cluster's name, so the signed header in the token is of another cluster",
    "the role was deleted and made anew: the access entry is of the old one's unique id",
    "the session behind the token has expired",
];

/// What tells one cause from another.
pub(super) const EVIDENCE: &[&str] = &[ENTRIES, CLUSTER_NAME, LOG];

pub(super) const ENTRIES: &str =
    "aws eks list-access-entries, describe-access-entry: `createdAt` against the role's `CreateDate`";
pub(super) const CLUSTER_NAME: &str = "`clusterName` in `config` of the cluster Secret";
pub(super) const LOG: &str =
    "the authenticator's log of the cluster (control plane logging, type `authenticator`)";

/// What mends it.
pub(super) const FIX: &[&str] = &[
    "make an access entry of type STANDARD for the role, with a group that is bound",
    "set `awsAuthConfig.clusterName` to the EKS cluster's name",
];
