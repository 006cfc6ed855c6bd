//! client-go dropped v1alpha1 of ExecCredential.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-api-version",
    title: "the plugin and client-go speak different versions of ExecCredential",
    patterns: &[
        r#"no kind "ExecCredential" is registered for version "client.authentication.k8s.io/{version}""#,
        r#"exec plugin: invalid apiVersion "{version}""#,
        "exec plugin is configured to use API version {version}, plugin returned version {returned}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`execProviderConfig.apiVersion` is one that client-go has no more (v1alpha1, since Kubernetes 1.24), or isn't the one that the plugin answers with",
    ],
    evidence: &["`config` of the cluster Secret", "the plugin's version"],
    fix: &[
        "set `execProviderConfig.apiVersion` to `client.authentication.k8s.io/v1beta1`, and take a plugin that answers with it",
        "or use `awsAuthConfig`",
    ],
    sources: &["Kubernetes, client-go/plugin/pkg/client/auth/exec/exec.go", "argo-cd#13557"],
    asks: Asks::Cluster,
};
