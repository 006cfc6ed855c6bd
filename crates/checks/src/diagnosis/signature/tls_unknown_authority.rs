//! The cluster's certificate is signed by another authority than the Secret has.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "tls-unknown-authority",
    title: "the cluster's certificate isn't from the authority in the cluster Secret",
    patterns: &[
        ".eks.amazonaws.com{}x509: certificate signed by unknown authority",
        r#"timeout=32s": {}x509: certificate signed by unknown authority"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`tlsClientConfig.caData` is missing or is another cluster's: each EKS cluster has its own authority",
        "the cluster was made anew and its Secret wasn't",
        "a proxy on the way has a certificate of its own",
    ],
    evidence: &["aws eks describe-cluster: `certificateAuthority.data`"],
    fix: &["set `tlsClientConfig.caData` to `certificateAuthority.data`"],
    sources: &["argo-cd#3945", "argo-cd#7429"],
    asks: Asks::Certificate,
};
