//! What the chain's questions cost on a whole fleet's inventory: loading, every need, one request, one theft.

pub(super) mod accounts;
mod ask;
pub(super) mod clusters;
mod hub;
pub(super) mod write;

use std::{path::Path, process::Command};

use anyhow::Result;
use facts::{AccountId, ClusterArn};
use serde_json::Value;

use super::{Options, aim, measure, release};
use crate::Workspace;

pub(crate) use ask::{Asked, Options as AskOptions, run as ask};

/// How large: 1 is 1,000 clusters in 50 accounts, 5,000 roles and 200,000 RBAC rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    clusters: usize,
}

/// What the RBAC of two clusters has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rbac {
    /// All of it, as where one tool sets them up.
    Alike,
    /// Nothing: each role names a kind that only its cluster has.
    Different,
}

/// Clusters of one account.
const CLUSTERS_EACH: usize = 20;

/// Roles of one cluster's account that are there for its sake.
const ROLES_EACH: usize = 5;

/// Namespaces of a cluster into which Argo CD deploys.
const NAMESPACES: usize = 15;

impl Size {
    pub(super) fn scaled(scale: f64) -> Self {
        Self { clusters: ((1000.0 * scale).round() as usize).max(1) }
    }

    fn accounts(self) -> usize {
        self.clusters.div_ceil(CLUSTERS_EACH)
    }

    pub(super) fn spokes(self) -> impl ExactSizeIterator<Item = Spoke> {
        (0..self.clusters).map(Spoke)
    }
}

/// One cluster of the generated fleet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoke(pub(super) usize);

impl Spoke {
    pub(super) fn name(self) -> String {
        format!("spoke-{:05}", self.0)
    }

    pub(super) fn account(self) -> AccountId {
        account(self.0 / CLUSTERS_EACH)
    }

    pub(super) fn arn(self) -> String {
        format!("arn:aws:eks:eu-west-1:{}:cluster/{}", self.account(), self.name())
    }

    fn endpoint(self) -> String {
        format!("https://{:032X}.gr7.eu-west-1.eks.amazonaws.com", self.0)
    }

    pub(super) fn issuer(self) -> String {
        format!("https://oidc.eks.eu-west-1.amazonaws.com/id/{:032X}", self.0)
    }

    /// The role as which Argo CD comes.
    pub(super) fn deployer(self) -> String {
        format!("arn:aws:iam::{}:role/argocd-{}", self.account(), self.name())
    }
}

#[expect(clippy::expect_used, reason = "twelve digits are an account id")]
fn account(number: usize) -> AccountId {
    format!("{:012}", 200_000_000_000 + number).parse().expect("twelve digits")
}

/// The cluster that runs Argo CD, in an account of its own.
const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const HUB_ACCOUNT: &str = "111122223333";
const HUB_ROLE: &str = "arn:aws:iam::111122223333:role/argocd-hub";

/// All dates are this one, so that no access entry is stale.
const DATE: &str = "2025-06-02T13:05:51+00:00";

/// Generates each kind of fleet, asks at three sizes, and prints Markdown.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    for (rbac, name, what) in [
        (Rbac::Alike, "chain", "Clusters with the same RBAC:"),
        (Rbac::Different, "chain-different", "Clusters of which no role is another's:"),
    ] {
        let mut rows = Vec::new();
        for scale in [options.scale / 10.0, options.scale, options.scale * 10.0] {
            // Ten times the largest fleet is there to see how cost grows, not to be waited for on every change.
            if scale > 1.0 && !options.large {
                continue;
            }
            let size = Size::scaled(scale);
            let folder = workspace.target.join("bench").join(format!("{name}-{}", size.clusters));
            eprintln!("generating the inventory of {} clusters in {}", size.clusters, folder.display());
            generate(&folder, size, rbac, accounts::roles)?;
            rows.push(measured(workspace, options, size, &folder)?);
        }
        println!("{what}\n");
        print(&rows, options.scale);
        println!();
    }
    Ok(())
}

/// Asks in a process of its own.
fn measured(workspace: &Workspace, options: &Options, size: Size, folder: &Path) -> Result<Row> {
    let mut asking = Command::new(release(workspace, "xtask"));
    asking.arg("bench-chain").arg(folder).arg("--runs").arg(options.runs.to_string());
    let (usage, output) = measure::output(&mut asking, &[0])?;
    Ok((size, usage, serde_json::from_slice(&output)?))
}

/// Writes an inventory, with these roles for each cluster.
pub(super) fn generate(
    folder: &Path,
    size: Size,
    rbac: Rbac,
    roles: impl Fn(Spoke) -> Vec<Value> + Sync,
) -> Result<()> {
    write::clear(folder)?;
    accounts::generate(folder, size, roles)?;
    hub::generate(folder, size)?;
    clusters::generate(folder, size, rbac)
}

/// What one fleet's questions took.
type Row = (Size, measure::Usage, Asked);

fn print(rows: &[Row], scale: f64) {
    println!(
        "| clusters | roles | RBAC rules | loading | claims | `verify` | `who-can` | `reach` | peak memory |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (size, usage, asked) in rows {
        println!(
            "| {} | {} | {} | {:.2} s | {} | {:.2} s | {:.1} ms | {:.2} s | {:.0} MiB |",
            size.clusters,
            asked.roles,
            asked.rules,
            asked.loading,
            asked.claims,
            asked.verify,
            asked.who_can * 1e3,
            asked.reach,
            usage.mebibytes()
        );
    }
    let Some((_, usage, full)) = rows.iter().find(|(size, ..)| size.clusters == Size::scaled(scale).clusters)
    else {
        return;
    };
    println!("\n| aim | measured | |\n|---|--:|---|");
    aim("`verify` of all needs below 3 s", format!("{:.2} s", full.verify), full.verify < 3.0);
    aim(
        "`who-can` for one question below 100 ms",
        format!("{:.1} ms", full.who_can * 1e3),
        full.who_can < 0.1,
    );
    aim("`reach` of the hub's identity below 1 s", format!("{:.2} s", full.reach), full.reach < 1.0);
    aim("peak memory below 1 GiB", format!("{:.0} MiB", usage.mebibytes()), usage.mebibytes() < 1024.0);
    for pair in rows.windows(2) {
        let [(small, _, before), (large, _, after)] = pair else { continue };
        let (size, growth) = (large.clusters as f64 / small.clusters as f64, after.all() / before.all());
        aim(
            &format!("cost grows with the fleet ({size:.0} times the clusters)"),
            format!("{growth:.1} times"),
            growth <= size * 1.15,
        );
    }
}

#[expect(clippy::expect_used, reason = "it is written above")]
fn hub() -> ClusterArn {
    HUB.parse().expect("an ARN")
}
