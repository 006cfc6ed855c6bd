//! kubectl reads an object before it applies it.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "apply-get-forbidden",
    title: "Argo CD may not read an object that it would apply",
    patterns: &[
        r#"error when retrieving current configuration of:{...}from server for: "{file}": {of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"error when retrieving current configuration of:{...}from server for: "{file}": {of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "nothing lets `{user}` get `{resource}` of {group}: a client-side apply reads each object first, and so does its dry run",
        "the binding is in another namespace than the object, or names another group than the access entry gives",
    ],
    evidence: &[
        "kubectl auth whoami, with the same credentials: user name and groups as the API server sees them",
        "subjects of the bindings in that namespace",
    ],
    fix: &["let it get, create and patch the kind there"],
    sources: &["Kubernetes, kubectl/pkg/cmd/apply/apply.go", "argo-cd#21788", "argo-cd#17239"],
    asks: Asks::Request,
};
