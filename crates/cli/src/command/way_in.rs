//! How AWS and the clusters are got into: the flags that all verbs share which ask them.

use std::{path::PathBuf, time::Duration};

use live::{
    Access, Kubeconfig, Pattern, Verb,
    collect::{Options, Targets},
};

/// Whose credentials are used where, and how patiently.
#[derive(Debug, clap::Args)]
pub(crate) struct WayIn {
    /// The role to assume in each account: {account} and {partition} stand for the account's
    #[arg(long, value_name = "PATTERN", value_parser = of_accounts, help_heading = "How to get in")]
    assume_role: Option<Pattern>,
    /// The external id that those roles want
    #[arg(long, value_name = "ID", requires = "assume_role", help_heading = "How to get in")]
    external_id: Option<String>,
    /// The profile of the AWS CLI's configuration to use for each account, as `account-{account}`
    #[arg(long, value_name = "PATTERN", value_parser = of_accounts, help_heading = "How to get in")]
    profile: Option<Pattern>,
    /// Reach clusters by this kubeconfig, or by kubectl's own if no file is named; those without a context by a token of EKS
    #[arg(long, value_name = "FILE", num_args = 0..=1, help_heading = "How to get in")]
    kubeconfig: Option<Option<PathBuf>>,
    /// What contexts of the kubeconfig are called: {arn}, {account}, {region}, {name} stand for the cluster's
    #[arg(
        long,
        value_name = "PATTERN",
        default_value = "{arn}",
        requires = "kubeconfig",
        help_heading = "How to get in"
    )]
    context: Pattern,
    /// Reach the hub as the pod that this runs in
    #[arg(long, help_heading = "How to get in")]
    in_cluster: bool,
    /// How many accounts and clusters to ask at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    /// How long to wait for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    timeout: u16,
}

impl WayIn {
    /// What `live` wants to know, for these targets.
    pub(crate) fn options(&self, verb: Verb, targets: Targets, argocd_namespace: String) -> Options {
        Options {
            targets,
            access: Access {
                verb,
                assume_role: self.assume_role.clone(),
                external_id: self.external_id.clone(),
                profile: self.profile.clone(),
            },
            kubeconfig: self
                .kubeconfig
                .as_ref()
                .map(|file| Kubeconfig::new(file.clone(), self.context.clone())),
            in_cluster: self.in_cluster,
            argocd_namespace,
            parallelism: self.parallelism.into(),
            timeout: Duration::from_secs(self.timeout.into()),
        }
    }

    /// The role that is assumed in each account.
    pub(crate) fn assume_role(&self) -> Option<&Pattern> {
        self.assume_role.as_ref()
    }

    /// Whether the hub is the cluster that this runs in.
    pub(crate) fn is_in_cluster(&self) -> bool {
        self.in_cluster
    }
}

fn of_accounts(text: &str) -> Result<Pattern, String> {
    text.parse().and_then(Pattern::of_accounts).map_err(|error: live::PatternError| error.to_string())
}
