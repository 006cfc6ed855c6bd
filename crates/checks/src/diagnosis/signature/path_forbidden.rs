//! A path outside the resource API.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "path-forbidden",
    title: "the caller may not read a path of the API server",
    patterns: &[r#"User "{user}" cannot {verb} path "{path}""#],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "nothing lets `{user}` `{verb}` `{path}`: discovery is open to `system:authenticated` by the ClusterRole `system:discovery`, unless somebody removed its binding",
    ],
    evidence: &["kubectl get clusterrolebinding system:discovery -o yaml"],
    fix: &[
        "restore the ClusterRoleBindings `system:discovery` and `system:public-info-viewer`",
        "or add the path to `nonResourceURLs` of a ClusterRole",
    ],
    sources: &["Kubernetes, apiserver/pkg/endpoints/handlers/responsewriters/errors.go"],
    asks: Asks::Request,
};
