//! A cluster's Kubernetes objects as few files, by kind, in an order in which they can be applied.

use super::{helm, layout::Layout, layout::Place, text};
use crate::{DesiredObject, KubernetesObject, Location, Object, ObjectId, Ownership, Restart};

/// What is done at once on one cluster.
pub(super) enum Step<'a> {
    /// Objects of one kind, in one file.
    Apply(Manifests<'a>),
    /// A rollout restart.
    Restart(&'a Restart, &'a DesiredObject),
}

/// What is in one file.
pub(super) struct Manifests<'a> {
    /// Its place among the files of the cluster.
    number: usize,
    pub(super) all: Vec<Manifest<'a>>,
    pub(super) ownership: Ownership,
    /// Whether Argo CD's Helm chart writes the same, if it gets the plan's values.
    pub(super) by_helm: bool,
}

/// One Kubernetes object and why it is wanted.
#[derive(Clone, Copy)]
pub(super) struct Manifest<'a> {
    pub(super) object: &'a KubernetesObject,
    pub(super) reason: &'a str,
}

/// Objects of one kind together wherever no object comes before one that it needs, and then as little back and forth
/// as can be between fields of other people's objects, whole objects, and restarts.
pub(super) fn steps<'a>(layout: &Layout<'a>, place: &Place<'a>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> =
        in_runs(groups(layout, place)).into_iter().map(|group| group.step).collect();
    let files = steps.iter_mut().filter_map(|step| match step {
        Step::Apply(file) => Some(file),
        Step::Restart(..) => None,
    });
    files.zip(1..).for_each(|(file, number)| file.number = number);
    steps
}

impl Manifests<'_> {
    /// The file's name: its number keeps the order, its kind tells what is in it.
    pub(super) fn file_name(&self) -> String {
        let kind = self.all.first().map(|manifest| text::kebab(&manifest.object.kind)).unwrap_or_default();
        format!("{:02}-{kind}.yaml", self.number)
    }
}

/// A step with the objects in it.
struct Group<'a> {
    step: Step<'a>,
    members: Vec<(ObjectId, &'a DesiredObject)>,
}

fn groups<'a>(layout: &Layout<'a>, place: &Place<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &desired in &place.objects {
        let earliest = groups.iter().rposition(|group| group.is_needed_by(desired)).unwrap_or_default();
        let member = (desired.id(), desired);
        match &desired.object {
            Object::Kubernetes(object) => {
                let by_helm = helm::says(layout.helm_values, object);
                let manifest = Manifest { object, reason: &desired.reason };
                let open = groups.iter_mut().skip(earliest).find_map(|Group { step, members }| match step {
                    Step::Apply(file) if file.takes(object, by_helm) => Some((file, members)),
                    _ => None,
                });
                if let Some((file, members)) = open {
                    file.all.push(manifest);
                    members.push(member);
                } else {
                    let ownership = object.ownership;
                    let file = Manifests { number: 0, all: vec![manifest], ownership, by_helm };
                    groups.push(Group { step: Step::Apply(file), members: vec![member] });
                }
            }
            Object::Restart(restart) => {
                groups.push(Group { step: Step::Restart(restart, desired), members: vec![member] });
            }
            _ => {}
        }
    }
    groups
}

impl Manifests<'_> {
    fn takes(&self, object: &KubernetesObject, by_helm: bool) -> bool {
        self.by_helm == by_helm
            && self.all.first().is_some_and(|first| {
                first.object.kind == object.kind
                    && first.object.api_version == object.api_version
                    && first.object.ownership == object.ownership
            })
    }
}

impl Group<'_> {
    fn is_needed_by(&self, desired: &DesiredObject) -> bool {
        self.members.iter().any(|(id, _)| needs(desired, id))
    }

    fn sort(&self) -> Sort {
        match &self.step {
            Step::Apply(Manifests { ownership: Ownership::Fields, .. }) => Sort::Fields,
            Step::Apply(_) => Sort::Whole,
            Step::Restart(..) => Sort::Restart,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Fields,
    Whole,
    Restart,
}

/// All that is ready of one sort, then of the next, and round again. A circle, which no plan has, stays as it is.
fn in_runs(mut waiting: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let mut done = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let before = done.len();
        for sort in [Sort::Fields, Sort::Whole, Sort::Restart] {
            while let Some(at) = ready(&waiting, sort) {
                done.push(waiting.remove(at));
            }
        }
        if done.len() == before {
            done.append(&mut waiting);
        }
    }
    done
}

fn ready(waiting: &[Group<'_>], sort: Sort) -> Option<usize> {
    waiting.iter().enumerate().position(|(at, group)| {
        let mut others = waiting.iter().enumerate().filter(|(other, _)| *other != at);
        group.sort() == sort
            && !others.any(|(_, other)| group.members.iter().any(|(_, member)| other.is_needed_by(member)))
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
    use crate::Desired;

    fn object(kind: &str, name: &str, after: &[&DesiredObject]) -> DesiredObject {
        let arn: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap();
        DesiredObject {
            location: Location::Cluster(arn),
            object: Object::Kubernetes(KubernetesObject {
                api_version: "v1".into(),
                kind: kind.into(),
                namespace: None,
                name: name.into(),
                body: json!({}).into(),
                ownership: if kind == "Namespace" { Ownership::Fields } else { Ownership::Whole },
            }),
            reason: String::new(),
            after: after.iter().map(|object| object.id()).collect(),
        }
    }

    fn names(objects: Vec<DesiredObject>) -> Vec<Vec<String>> {
        let desired = Desired { objects };
        let layout = Layout::of(&desired, None, "acme");
        let all = steps(&layout, &layout.places[0]);
        all.iter()
            .map(|step| match step {
                Step::Apply(file) => file.all.iter().map(|m| m.object.name.clone()).collect(),
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

    #[test]
    fn a_namespace_comes_first_so_that_all_whole_objects_follow_in_one_run() {
        let cluster = object("ClusterRole", "a", &[]);
        let namespace = object("Namespace", "n", &[]);
        let role = object("Role", "b", &[&namespace]);
        assert_eq!(names(vec![cluster, namespace, role]), [["n"], ["a"], ["b"]]);
    }
}
