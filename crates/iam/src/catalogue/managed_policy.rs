//! AWS managed policies: those that AWS writes and changes, in all accounts alike.

use std::sync::OnceLock;

use super::data;

/// An AWS managed policy, in its default version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its name, which is unique among all paths.
    pub name: &'static str,
    /// Its ARN, with its path.
    pub arn: &'static str,
    /// The default version, such as `v3`.
    pub version: &'static str,
    /// That version's document, as JSON.
    pub document: &'static str,
}

/// The policy of that ARN or name.
///
/// They are those of the partition `aws`. Others have policies of the same names with other documents, so an ARN of
/// another partition finds nothing.
pub fn managed_policy(arn_or_name: &str) -> Option<ManagedPolicy> {
    let name = arn_or_name.rsplit_once('/').map_or(arn_or_name, |(_, name)| name);
    let at = all().binary_search_by(|policy| policy.name.cmp(name)).ok()?;
    all().get(at).filter(|policy| arn_or_name == policy.name || arn_or_name == policy.arn).copied()
}

/// The names of all, sorted.
pub fn managed_policies() -> impl Iterator<Item = &'static str> {
    all().iter().map(|policy| policy.name)
}

fn all() -> &'static [ManagedPolicy] {
    static ALL: OnceLock<Vec<ManagedPolicy>> = OnceLock::new();
    ALL.get_or_init(|| {
        let (_, rows) = data::managed_policies().split_once("\n\n").unwrap_or_default();
        rows.lines().filter_map(parse).collect()
    })
}

fn parse(row: &'static str) -> Option<ManagedPolicy> {
    let (arn, rest) = row.split_once('\t')?;
    let (version, document) = rest.split_once('\t')?;
    let (_, name) = arn.rsplit_once('/')?;
    Some(ManagedPolicy { name, arn, version, document })
}
