//! Documents that are too large, or nearly (IAM User Guide, "IAM and AWS STS quotas"; Organizations User Guide, "Quotas for AWS
//! Organizations").

use super::Advice;
use crate::{
    Kind,
    size::{
        INLINE_POLICIES_LIMIT, MANAGED_POLICY_LIMIT, RESOURCE_CONTROL_LIMIT, SERVICE_CONTROL_LIMIT,
        TRUST_POLICY_LIMIT, TRUST_POLICY_MOST, characters,
    },
};

/// Per cent of a limit from which on it is worth knowing.
const NEAR: usize = 90;

/// What to say of a document's size: of the largest limit that it exceeds, else of the smallest that it comes near to.
pub(super) fn advice(text: &str, kind: Kind) -> Option<Advice> {
    let limits = limits(kind);
    let (last, _) = limits.split_last().map(|((last, _), others)| (*last, others))?;
    let characters = characters(text);
    let exceeded = limits.iter().rev().find(|(limit, _)| characters > *limit);
    let near = || limits.iter().find(|(limit, _)| characters * 100 >= limit * NEAR);
    let (limit, of) = *exceeded.or_else(near)?;
    Some(Advice::Size { characters, limit, of, refused: characters > last })
}

/// The limits that can apply to a kind, ascending. What exceeds the last one can't be saved at all.
fn limits(kind: Kind) -> &'static [(usize, &'static str)] {
    match kind {
        Kind::Identity => &[
            (MANAGED_POLICY_LIMIT, "a managed policy"),
            (INLINE_POLICIES_LIMIT, "all inline policies of a role together"),
        ],
        Kind::Trust => &[
            (TRUST_POLICY_LIMIT, "a role's trust policy, unless the quota was raised,"),
            (TRUST_POLICY_MOST, "a role's trust policy, however far the quota was raised,"),
        ],
        Kind::ServiceControl => &[(SERVICE_CONTROL_LIMIT, "a service control policy")],
        Kind::ResourceControl => &[(RESOURCE_CONTROL_LIMIT, "a resource control policy")],
        Kind::Resource | Kind::Endpoint => &[],
    }
}
