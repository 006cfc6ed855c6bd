//! The compact summary of one Application's manifests.

mod annotation;
mod body;
mod object_names;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use facts::{Place, Problem};
use inventory::ApiResource;
use manifest::Object;
use rbac::{Binding, Role};

pub(crate) use annotation::{HookPolicy, ObjectOptions, Part};
pub(crate) use object_names::ObjectNames;

use crate::SyncOptions;

/// What one Application deploys, reduced to what decides permissions: kinds, namespaces, names, options and places.
///
/// Objects are grouped by everything but their name, so that half a million of them take little more than their names;
/// only RBAC objects and CustomResourceDefinitions keep more.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub(crate) application: Option<Arc<str>>,
    pub(crate) destination_namespace: Option<Arc<str>>,
    pub(crate) sync: SyncOptions,
    pub(crate) groups: BTreeMap<Key, Group>,
    pub(crate) roles: Vec<Shipped<Role>>,
    pub(crate) bindings: Vec<Shipped<Binding>>,
    pub(crate) definitions: Vec<ApiResource>,
    pub(crate) params: Vec<Params>,
    words: BTreeSet<Arc<str>>,
}

/// What the objects of a [`Group`] have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) group: Arc<str>,
    pub(crate) kind: Arc<str>,
    /// As the object claims it, whatever its kind.
    pub(crate) namespace: Option<Arc<str>>,
    pub(crate) part: Part,
    pub(crate) options: ObjectOptions,
}

/// Objects that differ only by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) names: ObjectNames,
    /// How many have `generateName` and no name.
    pub(crate) generated: u32,
    pub(crate) objects: u32,
    pub(crate) first: Option<First>,
    pub(crate) duplicate: Option<First>,
    pub(crate) version: Arc<str>,
}

/// The object that stands first, for reasons.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct First {
    pub(crate) place: Place,
    pub(crate) name: Box<str>,
}

/// An RBAC object with what decides how it is applied.
#[derive(Clone, Debug)]
pub(crate) struct Shipped<T> {
    pub(crate) object: T,
    /// Role and RoleBinding; the object's own namespace may be absent all the same.
    pub(crate) namespaced: bool,
    pub(crate) part: Part,
    pub(crate) options: ObjectOptions,
}

/// An admission policy, or a binding of one, that refers to parameters.
#[derive(Clone, Debug)]
pub(crate) struct Params {
    pub(crate) kind: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) place: Place,
    pub(crate) part: Part,
    pub(crate) body: ParamsBody,
}

/// To what it refers.
#[derive(Clone, Debug)]
pub(crate) enum ParamsBody {
    /// A policy's `paramKind`.
    Policy { group: String, kind: String },
    /// A binding's `paramRef`: one object, or without name those that a selector finds.
    Binding { policy: String, namespace: Option<String>, name: Option<String> },
}

impl Params {
    /// As people name it.
    pub(crate) fn object(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// An entry of a live Application's `status.resources`.
#[derive(Clone, Copy, Debug)]
pub struct LiveResource<'a> {
    /// API group, empty for core.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// API version without group.
    pub version: &'a str,
    /// Absent for cluster-scoped resources.
    pub namespace: Option<&'a str>,
    /// The object's name.
    pub name: &'a str,
    /// Whether it is a hook.
    pub hook: bool,
    /// Whether it left the manifests and waits to be pruned.
    pub requires_pruning: bool,
}

impl Deployment {
    /// An Application that deploys nothing yet. `destination_namespace` is `spec.destination.namespace`.
    pub fn new(
        application: Option<Arc<str>>,
        destination_namespace: Option<Arc<str>>,
        sync: SyncOptions,
    ) -> Self {
        Self {
            application,
            destination_namespace: destination_namespace.filter(|namespace| !namespace.is_empty()),
            sync,
            groups: BTreeMap::new(),
            roles: Vec::new(),
            bindings: Vec::new(),
            definitions: Vec::new(),
            params: Vec::new(),
            words: BTreeSet::new(),
        }
    }

    /// The Application's name, where there is an Application.
    pub fn application(&self) -> Option<&Arc<str>> {
        self.application.as_ref()
    }

    /// Every namespace that its objects claim, or get where they claim none.
    pub fn namespaces(&self) -> BTreeSet<&str> {
        let claimed = self.groups.keys().filter_map(|key| key.namespace.as_deref());
        claimed.chain(self.destination_namespace.as_deref()).collect()
    }

    /// The namespace that a namespaced object gets: the one that it claims, else the destination's.
    pub(crate) fn namespace_of<'d>(&'d self, claimed: Option<&'d str>) -> Option<&'d str> {
        claimed.filter(|namespace| !namespace.is_empty()).or(self.destination_namespace.as_deref())
    }

    /// Whether it has Roles, ClusterRoles or bindings.
    pub fn ships_rbac(&self) -> bool {
        self.groups.keys().any(Key::is_rbac)
    }

