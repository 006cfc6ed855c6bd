//! Names of what Oarlock makes: the same for the same input, within AWS's and Kubernetes' limits, never shared by two things.

use facts::ClusterArn;
use sha2::{Digest, Sha256};

/// IAM User Guide, "IAM and AWS STS quotas": role names have at most 64 characters.
const ROLE_LIMIT: usize = 64;

/// IAM User Guide, "IAM and AWS STS quotas": policy names have at most 128 characters.
const POLICY_LIMIT: usize = 128;

/// Leaves room for the rest of a role's name, so that the prefix `oarlock-<hub>-` is the same for all roles.
const HUB_LIMIT: usize = 24;

/// Kubernetes' DNS subdomain names (apimachinery, pkg/util/validation).
const SUBDOMAIN_LIMIT: usize = 253;

/// Kubernetes' DNS labels.
const LABEL_LIMIT: usize = 63;

/// `oarlock-<hub>-`, with which the names of all IAM roles of a fleet begin.
///
/// A policy that would be too long matches roles by it, so it never depends on what follows.
pub fn role_prefix(hub: &ClusterArn) -> String {
    format!("oarlock-{}-", fit(&hub.name, HUB_LIMIT))
}

/// An IAM role's name: the hub's prefix and then what the role is for.
pub fn role(hub: &ClusterArn, purpose: &str) -> String {
    let prefix = role_prefix(hub);
    let room = ROLE_LIMIT.saturating_sub(prefix.len());
    format!("{prefix}{}", fit(purpose, room))
}

/// The name of the role through which Argo CD reaches one cluster: region and name, since two regions of an account
/// may each have a cluster of the same name.
pub fn cluster_role(hub: &ClusterArn, cluster: &ClusterArn) -> String {
    role(hub, &format!("{}-{}", cluster.region, cluster.name))
}

/// The name of the role through which Argo CD reaches all clusters of a project in an account, or the account's clusters
/// of no project in particular.
pub fn project_role(hub: &ClusterArn, project: Option<&str>) -> String {
    project.map_or_else(|| role(hub, "spoke"), |project| role(hub, &format!("spoke-{project}")))
}

/// The name of the role of one service account of the hub.
///
/// A namespace has no dot, so the first one says where the service account's name begins.
pub fn service_account_role(hub: &ClusterArn, namespace: &str, service_account: &str) -> String {
    role(hub, &format!("sa-{namespace}.{service_account}"))
}

/// A customer managed policy's name: its role's, and a number where there are several.
pub fn policy(role: &str, number: usize) -> String {
    fit(&format!("{role}-{number:02}"), POLICY_LIMIT)
}

/// A Kubernetes object's name, a DNS subdomain: lower-case letters, digits, `-` and `.`, at most 253 characters.
pub fn subdomain(name: &str) -> String {
    kubernetes(name, SUBDOMAIN_LIMIT, |b| b == b'.')
}

/// A DNS label: lower-case letters, digits and `-`, at most 63 characters.
pub fn label(name: &str) -> String {
    kubernetes(name, LABEL_LIMIT, |_| false)
}

/// The name of a cluster's Secret in Argo CD's namespace.
pub fn cluster_secret(cluster: &ClusterArn) -> String {
    subdomain(&format!("cluster-{}-{}-{}", cluster.account, cluster.region, cluster.name))
}

/// A name with capitals gets a digest too: IAM doesn't distinguish names by case (IAM User Guide, "IAM identifiers").
fn fit(name: &str, limit: usize) -> String {
    let folded = name.bytes().any(|b| b.is_ascii_uppercase());
    if name.len() <= limit && !folded { name.to_owned() } else { cut(name, name, limit) }
}

fn kubernetes(name: &str, limit: usize, also: impl Fn(u8) -> bool) -> String {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || also(b);
    let ends = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = name.as_bytes();
    let dotted = name.split('.').all(|part| ends(part.as_bytes().first()) && ends(part.as_bytes().last()));
    if name.len() <= limit && bytes.iter().all(|b| legal(*b)) && dotted {
        return name.to_owned();
    }
    let replaced: String = name
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if u8::try_from(c).is_ok_and(|b| b.is_ascii_alphanumeric()) { c } else { '-' })
        .collect();
    cut(replaced.trim_matches('-'), name, limit)
}

