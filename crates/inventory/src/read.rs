//! From files to an inventory: which file says what.

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, Arn, ClusterArn, Gap, Partition, Place, Problem};
use sha2::{Digest, Sha256};

use crate::{Inventory, account, cluster, kubernetes};

/// One file of an inventory folder.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path below the folder, with forward slashes.
    pub path: String,
    /// Its path as people know it, for places.
    pub name: Arc<str>,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Which folder of the inventory a file is in, and the rest of its path.
enum Home<'a> {
    Account(AccountId, &'a str),
    Cluster(ClusterKey<'a>, &'a str, &'a str),
    Gaps,
    Other,
}

/// `clusters/<account>/<region>/<name>`
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ClusterKey<'a> {
    account: &'a str,
    region: &'a str,
    name: &'a str,
}

impl Inventory {
    /// Reads an inventory from the files of its folder, in any order. Files that Oarlock doesn't know are left alone.
    ///
    /// # Errors
    /// Files that aren't what their names say, and folders whose clusters are others than their names say.
    pub fn read(mut files: Vec<File>) -> Result<Self, Vec<Problem>> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut inventory = Self { digest: digest(&files), ..Self::default() };
        let mut problems = Vec::new();
        let mut accounts: BTreeMap<AccountId, Vec<(&str, &File)>> = BTreeMap::new();
        let mut clusters: BTreeMap<ClusterKey<'_>, Vec<(&str, &str, &File)>> = BTreeMap::new();
        for file in &files {
            match home(file) {
                Ok(Home::Account(id, rest)) => accounts.entry(id).or_default().push((rest, file)),
                Ok(Home::Cluster(key, tool, rest)) => clusters.entry(key).or_default().push((tool, rest, file)),
                Ok(Home::Gaps) => match manifest::parse::<Vec<Gap>>(&file.name, &file.bytes) {
                    Ok(gaps) => inventory.gaps = gaps,
                    Err(problem) => problems.push(problem),
                },
                Ok(Home::Other) => {}
                Err(problem) => problems.push(problem),
            }
        }
        for (id, files) in accounts {
            match account::read(&id, &files) {
                Ok(account) => _ = inventory.accounts.insert(id, account),
                Err(found) => problems.extend(found),
            }
        }
        for (key, files) in clusters {
            match read_cluster(key, &files) {
                Ok((arn, cluster)) => _ = inventory.clusters.insert(arn, cluster),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(inventory) } else { Err(problems) }
    }
}

fn read_cluster(
    key: ClusterKey<'_>,
    files: &[(&str, &str, &File)],
) -> Result<(ClusterArn, crate::Cluster), Vec<Problem>> {
    let of = |tool: &str| -> Vec<(&str, &File)> {
        files.iter().filter(|(known, ..)| *known == tool).map(|(_, rest, file)| (*rest, *file)).collect()
    };
    let arn = arn(key, files).map_err(|problem| vec![problem])?;
    let kubernetes = kubernetes::read(&of("kubernetes"));
    let eks = cluster::read(&arn, &of("eks"));
    match (eks, kubernetes) {
        (Ok(mut cluster), Ok(kubernetes)) => {
            cluster.kubernetes = kubernetes;
            Ok((arn, cluster))
        }
        (eks, kubernetes) => Err(eks.err().into_iter().chain(kubernetes.err()).flatten().collect()),
    }
}

/// The cluster's ARN: describe-cluster knows the partition, which the folder doesn't name; without it the region tells.
fn arn(key: ClusterKey<'_>, files: &[(&str, &str, &File)]) -> Result<ClusterArn, Problem> {
    let ClusterKey { account, region, name } = key;
    let text = format!("arn:{}:eks:{region}:{account}:cluster/{name}", Partition::of_region(region));
    let named: Result<ClusterArn, _> = text.parse();
    let described = files.iter().find(|(tool, rest, _)| *tool == "eks" && *rest == "describe-cluster.json");
    let first = files.first().map(|(_, _, file)| Place::file(Arc::clone(&file.name)));
    let place = || first.clone().unwrap_or_else(|| Place::file("clusters"));
    let Some((_, _, file)) = described else {
        return named.map_err(|error| Problem::new(place(), format!("the folder isn't named after a cluster: {error}")));
    };
    let arn = cluster::described_arn(file)?;
    if (arn.account.as_str(), arn.region.as_str(), arn.name.as_str()) != (account, region, name) {
        let message = format!("this is the cluster `{arn}`, but the folder is `{account}/{region}/{name}`");
        return Err(Problem::new(Place::file(Arc::clone(&file.name)), message)
            .with_help("name the folder `clusters/<account>/<region>/<name>` after the cluster in it"));
    }
    Ok(arn)
}

fn home(file: &File) -> Result<Home<'_>, Problem> {
    let segments: Vec<&str> = file.path.split('/').collect();
    match segments.as_slice() {
        ["gaps.json"] => Ok(Home::Gaps),
        ["accounts", id, rest] => {
            let id = id.parse().map_err(|error: facts::ArnError| {
                Problem::new(Place::file(Arc::clone(&file.name)), error.to_string())
                    .with_help("name the folder `accounts/<account id>`")
            })?;
            Ok(Home::Account(id, rest))
        }
        ["clusters", account, region, name, tool @ ("eks" | "kubernetes"), ..] => {
            let prefix = ["clusters", account, region, name, tool].iter().map(|part| part.len() + 1).sum();
            Ok(Home::Cluster(ClusterKey { account, region, name }, tool, file.path.get(prefix..).unwrap_or_default()))
        }
        _ => Ok(Home::Other),
    }
}

/// Over names and contents in the order of names, each with its length, so that no two inventories share it.
fn digest(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file as JSON of a type; the AWS CLI prints nothing else.
pub(crate) fn json<T: serde::de::DeserializeOwned>(file: &File) -> Result<T, Problem> {
    manifest::parse(&file.name, &file.bytes)
}

/// The file as a whole: the AWS CLI's output is one object a file.
pub(crate) fn place(file: &File) -> Place {
    Place::file(Arc::clone(&file.name))
}

/// The issuer in an OIDC provider's ARN.
pub(crate) fn issuer(arn: &str) -> Option<String> {
    let arn: Arn = arn.parse().ok()?;
    arn.resource.strip_prefix("oidc-provider/").map(str::to_owned)
}
