//! Tags and session policies have a size limit together.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "packed-policy",
    title: "the session's tags are too large",
    patterns: &[
        "PackedPolicyTooLarge: {reason}",
        "(PackedPolicyTooLarge) when calling the {operation} operation: {reason}",
        "Packed size of session tags consumes {code}% of allotted space",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole, At::ServiceAccount],
    causes: &[
        "the six tags of Pod Identity, with long names of cluster, namespace or pod, and those that are handed on don't fit",
    ],
    evidence: &["lengths of the cluster's ARN and of the names"],
    fix: &[
        "set `disableSessionTags` in the Pod Identity association, if no policy asks for the tags",
    ],
    sources: &[
        r#"STS API Reference, "AssumeRole""#,
        r#"EKS User Guide, "EKS Pod Identity session tags""#,
    ],
    asks: Asks::Credentials,
};
