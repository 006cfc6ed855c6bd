//! Pod Identity's session tags are handed on, and both sides have to allow that.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "tag-session-denied",
    title: "the role may be assumed, but not with the session's tags",
    patterns: &["User: {principal} is not authorized to perform: sts:TagSession on resource: {role}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "sessions of Pod Identity have transitive tags, so that assuming the next role is tagging its session: `sts:TagSession` is lacking in its trust policy or in a policy of the caller's role",
    ],
    evidence: &["aws iam get-role: `AssumeRolePolicyDocument` of `{role}`"],
    fix: &[
        "let the trust policy of `{role}` allow `sts:TagSession` beside `sts:AssumeRole`, and a policy of the caller's role, too",
        "or disable session tags in the association (`disableSessionTags`)",
    ],
    sources: &[
        r#"EKS User Guide, "Grant Pods access to AWS resources based on tags""#,
        "argo-cd#17064",
        "argo-cd#19928",
    ],
    asks: Asks::AssumeRole,
};
