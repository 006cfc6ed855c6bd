//! EKS access policies: what AWS publishes of their rules, and what they allow where they are associated.
//!
//! On EKS they are an authorizer of their own beside RBAC: either may allow. AWS's API returns their names, never
//! their rules, so a table of the published rules is built in, with its source and date. For the policies whose
//! rules AWS doesn't publish every answer is unknown.

mod association;
mod glob;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::PolicyRule;

pub use association::{AccessScope, Association, decide, held};

/// One access policy that AWS offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPolicy {
    /// For example `AmazonEKSViewPolicy`.
    pub name: String,
    /// Its rules, in the order of AWS's page, or why they are not known.
    pub rules: Result<Vec<PolicyRule>, String>,
}

impl AccessPolicy {
    /// The policy of a name or of an ARN (`arn:<partition>:eks::aws:cluster-access-policy/<name>`).
    ///
    /// None for a name that AWS didn't have when the table was made; see [`read`].
    pub fn find(name_or_arn: &str) -> Option<&'static Self> {
        let name = policy_name(name_or_arn);
        all().iter().find(|policy| policy.name == name)
    }
}

/// The name in an access policy's ARN; a name is returned as it is.
pub fn policy_name(name_or_arn: &str) -> &str {
    name_or_arn.rsplit_once(":cluster-access-policy/").map_or(name_or_arn, |(_, name)| name)
}

/// All policies of the table, in the order of AWS's page.
pub fn all() -> &'static [AccessPolicy] {
    &TABLE.policies
}

/// The page that the table was made from.
pub fn source() -> &'static str {
    &TABLE.source
}

/// When that page was read: year and month.
pub fn read() -> &'static str {
    &TABLE.read
}

struct Table {
    source: String,
    read: String,
    policies: Vec<AccessPolicy>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        source: String,
        read: String,
        policies: Vec<Entry>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Published { name: String, rules: Vec<PolicyRule> },
        Unpublished { name: String, unpublished: String },
    }
    #[expect(clippy::expect_used, reason = "the table is part of the program, and a test reads it")]
    let file: File = serde_json::from_str(include_str!("policies.json")).expect("policies.json is legal");
    let policies = file.policies.into_iter().map(|entry| match entry {
        Entry::Published { name, rules } => AccessPolicy { name, rules: Ok(rules) },
        Entry::Unpublished { name, unpublished } => AccessPolicy { name, rules: Err(unpublished) },
    });
    Table { source: file.source, read: file.read, policies: policies.collect() }
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PermissionSet, Scope};

    fn set(name: &str) -> PermissionSet {
        PermissionSet::of_rules(&Scope::Cluster, AccessPolicy::find(name).unwrap().rules.as_ref().unwrap())
    }

    #[test]
    fn the_published_policies_grow_from_view_to_cluster_admin() {
        let names = [
            "AmazonEKSViewPolicy",
            "AmazonEKSEditPolicy",
            "AmazonEKSAdminPolicy",
            "AmazonEKSClusterAdminPolicy",
        ];
        for pair in names.windows(2) {
            assert!(set(pair[1]).covers(&set(pair[0])).holds(), "{} covers {}", pair[1], pair[0]);
            assert!(!set(pair[0]).covers(&set(pair[1])).holds(), "{} doesn't cover {}", pair[0], pair[1]);
        }
        assert!(set("AmazonEKSClusterAdminPolicy").is_everything());
    }

    #[test]
    fn view_reads_no_secrets_and_admin_cannot_bind() {
        let may = |name: &str, verb: &str, group: &str, resource: &str| {
            set(name).contains(&crate::Permission::resource(Scope::Cluster, group, resource, verb))
        };
        assert!(!may("AmazonEKSViewPolicy", "get", "", "secrets"));
        assert!(may("AmazonEKSSecretReaderPolicy", "get", "", "secrets"));
        assert!(may("AmazonEKSAdminPolicy", "create", "rbac.authorization.k8s.io", "rolebindings"));
        assert!(!may("AmazonEKSAdminPolicy", "bind", "rbac.authorization.k8s.io", "roles"));
        assert!(!may("AmazonEKSAdminPolicy", "create", "", "serviceaccounts/token"));
        assert!(!may("AmazonEKSAdminPolicy", "create", "", "pods/eviction"));
        assert!(!set("AmazonEKSAdminViewPolicy").contains(&crate::Permission::path("get", "/metrics")));
    }

    #[test]
    fn a_policy_is_found_by_name_and_by_arn_in_every_partition() {
        let by_name = AccessPolicy::find("AmazonEKSViewPolicy").unwrap();
        let arn = "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
        assert_eq!(AccessPolicy::find(arn), Some(by_name));
        assert_eq!(AccessPolicy::find("AmazonEKSNoSuchPolicy"), None);
        assert!(source().contains("EKS User Guide") && read().starts_with("20"));
    }

    #[test]
    fn what_aws_does_not_publish_stays_unknown() {
        let policy = AccessPolicy::find("AmazonEKSArgoCDClusterPolicy").unwrap();
        assert!(policy.rules.is_err());
    }
}
