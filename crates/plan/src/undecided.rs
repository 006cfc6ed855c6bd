//! What waits for somebody's choice, once for all clusters.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Choice, ObjectRef};
use facts::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ClusterNeeds;

/// An RBAC object that Applications ship and that gives too much to be granted silently. What it takes is neither
/// granted nor among the needs until `shippedRbac` in the fleet file decides on its role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undecided {
    /// The object.
    pub object: ObjectRef,
    /// The role that is decided on: the object itself, or the one that it binds.
    pub role: ObjectRef,
    /// What it gives that nobody should get silently, in words.
    pub gives: Vec<String>,
    /// What can be chosen for the role. Narrowing it in the manifests, and a separate identity by impersonation, are
    /// always choices, too.
    pub choices: Vec<Choice>,
    /// The clusters that it goes to, by their names in Argo CD.
    pub clusters: Vec<String>,
    /// The Applications that ship it.
    pub applications: Vec<String>,
    /// Where it stands.
    pub places: Vec<Place>,
}

/// All that waits, sorted.
pub(crate) fn across(clusters: &[ClusterNeeds]) -> Vec<Undecided> {
    let mut all: BTreeMap<_, (BTreeSet<String>, BTreeSet<String>, BTreeSet<Place>)> = BTreeMap::new();
    for cluster in clusters {
        for one in &cluster.undecided {
            let key = (&one.object, &one.role, &one.gives, &one.choices);
            let (clusters, applications, places) = all.entry(key).or_default();
            clusters.insert(cluster.name.clone());
            applications.extend(one.application.as_deref().map(str::to_owned));
            places.extend(one.place.clone());
        }
    }
    let undecided = |((object, role, gives, choices), (clusters, applications, places))| Undecided {
        object: ObjectRef::clone(object),
        role: ObjectRef::clone(role),
        gives: Vec::clone(gives),
        choices: Vec::clone(choices),
        clusters: BTreeSet::into_iter(clusters).collect(),
        applications: BTreeSet::into_iter(applications).collect(),
        places: BTreeSet::into_iter(places).collect(),
    };
    all.into_iter().map(undecided).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CompactNeeds;

    fn cluster(name: &str, application: &str) -> ClusterNeeds {
        let role = ObjectRef::new("ClusterRole", None, "wide");
        let undecided = argocd::Undecided {
            object: role.clone(),
            role,
            application: Some(application.into()),
            place: Some(Place::file("wide.yaml")),
            gives: vec!["`*`".to_owned()],
            choices: vec![Choice::Hold, Choice::Bind],
        };
        let arn = format!("arn:aws:eks:eu-west-1:111122223333:cluster/{name}").parse().unwrap();
        ClusterNeeds {
            arn,
            name: name.to_owned(),
            needs: CompactNeeds::default(),
            cached_kinds: Vec::new(),
            findings: Vec::new(),
            unknown: Vec::new(),
            undecided: vec![undecided],
            in_cluster: false,
        }
    }

    #[test]
    fn an_object_on_many_clusters_waits_once() {
        let all = across(&[cluster("b", "app-b"), cluster("a", "app-a")]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].clusters, ["a", "b"]);
        assert_eq!(all[0].applications, ["app-a", "app-b"]);
        assert_eq!(all[0].places, [Place::file("wide.yaml")]);
    }
}