    /// How many objects it has.
    pub fn objects(&self) -> u64 {
        self.groups.values().map(|group| u64::from(group.objects)).sum()
    }

    /// Lets go of what only [`needs`](crate::needs()) and [`cached_kinds`](crate::cached_kinds) ask for, which is nearly
    /// all of it: [`Self::namespaces`] and [`Self::ships_rbac`] still answer as before.
    pub fn forget_objects(&mut self) {
        let mut namespaces = BTreeSet::new();
        let mut ships_rbac = false;
        for key in std::mem::take(&mut self.groups).into_keys() {
            let first_of_rbac = key.is_rbac() && !std::mem::replace(&mut ships_rbac, true);
            if namespaces.insert(key.namespace.clone()) || first_of_rbac {
                self.groups.insert(key, Group::default());
            }
        }
        self.definitions = Vec::new();
        self.roles = Vec::new();
        self.bindings = Vec::new();
        self.params = Vec::new();
        self.words = BTreeSet::new();
    }

    /// Adds one object; keeps none of it but what decides permissions.
    ///
    /// # Errors
    /// Where an RBAC object or a CustomResourceDefinition doesn't have its kind's shape, or an object has no name.
    pub fn add(&mut self, object: &Object<'_>) -> Result<(), Problem> {
        let metadata = &object.metadata;
        if metadata.name.is_none() && metadata.generate_name.is_none() {
            let problem =
                Problem::new(object.place.clone(), format!("`{}` has no `metadata.name`", object.kind));
            return Err(problem.with_help("give it a name, or a `generateName` if it is a hook"));
        }
        let part = Part::of(&metadata.annotations);
        let options = ObjectOptions::of(&metadata.annotations);
        self.decode(object, part, options)?;
        let key = Key {
            group: self.word(object.group()),
            kind: self.word(&object.kind),
            namespace: metadata.namespace.as_deref().filter(|ns| !ns.is_empty()).map(|ns| self.word(ns)),
            part,
            options,
        };
        let version = self.word(object.version());
        let group = self.groups.entry(key).or_insert_with(|| Group { version, ..Group::default() });
        match &metadata.name {
            Some(name) => group.add(name, Some(&object.place)),
            None => group.add_generated(metadata.generate_name.as_deref().unwrap_or_default(), &object.place),
        }
        Ok(())
    }

    /// Adds an entry of a live Application's `status.resources`: what stands in for manifests, or adds to them.
    ///
    /// The rules of a Role, ClusterRole or binding among them come with [`Deployment::add_role`] and
    /// [`Deployment::add_binding`].
    pub fn add_live(&mut self, resource: LiveResource<'_>) {
        let key = Key {
            group: self.word(resource.group),
            kind: self.word(resource.kind),
            namespace: resource.namespace.filter(|ns| !ns.is_empty()).map(|ns| self.word(ns)),
            part: match (resource.hook, resource.requires_pruning) {
                (true, _) => Part::Hook(HookPolicy::DEFAULT),
                (false, true) => Part::Orphan,
                (false, false) => Part::Live,
            },
            options: ObjectOptions::default(),
        };
        let version = self.word(resource.version);
        let group = self.groups.entry(key).or_insert_with(|| Group { version, ..Group::default() });
        if !group.names.contains(resource.name) {
            group.add(resource.name, None);
        }
    }

    /// Adds the body of a live Role or ClusterRole, whose entry came with [`Deployment::add_live`].
    pub fn add_role(&mut self, role: Role) {
        let (namespaced, options) = (role.namespace.is_some(), ObjectOptions::default());
        self.roles.push(Shipped { object: role, namespaced, part: Part::Live, options });
    }

    /// Adds the body of a live binding, whose entry came with [`Deployment::add_live`].
    pub fn add_binding(&mut self, binding: Binding) {
        let (namespaced, options) = (binding.namespace.is_some(), ObjectOptions::default());
        self.bindings.push(Shipped { object: binding, namespaced, part: Part::Live, options });
    }

    /// Takes in what another reader found of the same Application.
    pub fn merge(&mut self, other: Self) {
        for (key, theirs) in other.groups {
            let key = Key {
                group: self.word(&key.group),
                kind: self.word(&key.kind),
                namespace: key.namespace.map(|ns| self.word(&ns)),
                ..key
            };
            match self.groups.entry(key) {
                Entry::Vacant(entry) => _ = entry.insert(theirs),
                Entry::Occupied(mut entry) => entry.get_mut().merge(theirs),
            }
        }
        self.roles.extend(other.roles);
        self.bindings.extend(other.bindings);
        self.definitions.extend(other.definitions);
        self.params.extend(other.params);
    }

