//! A plugin that ended well and gave nothing.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-no-token",
    title: "the credential plugin gave no token",
    patterns: &[
        "exec plugin didn't return a token or cert/key pair",
        "exec plugin didn't return a status field",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["the plugin isn't one of credentials, or its arguments make it do something else"],
    evidence: &["the plugin's command and arguments, run by hand"],
    fix: &[
        "give `execProviderConfig.args` as the plugin wants them: `eks get-token --cluster-name NAME` for the AWS CLI",
    ],
    sources: &["Kubernetes, client-go/plugin/pkg/client/auth/exec/exec.go"],
    asks: Asks::Cluster,
};
