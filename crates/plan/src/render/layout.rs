//! Which objects belong to which account and cluster, what the folders are called, and which place comes first.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, ClusterArn, ClusterNames, Partition};
use serde_json::Value;

use super::text;
use crate::{Desired, DesiredObject, Location, Object, ObjectId};

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
        let names = names(desired);
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
        Self { fleet, helm_values, places: sorted(by_location, &names) }
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

    /// The folders of Kubernetes' objects between which EKS's objects of a cluster come, where those are in parts.
    pub(super) fn between(&self, place: &Place<'_>) -> Option<(&str, &str)> {
        let Location::Eks(arn) = place.location else { return None };
        let parts: Vec<&Place<'a>> =
            self.clusters().filter(|(other, _)| *other == arn).map(|(_, part)| part).collect();
        match parts.as_slice() {
            [before, after, ..] => Some((&before.folder, &after.folder)),
            _ => None,
        }
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
    /// The folder of its first part: the same for all of a cluster's parts.
    pub(super) fn first_folder(&self) -> &str {
        // No account and no cluster has a dot in its name.
        self.folder.split('.').next().unwrap_or_default()
    }

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

type Waiting<'a> = Vec<(&'a Location, Vec<&'a DesiredObject>)>;

/// Each place after those that it needs. Where two need parts of each other (the hub's pods get their roles after some
/// of its Secrets and before a restart), one of them comes in parts, the later ones in folders `<name>.2` and so on.
fn sorted<'a>(mut waiting: Waiting<'a>, names: &ClusterNames) -> Vec<Place<'a>> {
    let mut done: BTreeMap<&Location, usize> = BTreeMap::new();
    let mut parts: BTreeMap<&Location, usize> = BTreeMap::new();
    let mut places: Vec<Place<'a>> = Vec::new();
    while !waiting.is_empty() {
        let (location, objects) = next(&mut waiting);
        let mut after: BTreeSet<&Location> = needed(location, &objects);
        let part = parts.entry(location).and_modify(|part| *part += 1).or_insert(1);
        let mut folder = folder(location, names);
        if *part > 1 {
            after.insert(location);
            folder.push_str(&format!(".{part}"));
        }
        let mut after: Vec<usize> = after.iter().filter_map(|needed| done.get(needed).copied()).collect();
        after.sort_unstable();
        done.insert(location, places.len());
        places.push(Place { location, folder, objects, after });
    }
    places
}

/// A whole place that needs no other; else the part of one after which another is ready as a whole; else, in a circle
/// of objects, which no plan has, the first place as it is.
fn next<'a>(waiting: &mut Waiting<'a>) -> (&'a Location, Vec<&'a DesiredObject>) {
    let open: BTreeSet<&Location> = waiting.iter().map(|(location, _)| *location).collect();
    let ready =
        |(location, objects): &(&Location, Vec<&DesiredObject>)| needed(location, objects).is_disjoint(&open);
    if let Some(ready) = waiting.iter().position(ready) {
        return waiting.remove(ready);
    }
    let pending: BTreeSet<ObjectId> =
        waiting.iter().flat_map(|(_, objects)| objects).map(|object| object.id()).collect();
    let whole = |(_, objects): &(&Location, Vec<&DesiredObject>)| ready_part(objects, &pending).1.is_empty();
    if let Some(ready) = waiting.iter().position(whole) {
        return waiting.remove(ready);
    }
    let split = (0..waiting.len()).find_map(|at| {
        let (_, objects) = waiting.get(at)?;
        let (now, later) = ready_part(objects, &pending);
        let still =
            pending.iter().filter(|id| !now.iter().any(|object| object.id() == **id)).cloned().collect();
        let others = waiting.iter().enumerate().filter(|(other, _)| *other != at);
        let frees = others.into_iter().any(|(_, (_, others))| ready_part(others, &still).1.is_empty());
        (!now.is_empty() && frees).then_some((at, now, later))
    });
    match split {
        Some((at, now, later)) => {
            let (location, _) = waiting.remove(at);
            waiting.insert(at, (location, later));
            (location, now)
        }
        None => waiting.remove(0),
    }
}

/// The objects that need none of the `pending` ones but each other, and the others.
fn ready_part<'a>(
    objects: &[&'a DesiredObject],
    pending: &BTreeSet<ObjectId>,
) -> (Vec<&'a DesiredObject>, Vec<&'a DesiredObject>) {
    let (mut now, mut later) = (Vec::new(), Vec::new());
    let mut here: BTreeSet<ObjectId> = BTreeSet::new();
    for object in objects {
        if object.after.iter().all(|id| !pending.contains(id) || here.contains(id)) {
            here.insert(object.id());
            now.push(*object);
        } else {
            later.push(*object);
        }
    }
    (now, later)
}

fn needed<'a>(location: &Location, objects: &[&'a DesiredObject]) -> BTreeSet<&'a Location> {
    objects
        .iter()
        .flat_map(|object| &object.after)
        .map(|id| &id.location)
        .filter(|other| *other != location)
        .collect()
}

fn folder(location: &Location, names: &ClusterNames) -> String {
    match location {
        Location::Account(id) => id.to_string(),
        Location::Eks(arn) | Location::Cluster(arn) => names.short(arn).to_owned(),
    }
}

fn names(desired: &Desired) -> ClusterNames {
    ClusterNames::of(desired.objects.iter().filter_map(|object| match &object.location {
        Location::Eks(arn) | Location::Cluster(arn) => Some(arn),
        Location::Account(_) => None,
    }))
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
    fn a_place_that_another_needs_a_part_of_comes_in_parts() {
        let hub = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
        let secret = restart(hub, &[]);
        let mut role = restart(hub, &[&secret]);
        role.location = Location::Eks(hub.parse().unwrap());
        let mut last = restart(hub, &[&role]);
        if let Object::Restart(restart) = &mut last.object {
            restart.workloads = vec!["deployment/y".into()];
        }
        let desired = Desired { objects: vec![secret, role, last] };
        let layout = Layout::of(&desired, None, "acme");
        let shown = |place: &Place<'_>| (place.folder.clone(), place.objects.len(), place.after.clone());
        let shown: Vec<_> = layout.places.iter().map(shown).collect();
        let expected = [("hub", 1, vec![]), ("hub", 1, vec![0]), ("hub.2", 1, vec![0, 1])];
        assert_eq!(shown, expected.map(|(folder, count, after)| (folder.to_owned(), count, after)));
        assert!(layout.places.iter().all(|place| place.first_folder() == "hub"));
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