    fn decode(&mut self, object: &Object<'_>, part: Part, options: ObjectOptions) -> Result<(), Problem> {
        match (object.group(), object.kind.as_str()) {
            ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => {
                let namespaced = object.kind == "Role";
                self.roles.push(Shipped { object: body::role(object)?, namespaced, part, options });
            }
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
                let namespaced = object.kind == "RoleBinding";
                self.bindings.push(Shipped { object: body::binding(object)?, namespaced, part, options });
            }
            ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                self.definitions.extend(body::definition(object)?);
            }
            ("admissionregistration.k8s.io", kind) => {
                let body = match kind {
                    "ValidatingAdmissionPolicy" | "MutatingAdmissionPolicy" => body::policy(object)?,
                    "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding" => {
                        body::policy_binding(object)?
                    }
                    _ => None,
                };
                let name = object.metadata.name.as_deref().unwrap_or_default();
                self.params.extend(body.map(|body| Params {
                    kind: kind.into(),
                    name: name.into(),
                    place: object.place.clone(),
                    part,
                    body,
                }));
            }
            _ => {}
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }
}

impl Key {
    pub(crate) fn is_rbac(&self) -> bool {
        &*self.group == "rbac.authorization.k8s.io"
    }
}

impl Group {
    fn add(&mut self, name: &str, place: Option<&Place>) {
        let first = place.map(|place| First { place: place.clone(), name: name.into() });
        if self.names.add(name, place).is_err() {
            self.duplicate = self.duplicate.take().or(first);
            return;
        }
        self.objects += 1;
        self.first = self.first.take().or(first);
    }

    fn add_generated(&mut self, prefix: &str, place: &Place) {
        self.generated += 1;
        self.objects += 1;
        let first = First { place: place.clone(), name: format!("{prefix}…").into() };
        self.first.get_or_insert(first);
    }

    fn merge(&mut self, other: Self) {
        self.version = self.version.clone().min(other.version);
        self.objects += other.objects;
        for (name, place) in other.names.iter() {
            if let Err(held) = self.names.add(name, place) {
                self.objects -= 1;
                let places = [held.take(), place.cloned()];
                let again = places.iter().flatten().max().cloned();
                let again = again.map(|place| First { place, name: name.into() });
                self.duplicate = [self.duplicate.take(), again].into_iter().flatten().min();
                *held = places.into_iter().flatten().min();
            }
        }
        self.generated += other.generated;
        self.first = [self.first.take(), other.first].into_iter().flatten().min();
        self.duplicate = [self.duplicate.take(), other.duplicate].into_iter().flatten().min();
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::testing::{Case, discovery};

    fn live(kind: &'static str, name: &'static str) -> LiveResource<'static> {
        let (group, namespace) = match kind {
            "ClusterRole" => ("rbac.authorization.k8s.io", None),
            _ => ("", Some("shop")),
        };
        LiveResource { group, kind, version: "v1", namespace, name, hook: false, requires_pruning: false }
    }

    fn needs(resources: &[LiveResource<'_>]) -> crate::Needs {
        let case = Case { sync: SyncOptions { prune: true, ..SyncOptions::default() }, ..Case::default() };
        let mut deployment = case.deployment("");
        resources.iter().for_each(|resource| deployment.add_live(*resource));
        let discovery = discovery();
        crate::needs(&case.context(&discovery), &[&deployment])
    }

    #[test]
    fn a_live_object_that_waits_to_be_pruned_is_only_deleted() {
        let orphan = LiveResource { requires_pruning: true, ..live("ConfigMap", "gone") };
        let needs = needs(&[orphan, live("Secret", "kept")]);
        let of = |plural: &str| {
            let lines = needs.needs.iter().filter(|need| need.identity == crate::Identity::Controller);
            let lines = lines.map(|need| need.permission.to_string()).filter(|line| line.contains(plural));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_snapshot!(of(" configmaps"), @"delete configmaps in namespace shop");
        assert_snapshot!(of(" secrets"), @r"
        create secrets in namespace shop
        delete secrets in namespace shop
        get secrets in namespace shop
        patch secrets in namespace shop
        ");
    }

    #[test]
    fn a_live_role_without_its_rules_is_a_gap() {
        let gaps: Vec<String> =
            needs(&[live("ClusterRole", "reader")]).unknown.iter().map(ToString::to_string).collect();
        assert_snapshot!(gaps.join("\n"), @"the rules of `ClusterRole reader`: only its name is known");
    }

    #[test]
    fn an_object_without_any_name_is_refused() {
        let mut deployment = Deployment::new(None, None, SyncOptions::default());
        let file: Arc<str> = "a.yaml".into();
        let mut problems = Vec::new();
        manifest::read(
            &file,
            b"{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: b}}}",
            &mut |object| {
                problems.extend(object.and_then(|object| deployment.add(&object)).err());
            },
        );
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_snapshot!(problems.join("\n"), @"a.yaml:1:1: `ConfigMap` has no `metadata.name`");
    }
}
