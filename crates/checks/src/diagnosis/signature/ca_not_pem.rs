//! `caData` isn't the base64 of a PEM.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "ca-not-pem",
    title: "the cluster Secret's `caData` isn't a certificate",
    patterns: &[
        "unable to load root certificates: unable to parse bytes as PEM block",
        "failed to unmarshal cluster config: illegal base64 data at input byte {code}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`tlsClientConfig.caData` is base64 twice, or not at all: it is the very value of `certificateAuthority.data` from describe-cluster",
    ],
    evidence: &[
        "`config` of the cluster Secret",
        "aws eks describe-cluster: `certificateAuthority.data`",
    ],
    fix: &["set `tlsClientConfig.caData` to `certificateAuthority.data`"],
    sources: &["Kubernetes, client-go/transport/transport.go", "terraform-provider-argocd#311"],
    asks: Asks::Certificate,
};
