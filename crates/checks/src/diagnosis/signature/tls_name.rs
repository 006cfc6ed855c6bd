//! The certificate is for other names.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "tls-name",
    title: "the address in the cluster Secret isn't one of the certificate's names",
    patterns: &[
        ".eks.amazonaws.com{}x509: certificate is valid for {reason}",
        r#"timeout=32s": {}x509: certificate is valid for {reason}"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`server` of the cluster Secret is an alias, an IP or a proxy's address, which the API server's certificate doesn't have",
    ],
    evidence: &["`server` of the cluster Secret"],
    fix: &["set `server` to the cluster's endpoint", "or set `tlsClientConfig.serverName`"],
    sources: &["Kubernetes, client-go/transport/transport.go"],
    asks: Asks::Cluster,
};
