//! The hop from credentials to a token that a cluster takes: a presigned `sts:GetCallerIdentity`, which nobody can be denied, with
//! the cluster's name in a signed header (aws-iam-authenticator v0.7.18, pkg/token/token.go, `Verify`).

use facts::ClusterArn;

use crate::{
    credentials::Credentials,
    hop::{At, Hop},
};

/// Whether a cluster takes a token that was made for a cluster of this name.
pub(crate) fn hop(credentials: &Credentials, made_for: &str, cluster: &ClusterArn) -> Hop {
    let at = At::Token;
    if made_for != cluster.name {
        let why = format!(
            "the token is made for the cluster name `{made_for}`, and this cluster's is `{}`: it answers 401",
            cluster.name
        );
        return Hop::no(at, why).changed_by(format!("set `awsAuthConfig.clusterName` to `{}`", cluster.name));
    }
    let partition = credentials.owner.partition();
    if partition != cluster.partition {
        let why = format!(
            "`{}` is of the partition `{partition}`, whose STS a cluster of `{}` doesn't ask",
            credentials.owner, cluster.partition
        );
        return Hop::no(at, why);
    }
    Hop::yes(at, format!("for the cluster name `{made_for}`, valid for 15 minutes"))
}