/// As much of `start` as fits, and a digest of the whole name: ten hexadecimal digits are enough to tell apart the
/// names of one fleet, and leave room to read.
fn cut(start: &str, whole: &str, limit: usize) -> String {
    let digest: String = Sha256::digest(whole).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let room = limit.saturating_sub(digest.len() + 1);
    let start: String = start.chars().take(room).collect();
    let start = start.trim_end_matches(['-', '.']);
    if start.is_empty() { digest } else { format!("{start}-{digest}") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn cluster(account: &str, region: &str, name: &str) -> ClusterArn {
        format!("arn:aws:eks:{region}:{account}:cluster/{name}").parse().unwrap()
    }

    fn hub() -> ClusterArn {
        cluster("111122223333", "eu-west-1", "hub")
    }

    #[test]
    fn short_names_stay_readable() {
        let spoke = cluster("444455556666", "us-east-1", "prod");
        assert_eq!(cluster_role(&hub(), &spoke), "oarlock-hub-us-east-1-prod");
        assert_eq!(
            service_account_role(&hub(), "argocd", "repo-server"),
            "oarlock-hub-sa-argocd.repo-server"
        );
        assert_eq!(cluster_secret(&spoke), "cluster-444455556666-us-east-1-prod");
    }

    #[test]
    fn the_prefix_begins_every_role_even_of_a_hub_with_a_long_name() {
        let hub = cluster("111122223333", "eu-west-1", &"h".repeat(100));
        let name = cluster_role(&hub, &cluster("444455556666", "us-gov-west-1", &"c".repeat(100)));
        assert!(name.starts_with(&role_prefix(&hub)) && name.len() == 64, "{name}");
    }

    #[test]
    fn roles_of_clusters_that_differ_only_in_case_differ() {
        // IAM would take both for one role.
        let lower = cluster_role(&hub(), &cluster("444455556666", "us-east-1", "prod"));
        let upper = cluster_role(&hub(), &cluster("444455556666", "us-east-1", "Prod"));
        assert_ne!(lower.to_lowercase(), upper.to_lowercase());
    }

    #[test]
    fn an_underscore_becomes_a_dash_with_a_digest() {
        let one = cluster_secret(&cluster("444455556666", "us-east-1", "prod_1"));
        let other = cluster_secret(&cluster("444455556666", "us-east-1", "prod-1"));
        assert!(one.starts_with("cluster-444455556666-us-east-1-prod-1-"), "{one}");
        assert_ne!(one, other);
    }

    proptest! {
        #[test]
        fn no_two_clusters_share_a_role_or_a_secret(
            names in proptest::collection::btree_set("[0-9A-Za-z][A-Za-z0-9_-]{0,99}", 2..20),
        ) {
            let clusters: Vec<_> = names.iter().map(|name| cluster("444455556666", "us-east-1", name)).collect();
            let roles: BTreeSet<_> = clusters.iter().map(|c| cluster_role(&hub(), c).to_lowercase()).collect();
            let secrets: BTreeSet<_> = clusters.iter().map(cluster_secret).collect();
            prop_assert_eq!(roles.len(), clusters.len());
            prop_assert_eq!(secrets.len(), clusters.len());
            let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
            prop_assert!(roles.iter().all(|name| name.len() <= 64 && name.chars().all(legal)));
        }

        #[test]
        fn every_text_becomes_a_legal_kubernetes_name(text in ".{1,300}") {
            for (name, limit) in [(subdomain(&text), 253), (label(&text), 63)] {
                prop_assert!(!name.is_empty() && name.len() <= limit);
                let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                prop_assert!(name.split('.').all(|part| ends(part.chars().next()) && ends(part.chars().last())));
            }
        }
    }
}
