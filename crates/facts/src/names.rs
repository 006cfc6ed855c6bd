//! What clusters and accounts are called where an ARN is too long: in folders, and in variables of a shell.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AccountId, ClusterArn};

/// A short name for each of some clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterNames(BTreeMap<ClusterArn, String>);

impl ClusterNames {
    /// The cluster's name, or account, region and name where two clusters share it. `Prod` and `prod` are the same folder
    /// on many file systems, so they count as shared.
    pub fn of<'a>(clusters: impl IntoIterator<Item = &'a ClusterArn>) -> Self {
        let arns: BTreeSet<&ClusterArn> = clusters.into_iter().collect();
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for arn in &arns {
            *uses.entry(arn.name.to_ascii_lowercase()).or_default() += 1;
        }
        let long = |arn: &ClusterArn| format!("{}-{}-{}", arn.account, arn.region, arn.name);
        let name = |arn: &ClusterArn| match uses.get(&arn.name.to_ascii_lowercase()) {
            Some(1) => arn.name.clone(),
            _ => long(arn),
        };
        let names: BTreeMap<_, _> = arns.iter().map(|arn| ((*arn).clone(), name(arn))).collect();
        let distinct: BTreeSet<String> = names.values().map(|name| name.to_ascii_lowercase()).collect();
        if distinct.len() == names.len() {
            return Self(names);
        }
        Self(arns.into_iter().map(|arn| (arn.clone(), long(arn))).collect())
    }

    /// The short name of one of them; of another its own name.
    pub fn short<'n>(&'n self, cluster: &'n ClusterArn) -> &'n str {
        self.0.get(cluster).map_or(&cluster.name, String::as_str)
    }
}

/// The variable that names kubectl's context for a cluster, by its short name.
pub fn context_variable(short: &str) -> String {
    let name: String = short.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("OARLOCK_CONTEXT_{name}")
}

/// The variable that names a profile of the AWS CLI for an account.
pub fn profile_variable(account: &AccountId) -> String {
    format!("OARLOCK_PROFILE_{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_that_share_a_name_are_told_apart() {
        let arns: Vec<ClusterArn> =
            ["eu-west-1:111122223333:cluster/prod", "us-east-1:111122223333:cluster/Prod"]
                .into_iter()
                .chain(["us-east-1:111122223333:cluster/dev"])
                .map(|arn| format!("arn:aws:eks:{arn}").parse().unwrap())
                .collect();
        let names = ClusterNames::of(&arns);
        let short: Vec<&str> = arns.iter().map(|arn| names.short(arn)).collect();
        assert_eq!(short, ["111122223333-eu-west-1-prod", "111122223333-us-east-1-Prod", "dev"]);
        assert_eq!(context_variable(short[0]), "OARLOCK_CONTEXT_111122223333_eu_west_1_prod");
        assert_eq!(ClusterNames::default().short(&arns[0]), "prod");
    }
}
