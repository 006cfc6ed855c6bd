//! The plugin's program isn't in the image.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-not-found",
    title: "the program that should make the token isn't in Argo CD's image",
    patterns: &[
        "exec: executable {command} not found",
        r#"exec: "{command}": executable file not found in $PATH"#,
        "fork/exec {command}: no such file or directory",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`execProviderConfig.command` of the cluster Secret names a program that the image doesn't have: newer images have no `aws` and no `aws-iam-authenticator`",
    ],
    evidence: &["`config` of the cluster Secret"],
    fix: &["use `awsAuthConfig` with `clusterName` and `roleARN` instead of `execProviderConfig`"],
    sources: &["Kubernetes, client-go/plugin/pkg/client/auth/exec/exec.go", "argo-cd#11048"],
    asks: Asks::Cluster,
};
