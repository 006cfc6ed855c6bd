//! Which objects belong to which account and cluster, what the folders are called, and which place comes first.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, ClusterArn, Partition};
use serde_json::Value;

use super::text;
use crate::{Desired, DesiredObject, Location, Object};

/// The desired objects by place. Inside a place they keep the order of `Desired`.
pub(super) struct Layout<'a> {
    pub(super) fleet: &'a str,
    /// The settings as values of Argo CD's Helm chart.
    pub(super) helm_values: Option<&'a Value>,
    /// Each place after the places that it needs.
    pub(super) places: Vec<Place<'a>>,
}

/// One location with its objects.
pub(super) struct Place<'a> {
    pub(super) location: &'a Location,
    /// The account's id, or the cluster's folder.
    pub(super) folder: String,
    pub(super) objects: Vec<&'a DesiredObject>,
    /// Places that objects of this one need, by their position among the places; all of them stand before.
    pub(super) after: Vec<usize>,
}

impl<'a> Layout<'a> {
    pub(super) fn of(desired: &'a Desired, helm_values: Option<&'a Value>, fleet: &'a str) -> Self {
        let folders = folders(desired);
        let mut by_location: Vec<(&Location, Vec<&DesiredObject>)> = Vec::new();
        let mut index: BTreeMap<&Location, usize> = BTreeMap::new();
        for object in &desired.objects {
            let at = *index.entry(&object.location).or_insert_with(|| {
                by_location.push((&object.location, Vec::new()));
                by_location.len() - 1
            });
            if let Some((_, objects)) = by_location.get_mut(at) {
                objects.push(object);
            }
        }
        Self { fleet, helm_values, places: sorted(by_location, &folders) }
    }

    /// The first line of every file.
    pub(super) fn header(&self) -> String {
        text::header(self.fleet)
    }

    /// IAM of each account, in order.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&'a AccountId, &Place<'a>)> {
        self.places.iter().filter_map(|place| match place.location {
            Location::Account(id) => Some((id, place)),
            _ => None,
        })
    }

    /// EKS's objects of each cluster, in order.
    pub(super) fn eks(&self) -> impl Iterator<Item = (&'a ClusterArn, &Place<'a>)> {
        self.places.iter().filter_map(|place| match place.location {
            Location::Eks(arn) => Some((arn, place)),
            _ => None,
        })
    }

    /// Kubernetes' objects of each cluster, in order.
    pub(super) fn clusters(&self) -> impl Iterator<Item = (&'a ClusterArn, &Place<'a>)> {
        self.places.iter().filter_map(|place| match place.location {
            Location::Cluster(arn) => Some((arn, place)),
            _ => None,
        })
    }
}

impl<'a> Place<'a> {
    /// The AWS partition of the place. An account's is that of its roles, `aws` where it has none.
    pub(super) fn partition(&self) -> &'static str {
        let partition = match self.location {
            Location::Eks(arn) | Location::Cluster(arn) => Some(arn.partition),
            Location::Account(_) => self.objects.iter().find_map(|object| match &object.object {
                Object::IamRole(role) => Some(role.arn.partition),
                _ => None,
            }),
        };
        partition.unwrap_or(Partition::Aws).as_str()
    }
}

/// Each place after those that it needs. In a circle, which no plan should have, the first of `Desired` goes first.
fn sorted<'a>(
    locations: Vec<(&'a Location, Vec<&'a DesiredObject>)>,
    folders: &BTreeMap<&ClusterArn, String>,
) -> Vec<Place<'a>> {
    let mut open: BTreeSet<&Location> = locations.iter().map(|(location, _)| *location).collect();
    let mut waiting: Vec<_> = locations
        .into_iter()
        .map(|(location, objects)| (location, needed(location, &objects), objects))
        .collect();
    let mut done: BTreeMap<&Location, usize> = BTreeMap::new();
    let mut places = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|(_, needed, _)| needed.is_disjoint(&open));
        let (location, needed, objects) = waiting.remove(ready.unwrap_or_default());
        open.remove(location);
        let after = needed.iter().filter_map(|needed| done.get(needed).copied()).collect();
        done.insert(location, places.len());
        places.push(Place { location, folder: folder(location, folders), objects, after });
    }
    places
}

