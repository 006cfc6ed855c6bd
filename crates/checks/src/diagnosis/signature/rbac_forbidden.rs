//! The API server's refusal of a request.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "rbac-forbidden",
    title: "the cluster knows the caller, and nothing allows it the request",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "{user}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
        r#"User "{user}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "no role that is bound to `{user}` or to one of its groups allows `{verb}` on `{resource}` of {group} there, and no access policy does",
        "the binding is in another namespace, or names a group that the access entry doesn't give",
        "bindings name the user, whose name ends in the session's and so is another one each time",
    ],
    evidence: &[
        "kubectl auth can-i {verb} {resource} --as {user}: it asks RBAC alone, and access policies of EKS don't show there",
        "kubectl auth whoami, with the same credentials: user name and groups as the API server sees them",
        "aws eks describe-access-entry: `kubernetesGroups`",
    ],
    fix: &["bind a role with that rule to a group of the access entry"],
    sources: &[
        "Kubernetes, apiserver/pkg/endpoints/handlers/responsewriters/errors.go",
        r#"EKS User Guide, "Create access entries""#,
    ],
    asks: Asks::Request,
};
