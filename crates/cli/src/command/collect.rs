//! `oarlock collect`: what is there, read from AWS and the clusters into an inventory.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::Context as _;
use facts::{ClusterArn, Gap, count};
use fleet::Fleet;
use live::{
    Verb,
    collect::{Collection, Discover, Tag, Targets},
    permissions::Extent,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Format, PrintPermissions, WayIn,
    collected::{self, Bar},
    permissions,
};
use crate::{
    exit::Status,
    output::{print, print_json, print_text, say},
};

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
  oarlock collect --from-organization --region eu-west-1 --region us-east-1 --tag argocd=managed
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
    /// Of those, only clusters with this tag in EKS; with all of them, if there are several
    #[arg(
        long,
        value_name = "KEY[=VALUE]",
        help_heading = "What to collect",
        requires = "from_organization"
    )]
    tag: Vec<Tag>,
    /// Argo CD's namespace on the hub [default: the fleet file's, else `argocd`]
    #[arg(long, value_name = "NAMESPACE", help_heading = "What to collect")]
    argocd_namespace: Option<String>,
    #[command(flatten)]
    way_in: WayIn,
    /// The folder to write [default: `inventory/` beside the fleet file, or here]
    #[arg(short = 'i', long = "inventory", value_name = "DIR")]
    inventory: Option<PathBuf>,
    #[command(flatten)]
    permissions: PrintPermissions,
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
    if let Some(which) = arguments.permissions.print_permissions {
        let extent = Extent {
            verb: Verb::Collect,
            from_organization: arguments.from_organization,
            assume_role: arguments.way_in.assume_role().cloned(),
            fleet: None,
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
    if arguments.way_in.is_in_cluster() && targets.hub.is_none() {
        say("error: `--in-cluster` is about the hub, and no hub is named");
        say("  help: give `--hub ARN`, the ARN of the cluster that this runs in");
        return Ok(Status::Usage);
    }
    let folder = arguments.folder();
    let collection = live::collect::collect(
        &arguments.way_in.options(Verb::Collect, targets, namespace),
        &folder,
        &Bar::new(),
    );
    let collection = collection.map_err(|error| match &error {
        live::collect::Error::Foreign { .. } => anyhow::Error::new(error)
            .context("nothing was collected: name a new folder with `-i`, or move it away"),
        _ => error.into(),
    })?;
    report(arguments.output, &folder.display().to_string(), collection)
}

/// So many gaps are shown of one cause: a cluster that doesn't answer is a dozen of them.
const SHOWN: usize = 3;

impl Arguments {
    fn read_fleet(&self) -> anyhow::Result<Option<Fleet>> {
        self.fleet.as_deref().map(collected::fleet).transpose()
    }

    fn namespace(&self, fleet: Option<&Fleet>) -> String {
        let of_fleet = || fleet.map(|fleet| fleet.hub.argocd.namespace.clone());
        self.argocd_namespace.clone().or_else(of_fleet).unwrap_or_else(|| "argocd".to_owned())
    }

    fn targets(&self, fleet: Option<&Fleet>) -> Targets {
        let mut clusters: BTreeSet<ClusterArn> = self.cluster.iter().cloned().collect();
        clusters.extend(fleet.map(collected::targets).unwrap_or_default().clusters);
        let discover = match &self.hub {
            _ if self.from_organization => {
                Discover::Organization { regions: self.region.clone(), tags: self.tag.clone() }
            }
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