fn needed<'a>(location: &Location, objects: &[&'a DesiredObject]) -> BTreeSet<&'a Location> {
    objects
        .iter()
        .flat_map(|object| &object.after)
        .map(|id| &id.location)
        .filter(|other| *other != location)
        .collect()
}

fn folder(location: &Location, folders: &BTreeMap<&ClusterArn, String>) -> String {
    match location {
        Location::Account(id) => id.to_string(),
        Location::Eks(arn) | Location::Cluster(arn) => {
            folders.get(arn).cloned().unwrap_or_else(|| arn.name.clone())
        }
    }
}

/// The cluster's name, or account, region and name where two clusters share it. `Prod` and `prod` are the same folder
/// on many file systems, so they count as shared.
fn folders(desired: &Desired) -> BTreeMap<&ClusterArn, String> {
    let arns: BTreeSet<&ClusterArn> = desired
        .objects
        .iter()
        .filter_map(|object| match &object.location {
            Location::Eks(arn) | Location::Cluster(arn) => Some(arn),
            Location::Account(_) => None,
        })
        .collect();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for arn in &arns {
        *uses.entry(arn.name.to_ascii_lowercase()).or_default() += 1;
    }
    let long = |arn: &ClusterArn| format!("{}-{}-{}", arn.account, arn.region, arn.name);
    let name = |arn: &ClusterArn| match uses.get(&arn.name.to_ascii_lowercase()) {
        Some(1) => arn.name.clone(),
        _ => long(arn),
    };
    let names: BTreeMap<_, _> = arns.iter().map(|arn| (*arn, name(arn))).collect();
    let distinct: BTreeSet<String> = names.values().map(|name| name.to_ascii_lowercase()).collect();
    if distinct.len() == names.len() { names } else { arns.into_iter().map(|arn| (arn, long(arn))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Restart;

    fn restart(cluster: &str, after: &[&DesiredObject]) -> DesiredObject {
        let cluster: ClusterArn = cluster.parse().unwrap();
        DesiredObject {
            location: Location::Cluster(cluster.clone()),
            object: Object::Restart(Restart {
                cluster,
                namespace: "argocd".into(),
                workloads: vec!["deployment/x".into()],
            }),
            reason: String::new(),
            after: after.iter().map(|object| object.id()).collect(),
        }
    }

    #[test]
    fn a_place_stands_after_the_places_that_it_needs() {
        let spoke = restart("arn:aws:eks:eu-west-1:111122223333:cluster/spoke", &[]);
        let hub = restart("arn:aws:eks:eu-west-1:111122223333:cluster/hub", &[&spoke]);
        let desired = Desired { objects: vec![hub, spoke] };
        let layout = Layout::of(&desired, None, "acme");
        let folders: Vec<&str> = layout.places.iter().map(|place| place.folder.as_str()).collect();
        assert_eq!(folders, ["spoke", "hub"]);
        assert_eq!(layout.places[1].after, [0]);
    }

    #[test]
    fn clusters_that_share_a_name_get_account_and_region_in_their_folder() {
        let desired = Desired {
            objects: vec![
                restart("arn:aws:eks:eu-west-1:111122223333:cluster/prod", &[]),
                restart("arn:aws:eks:us-east-1:111122223333:cluster/Prod", &[]),
                restart("arn:aws:eks:us-east-1:111122223333:cluster/dev", &[]),
            ],
        };
        let layout = Layout::of(&desired, None, "acme");
        let folders: Vec<&str> = layout.places.iter().map(|place| place.folder.as_str()).collect();
        assert_eq!(folders, ["111122223333-eu-west-1-prod", "111122223333-us-east-1-Prod", "dev"]);
    }
}
