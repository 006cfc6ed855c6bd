//! AWS's quotas that a choice of roles uses up.
//!
//! Numbers and adjustability: IAM User Guide, "IAM and AWS STS quotas" (doc_source/reference_iam-quotas.md); of Pod Identity:
//! EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services", and "View and manage Amazon EKS and
//! Fargate service quotas". AWS publishes no quota of access entries per cluster, so none is here.

use iam::{
    INLINE_POLICIES_LIMIT, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_LIMIT, TRUST_POLICY_LIMIT,
    TRUST_POLICY_MOST,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Of a quota that counts things, at most so many hundredths are used: what AWS Trusted Advisor calls yellow ("Service
/// limits": more than 80 % of a limit). The rest is for what else lives in the accounts.
pub const ROOM: usize = 80;

const IAM: &str = "IAM User Guide, IAM and AWS STS quotas";
const EKS: &str = "EKS User Guide, EKS Pod Identity considerations";

/// One quota of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quota {
    /// Stable kebab-case name.
    pub id: &'static str,
    /// What it counts, and in what.
    pub name: &'static str,
    /// Unless it was raised.
    pub default: usize,
    /// To which AWS raises it at most; absent where it can't be raised, or where no maximum is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// The page that says so.
    pub source: &'static str,
    /// Whether the plan divides what would exceed it among more objects, so that being near to it means nothing.
    pub divided: bool,
}

const fn counted(id: &'static str, name: &'static str, default: usize, most: Option<usize>) -> Quota {
    Quota { id, name, default, most, source: IAM, divided: false }
}

const fn divided(id: &'static str, name: &'static str, default: usize) -> Quota {
    Quota { id, name, default, most: None, source: IAM, divided: true }
}

/// Roles of an account.
pub const ROLES: Quota = counted("roles", "roles per account", 1_000, Some(5_000));

/// Customer managed policies of an account.
pub const POLICIES: Quota = counted("managed-policies", "managed policies per account", 1_500, Some(5_000));

/// Managed policies of a role. The plan itself never attaches more than the default.
pub const ATTACHED: Quota =
    counted("attached-policies", "managed policies per role", MANAGED_POLICIES_PER_ROLE, Some(20));

/// Characters of a trust policy.
pub const TRUST: Quota =
    counted("trust-policy", "trust policy, characters", TRUST_POLICY_LIMIT, Some(TRUST_POLICY_MOST));

/// Characters of a role's inline policies together; what is longer becomes managed policies.
pub const INLINE: Quota = divided("inline-policies", "inline policies, characters", INLINE_POLICIES_LIMIT);

/// Characters of a managed policy; what is longer becomes several.
pub const MANAGED: Quota = divided("managed-policy", "managed policy, characters", MANAGED_POLICY_LIMIT);

/// OIDC providers of an account.
pub const PROVIDERS: Quota = counted("oidc-providers", "OIDC providers per account", 100, None);

/// Pod Identity associations of a cluster.
pub const ASSOCIATIONS: Quota = Quota {
    id: "pod-identity-associations",
    name: "Pod Identity associations per cluster",
    default: 5_000,
    most: None,
    source: EKS,
    divided: false,
};

/// Of one quota, how much is used where most is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuotaUse {
    /// Which.
    #[serde(flatten)]
    pub quota: Quota,
    /// How much of it the plan's objects use; what else is there isn't counted.
    pub used: usize,
    /// Hundredths of the default, rounded up.
    pub percent: usize,
}

impl QuotaUse {
    /// So much of a quota.
    pub fn new(quota: Quota, used: usize) -> Self {
        Self { quota, used, percent: (used * 100).div_ceil(quota.default) }
    }

    /// Whether it fits the default: with room, if it counts things; exactly, if the plan divides what is longer.
    pub fn fits(&self) -> bool {
        self.percent <= if self.quota.divided { 100 } else { ROOM }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_so_that_something_is_never_nothing() {
        assert_eq!(QuotaUse::new(ROLES, 0).percent, 0);
        assert_eq!(QuotaUse::new(ROLES, 1).percent, 1);
        assert_eq!(QuotaUse::new(ROLES, 1_001).percent, 101);
    }

    #[test]
    fn what_counts_needs_room_and_what_is_divided_does_not() {
        assert!(QuotaUse::new(ROLES, 800).fits() && !QuotaUse::new(ROLES, 801).fits());
        assert!(QuotaUse::new(MANAGED, 6_144).fits() && !QuotaUse::new(MANAGED, 6_145).fits());
    }
}
