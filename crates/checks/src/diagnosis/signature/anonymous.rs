//! A request that came without credentials.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "anonymous",
    title: "the request came to the cluster without credentials",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "system:anonymous" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "system:anonymous" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "system:anonymous" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
        r#"User "system:anonymous" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
        r#"User "system:anonymous" cannot {verb} path "{path}""#,
    ],
    fixed: &[("user", "system:anonymous")],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "the cluster Secret has neither `awsAuthConfig` nor `execProviderConfig` nor a token",
        "`server` is `https://kubernetes.default.svc`-like or behind a proxy that drops the `Authorization` header",
    ],
    evidence: &["`config` of the cluster Secret", "argocd cluster get"],
    fix: &["set `awsAuthConfig` in `config` of the cluster Secret"],
    sources: &["Argo CD, pkg/apis/application/v1alpha1/types.go, `RawRestConfig`"],
    asks: Asks::Cluster,
};
