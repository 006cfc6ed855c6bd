//! From files to an [`Inventory`]: which file says what is decided by its path alone.

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, ClusterArn, Gap, Partition, Place, Problem};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Cluster, Inventory, causes, eks, iam, kubernetes, organization};

/// One file of an inventory.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path in the inventory, with slashes: `accounts/111122223333/iam-get-account-authorization-details.json`.
    pub path: String,
    /// The name by which the user knows it.
    pub name: Arc<str>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What came of reading an inventory's files.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What could be read.
    pub inventory: Inventory,
    /// Files that can't be used; the inventory doesn't hold what they say.
    pub problems: Vec<Problem>,
    /// Files that nobody asked for.
    pub unknown: Vec<Place>,
}

/// The files of one account or cluster, by their names below its folder.
pub(crate) type Files<'f> = BTreeMap<&'f str, &'f File>;

impl Inventory {
    /// Reads an inventory. The order of the files doesn't matter. docs/inventory.md has the layout.
    pub fn read(files: &[File]) -> Reading {
        let mut reading = Reading::default();
        let (mut accounts, mut clusters) = (BTreeMap::<_, Files<'_>>::new(), BTreeMap::<_, Files<'_>>::new());
        let mut of_organization = Files::new();
        let mut sorted: Vec<&File> = files.iter().collect();
        sorted.sort_by(|a, b| a.path.cmp(&b.path));
        for file in &sorted {
            match *file.path.splitn(5, '/').collect::<Vec<_>>() {
                ["gaps.json"] => read_gaps(file, &mut reading),
                ["organization", name] => drop(of_organization.insert(name, file)),
                ["accounts", id, ..] => {
                    let rest = file.path.get("accounts/".len() + id.len() + 1..).unwrap_or_default();
                    accounts.entry(id).or_default().insert(rest, file);
                }
                ["clusters", account, region, name, rest] => {
                    clusters.entry((account, region, name)).or_default().insert(rest, file);
                }
                _ => reading.unknown.push(Place::file(Arc::clone(&file.name))),
            }
        }
        reading.inventory.organization = organization::read(&of_organization, &mut reading);
        let (mut accounts, mut clusters) = (Vec::from_iter(accounts), Vec::from_iter(clusters));
        let (units, digest) = rayon::join(
            || {
                let accounts = accounts.par_drain(..).map(|(id, files)| read_account(id, &files));
                let clusters = clusters
                    .par_drain(..)
                    .map(|((account, region, name), files)| read_cluster([account, region, name], &files));
                accounts.chain(clusters).collect::<Vec<Reading>>()
            },
            || digest(&sorted),
        );
        units.into_iter().for_each(|unit| reading.add(unit));
        causes::adopt(&mut reading.inventory);
        reading.inventory.digest = digest;
        reading
    }
}

impl Reading {
    /// What was read of one account or cluster.
    fn add(&mut self, unit: Self) {
        self.inventory.accounts.extend(unit.inventory.accounts);
        self.inventory.clusters.extend(unit.inventory.clusters);
        self.problems.extend(unit.problems);
        self.unknown.extend(unit.unknown);
    }
}

fn read_account(id: &str, files: &Files<'_>) -> Reading {
    let mut reading = Reading::default();
    match id.parse::<AccountId>() {
        Ok(id) => {
            let account = iam::account(&id, files, &mut reading);
            reading.inventory.accounts.insert(id, account);
        }
        Err(error) => {
            let place = files.values().next().map(|file| Place::file(Arc::clone(&file.name)));
            reading.problems.extend(place.map(|place| Problem::new(place, error.to_string())));
        }
    }
    reading
}

fn read_cluster(path: [&str; 3], files: &Files<'_>) -> Reading {
    let mut reading = Reading::default();
    let cluster = cluster(path, files, &mut reading);
    reading.inventory.clusters.extend(cluster);
    reading
}

fn cluster(path: [&str; 3], files: &Files<'_>, reading: &mut Reading) -> Option<(ClusterArn, Cluster)> {
    let [account, region, name] = path;
    let any = files.values().next()?;
    let of_path = format!("arn:{}:eks:{region}:{account}:cluster/{name}", Partition::of_region(region));
    let arn = match of_path.parse::<ClusterArn>() {
        Ok(arn) => arn,
        Err(error) => {
            let place = Place::file(Arc::clone(&any.name));
            reading.problems.push(Problem::new(place, format!("the folder names no cluster: {error}")));
            return None;
        }
    };
    let (mut cluster, described) = eks::cluster(&arn, files, reading);
    cluster.kubernetes = kubernetes::read(&arn, files, reading);
    let arn = match described {
        Some((told, place))
            if (told.account.as_str(), &*told.region, &*told.name) != (account, region, name) =>
        {
            let problem =
                Problem::new(place, format!("this describes `{told}`, but the folder is of `{arn}`"));
            reading.problems.push(problem.with_help("move the file to the folder of its cluster"));
            return None;
        }
        // The partition is the one thing that the folder doesn't say.
        Some((told, _)) => told,
        None => arn,
    };
    Some((arn, cluster))
}

/// All JSON values of a file, pages in an array or in a row taken one by one.
pub(crate) fn pages(file: &File, reading: &mut Reading) -> Option<Vec<Value>> {
    let mut pages = Vec::new();
    for value in serde_json::Deserializer::from_slice(&file.bytes).into_iter::<Value>() {
        match value {
            Ok(Value::Array(many)) => pages.extend(many),
            Ok(one) => pages.push(one),
            Err(error) => {
                let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let place = Place::new(Arc::clone(&file.name), narrow(error.line()), narrow(error.column()));
                let words = error.to_string();
                let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(message, _)| message);
                reading.problems.push(Problem::new(place, format!("malformed JSON: {words}")));
                return None;
            }
        }
    }
    Some(pages)
}

/// Whether a page says that there are more: where all do, the last one is missing. `aws … --max-items` prints
/// `NextToken` (AWS CLI User Guide, "Pagination"), the EKS API itself `nextToken`, and IAM `IsTruncated`.
pub(crate) fn has_more(page: &Value) -> bool {
    let token = |key| page.get(key).is_some_and(Value::is_string);
    token("NextToken") || token("nextToken") || page.get("IsTruncated") == Some(&Value::Bool(true))
}

fn read_gaps(file: &File, reading: &mut Reading) {
    for gap in pages(file, reading).unwrap_or_default() {
        let text = |field| gap.get(field).and_then(Value::as_str);
        match (text("what"), text("cause")) {
            (Some(what), Some(cause)) => {
                let fill = text("fill").map(str::to_owned);
                reading.inventory.gaps.push(Gap { fill, ..Gap::new(what, cause) });
            }
            _ => {
                let place = Place::file(Arc::clone(&file.name));
                reading.problems.push(Problem::new(place, "a gap lacks `what` or `cause`"));
            }
        }
    }
}

/// Paths and contents, each with its length before it, so that nothing can move from one to the other unseen.
fn digest(sorted: &[&File]) -> String {
    let mut hash = Sha256::new();
    for file in sorted {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text field of a JSON object.
pub(crate) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}

/// The elements of an array field; none if there is no such field.
pub(crate) fn elements<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// Says that a file lacks what its path promises.
pub(crate) fn lacks(file: &File, what: &str, reading: &mut Reading) {
    let place = Place::file(Arc::clone(&file.name));
    reading.problems.push(Problem::new(place, format!("the file has no `{what}`")));
}
