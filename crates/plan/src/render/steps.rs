//! A cluster's Kubernetes objects as few files, by kind, in an order in which they can be applied.

use super::{layout::Place, text};
use crate::{DesiredObject, KubernetesObject, Location, Object, ObjectId, Restart};

/// What is done at once on one cluster.
pub(super) enum Step<'a> {
    /// Objects of one kind, in one file.
    Apply(Vec<Manifest<'a>>),
    /// A rollout restart.
    Restart(&'a Restart, &'a DesiredObject),
}

/// One Kubernetes object and why it is wanted.
#[derive(Clone, Copy)]
pub(super) struct Manifest<'a> {
    pub(super) object: &'a KubernetesObject,
    pub(super) reason: &'a str,
}

/// Puts objects of one kind together wherever no object comes before one that it needs.
pub(super) fn steps<'a>(place: &Place<'a>) -> Vec<Step<'a>> {
    let mut steps: Vec<(Step<'a>, Vec<ObjectId>)> = Vec::new();
    for &desired in &place.objects {
        let earliest =
            steps.iter().rposition(|(_, ids)| ids.iter().any(|id| needs(desired, id))).unwrap_or_default();
        let id = desired.id();
        match &desired.object {
            Object::Kubernetes(object) => {
                let manifest = Manifest { object, reason: &desired.reason };
                let open = steps.iter_mut().skip(earliest).find_map(|(step, ids)| match step {
                    Step::Apply(manifests) if same_file(manifests, object) => Some((manifests, ids)),
                    _ => None,
                });
                if let Some((manifests, ids)) = open {
                    manifests.push(manifest);
                    ids.push(id);
                } else {
                    steps.push((Step::Apply(vec![manifest]), vec![id]));
                }
            }
            Object::Restart(restart) => steps.push((Step::Restart(restart, desired), vec![id])),
            _ => {}
        }
    }
    steps.into_iter().map(|(step, _)| step).collect()
}

/// A file's name: its number keeps the order, its kind tells what is in it.
pub(super) fn file_name(number: usize, manifests: &[Manifest<'_>]) -> String {
    let kind = manifests.first().map(|manifest| text::kebab(&manifest.object.kind)).unwrap_or_default();
    format!("{number:02}-{kind}.yaml")
}

fn same_file(manifests: &[Manifest<'_>], object: &KubernetesObject) -> bool {
    manifests.first().is_some_and(|first| {
        first.object.kind == object.kind
            && first.object.api_version == object.api_version
            && first.object.ownership == object.ownership
    })
}

/// What the plan says, and the namespace that the object is in.
fn needs(desired: &DesiredObject, id: &ObjectId) -> bool {
    let namespace = match &desired.object {
        Object::Kubernetes(object) => object.namespace.as_deref(),
        Object::Restart(restart) => Some(restart.namespace.as_str()),
        _ => None,
    };
    let inside =
        id.kind == "Namespace" && namespace == Some(&id.name) && matches!(id.location, Location::Cluster(_));
    inside || desired.after.contains(id)
}

#[cfg(test)]
mod tests {
    use facts::ClusterArn;
    use serde_json::json;

    use super::*;
    use crate::{Desired, Ownership, render::layout::Layout};

    fn object(kind: &str, name: &str, after: &[&DesiredObject]) -> DesiredObject {
        let arn: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap();
        DesiredObject {
            location: Location::Cluster(arn),
            object: Object::Kubernetes(KubernetesObject {
                api_version: "v1".into(),
                kind: kind.into(),
                namespace: None,
                name: name.into(),
                body: json!({}),
                ownership: Ownership::Whole,
            }),
            reason: String::new(),
            after: after.iter().map(|object| object.id()).collect(),
        }
    }

    fn names(objects: Vec<DesiredObject>) -> Vec<Vec<String>> {
        let desired = Desired { objects };
        let layout = Layout::of(&desired, "acme");
        let all = steps(&layout.places[0]);
        all.iter()
            .map(|step| match step {
                Step::Apply(manifests) => manifests.iter().map(|m| m.object.name.clone()).collect(),
                Step::Restart(..) => vec!["restart".to_owned()],
            })
            .collect()
    }

    #[test]
    fn objects_of_one_kind_share_a_file() {
        let a = object("Role", "a", &[]);
        let b = object("RoleBinding", "b", &[&a]);
        let c = object("Role", "c", &[]);
        let d = object("RoleBinding", "d", &[&c]);
        assert_eq!(names(vec![a, b, c, d]), [["a", "c"], ["b", "d"]]);
    }

    #[test]
    fn an_object_that_needs_another_kind_never_comes_before_it() {
        let a = object("Role", "a", &[]);
        let b = object("RoleBinding", "b", &[&a]);
        let c = object("Role", "c", &[&b]);
        assert_eq!(names(vec![a, b, c]), [["a"], ["b"], ["c"]]);
    }
}
