//! A role that assumes itself needs its own trust.

use access::At;

use super::{Asks, Rank, Signature};
use crate::diagnosis::{diagnosed::role_of, pattern::Parts};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-self",
    title: "a role would assume itself, and doesn't trust itself",
    patterns: &["User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}"],
    fixed: &[],
    rank: Rank::Cause,
    when: Some(is_self),
    hops: &[At::AssumeRole, At::ClusterSecret],
    causes: &["`roleARN` of the cluster Secret is the role that the pods have already, `{role}`"],
    evidence: &[
        "`awsAuthConfig.roleARN` in the cluster Secret",
        "aws sts get-caller-identity, in the pod",
    ],
    fix: &[
        "leave `roleARN` out of that cluster Secret: the pods have the role",
        "or let the role's trust policy name the role itself",
    ],
    sources: &[
        "argo-cd#17064",
        r#"AWS Security Blog, "Announcing an update to IAM role trust policy behavior""#,
    ],
    asks: Asks::AssumeRole,
};

fn is_self(parts: &Parts) -> bool {
    let (Some(principal), Some(role)) = (parts.get("principal"), parts.get("role")) else { return false };
    let own = role_of(principal);
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
    own.is_some_and(|own| role.rsplit('/').next() == Some(own)) && account(principal) == account(role)
}
