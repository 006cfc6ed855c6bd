//! `oarlock collect`: what is there, read from AWS and the clusters into an inventory.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context as _;
use facts::{ClusterArn, Gap, count};
use fleet::Fleet;
use inventory::folder;
use live::{
    Access, Kubeconfig, Pattern,
    collect::{Collection, Discover, Options, Targets, Watch, permissions::Extent},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::{
    exit::Status,
    input::Refused,
    output::{print, print_json, print_text, say},
    progress,
};

mod permissions;

use permissions::Which;

/// Read an inventory from AWS and the clusters' API servers
///
/// Only reads. What can't be read is a gap, with its cause, in the inventory's `gaps.json`; the exit status is 5 then.
/// An inventory that is there already is replaced as a whole, once all is read. Credentials come from where the AWS CLI
/// has them; clusters are reached with tokens of EKS that Oarlock signs itself, or by a kubeconfig.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock collect -f fleet.yaml --assume-role 'arn:{partition}:iam::{account}:role/oarlock-collect'
  oarlock collect --hub arn:aws:eks:eu-west-1:111122223333:cluster/hub --profile 'account-{account}'
  oarlock collect --from-organization --region eu-west-1 --region us-east-1 --parallelism 32
  oarlock collect --print-permissions kubernetes | kubectl apply -f -")]
pub(crate) struct Arguments {
    /// Collect the hub and the clusters of a fleet file
    #[arg(short = 'f', long = "fleet", value_name = "FILE", help_heading = "What to collect")]
    fleet: Option<PathBuf>,
    /// Collect this hub, and the clusters that Argo CD's cluster Secrets on it mean, unless others are named
    #[arg(long, value_name = "ARN", help_heading = "What to collect", conflicts_with = "fleet")]
    hub: Option<ClusterArn>,
    /// Collect this cluster, too
    #[arg(long, value_name = "ARN", help_heading = "What to collect")]
    cluster: Vec<ClusterArn>,
    /// Collect the clusters of all accounts of the organisation, in the regions of `--region`
    #[arg(long, help_heading = "What to collect", conflicts_with = "fleet")]
    from_organization: bool,
    /// A region to look for clusters in [default: the one that the environment or the profile names]
    #[arg(long, value_name = "REGION", help_heading = "What to collect", requires = "from_organization")]
    region: Vec<String>,
    /// Argo CD's namespace on the hub [default: the fleet file's, else `argocd`]
    #[arg(long, value_name = "NAMESPACE", help_heading = "What to collect")]
    argocd_namespace: Option<String>,
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
    /// The folder to write [default: `inventory/` beside the fleet file, or here]
    #[arg(short = 'i', long = "inventory", value_name = "DIR")]
    inventory: Option<PathBuf>,
    /// How many accounts and clusters to read at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    parallelism: u16,
    /// How long to wait for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    timeout: u16,
    /// Print what this takes itself, and read nothing: IAM policies, and RBAC objects for `kubectl apply`
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, default_missing_value = "all")]
    print_permissions: Option<Which>,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What `-o json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Collection")]
pub(crate) struct Json {
    api_version: &'static str,
    kind: &'static str,
    /// Where the inventory is.
    inventory: String,
    #[serde(flatten)]
    collection: Collection,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let fleet = arguments.read_fleet()?;
    let namespace = arguments.namespace(fleet.as_ref());
    if let Some(which) = arguments.print_permissions {
        let extent = Extent {
            from_organization: arguments.from_organization,
            assume_role: arguments.assume_role.clone(),
        };
        print(&permissions::text(which, &extent, &namespace)?)?;
        return Ok(Status::Fine);
    }
    let targets = arguments.targets(fleet.as_ref());
    if targets.hub.is_none() && targets.clusters.is_empty() && targets.discover == Discover::Nothing {
        say("error: nothing says which clusters to collect");
        say("  help: give `-f FILE`, `--hub ARN`, `--cluster ARN` or `--from-organization`");
        return Ok(Status::Usage);
    }
    if arguments.in_cluster && targets.hub.is_none() {
        say("error: `--in-cluster` is about the hub, and no hub is named");
        say("  help: give `--hub ARN`, the ARN of the cluster that this runs in");
        return Ok(Status::Usage);
    }
    let folder = arguments.folder();
    let collection = live::collect::collect(&arguments.options(targets, namespace), &folder, &Bar::new());
    let collection = collection.map_err(|error| match &error {
        live::collect::Error::Foreign { .. } => anyhow::Error::new(error)
            .context("nothing was collected: name a new folder with `-i`, or move it away"),
        _ => error.into(),
    })?;
    report(arguments.output, &folder.display().to_string(), collection)
}

/// So many gaps are shown of one cause: a cluster that doesn't answer is a dozen of them.
const SHOWN: usize = 3;

/// Counts accounts and clusters.
struct Bar(indicatif::ProgressBar);

impl Bar {
    fn new() -> Self {
        Self(progress::bar(0, "reading accounts and clusters"))
    }
}

impl Watch for Bar {
    fn found(&self, more: usize) {
        self.0.inc_length(more as u64);
    }

    fn done(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Arguments {
    fn read_fleet(&self) -> anyhow::Result<Option<Fleet>> {
        let Some(path) = &self.fleet else { return Ok(None) };
        let bytes = folder::read(path).map_err(Refused::one)?;
        let parsed = Fleet::parse(&path.display().to_string().into(), &bytes);
        parsed.map(Some).map_err(|problems| Refused::error(problems, 1))
    }

    fn namespace(&self, fleet: Option<&Fleet>) -> String {
        let of_fleet = || fleet.map(|fleet| fleet.hub.argocd.namespace.clone());
        self.argocd_namespace.clone().or_else(of_fleet).unwrap_or_else(|| "argocd".to_owned())
    }

    fn targets(&self, fleet: Option<&Fleet>) -> Targets {
        let mut clusters: BTreeSet<ClusterArn> = self.cluster.iter().cloned().collect();
        clusters.extend(fleet.iter().flat_map(|fleet| &fleet.clusters).map(|cluster| cluster.arn.clone()));
        let discover = match &self.hub {
            _ if self.from_organization => Discover::Organization { regions: self.region.clone() },
            Some(_) if self.cluster.is_empty() => Discover::ClusterSecrets,
            _ => Discover::Nothing,
        };
        let hub = self.hub.clone().or_else(|| fleet.map(|fleet| fleet.hub.arn.clone()));
        Targets { hub, clusters, discover }
    }

    fn folder(&self) -> PathBuf {
        let beside =
            || self.fleet.as_ref().and_then(|fleet| fleet.parent()).map(|folder| folder.join("inventory"));
        self.inventory.clone().or_else(beside).unwrap_or_else(|| PathBuf::from("inventory"))
    }

    fn options(&self, targets: Targets, argocd_namespace: String) -> Options {
        Options {
            targets,
            access: Access {
                assume_role: self.assume_role.clone(),
                external_id: self.external_id.clone(),
                profile: self.profile.clone(),
            },
            kubeconfig: self
                .kubeconfig
                .as_ref()
                .map(|file| Kubeconfig { file: file.clone(), context: self.context.clone() }),
            in_cluster: self.in_cluster,
            argocd_namespace,
            parallelism: self.parallelism.into(),
            timeout: Duration::from_secs(self.timeout.into()),
        }
    }
}

fn of_accounts(text: &str) -> Result<Pattern, String> {
    text.parse().and_then(Pattern::of_accounts).map_err(|error: live::PatternError| error.to_string())
}

fn report(format: Format, inventory: &str, collection: Collection) -> anyhow::Result<Status> {
    let status = if collection.gaps.is_empty() { Status::Fine } else { Status::Undecided };
    match format {
        Format::Text => print_text(&text(inventory, &collection))?,
        Format::Json => {
            let json = Json {
                api_version: "oarlock.dev/v1alpha1",
                kind: "Collection",
                inventory: inventory.to_owned(),
                collection,
            };
            print_json(&json).context("cannot print what was collected")?;
        }
    }
    Ok(status)
}

fn text(inventory: &str, collection: &Collection) -> String {
    let Collection { accounts, clusters, aws_requests, kubernetes_requests, gaps } = collection;
    let mut text = format!(
        "{inventory}: {} and {}, in {} to AWS and {} to API servers\n",
        count(accounts.len(), "account"),
        count(clusters.len(), "cluster"),
        count(*aws_requests, "request"),
        kubernetes_requests,
    );
    if !gaps.is_empty() {
        text.push_str(&format!("\n{}, in gaps.json:\n", count(gaps.len(), "gap")));
    }
    let mut by_cause: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
    gaps.iter().for_each(|gap| by_cause.entry(&gap.cause).or_default().push(gap));
    for (cause, gaps) in by_cause {
        text.push_str(&format!("  {cause}\n"));
        for gap in gaps.iter().take(SHOWN) {
            text.push_str(&format!("    {}\n", gap.what));
            gap.fill.iter().for_each(|fill| text.push_str(&format!("      fill: {fill}\n")));
        }
        if gaps.len() > SHOWN {
            text.push_str(&format!("    … and {} more\n", gaps.len() - SHOWN));
        }
    }
    text
}
