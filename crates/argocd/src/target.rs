//! Objects of one kind in one place, with everything known that decides who asks what for them.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Finding, Gap, Place, Severity};
use inventory::ApiResource;
use rbac::Scope;

use crate::{
    ClusterContext, Deployment, SyncOptions,
    catalog::Catalog,
    collector::Collector,
    deployment::{First, Group, Key, ObjectOptions, Part},
};

/// A [`Group`] of a deployment with its resource and its real namespace.
#[derive(Clone)]
pub(crate) struct Target<'a> {
    pub(crate) application: Option<&'a Arc<str>>,
    pub(crate) sync: &'a SyncOptions,
    pub(crate) group: Arc<str>,
    pub(crate) kind: Arc<str>,
    /// For children: the kind of the deployed object that `first` names.
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) plural: Arc<str>,
    /// Absent for cluster-scoped kinds.
    pub(crate) namespace: Option<Arc<str>>,
    pub(crate) names: &'a BTreeMap<Box<str>, Option<Place>>,
    pub(crate) generated: u32,
    pub(crate) objects: u32,
    pub(crate) first: Option<&'a First>,
    pub(crate) part: Part,
    pub(crate) options: ObjectOptions,
}

impl Target<'_> {
    pub(crate) fn scope(&self) -> Scope {
        Scope::of(self.namespace.as_deref())
    }

    /// Whether it is applied in a sync.
    pub(crate) fn is_applied(&self) -> bool {
        match self.part {
            Part::Resource | Part::Live => true,
            Part::Hook(policy) => policy.in_sync,
            Part::Skipped | Part::Ignored | Part::Orphan => false,
        }
    }

    /// sync_context.go, shouldUseServerSideApply
    pub(crate) fn uses_server_side_apply(&self) -> bool {
        self.options.server_side_apply.unwrap_or(self.sync.server_side_apply) && !self.uses_replace()
    }

    pub(crate) fn uses_replace(&self) -> bool {
        self.sync.replace || self.options.replace
    }

    pub(crate) fn uses_force(&self) -> bool {
        self.sync.force || self.options.force
    }

    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        *self.group == *group && *self.kind == *kind
    }

    /// As people name an object of a kind: `Deployment shop/web`.
    pub(crate) fn object(&self, name: &str) -> String {
        let kind = self.owner.as_ref().unwrap_or(&self.kind);
        match &self.namespace {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        }
    }

    pub(crate) fn place(&self) -> Option<&Place> {
        self.first.map(|first| &first.place)
    }
}

/// All targets of a deployment that Argo CD will touch; what it refuses becomes findings, what nobody knows gaps.
pub(crate) fn targets<'a>(
    deployment: &'a Deployment,
    catalog: &Catalog<'_>,
    out: &mut Collector<'_>,
) -> Vec<Target<'a>> {
    let resolved = deployment.groups.iter().filter_map(|(key, group)| {
        let resource = match catalog.resource(&key.group, &key.kind) {
            Some(resource) => resource,
            None => {
                out.unknown(unknown_kind(key, group));
                return None;
            }
        };
        let target = target(deployment, key, group, resource);
        if resource.namespaced && target.namespace.is_none() {
            out.unknown(unknown_namespace(&target));
            return None;
        }
        match refusal(out.context, &target) {
            Some(finding) => out.finding(finding),
            None => {
                out.findings(notes(&target, deployment, group));
                return Some(target);
            }
        }
        None
    });
    resolved.collect()
}

fn target<'a>(
    deployment: &'a Deployment,
    key: &'a Key,
    group: &'a Group,
    resource: &ApiResource,
) -> Target<'a> {
    let namespace = key.namespace.as_ref().or(deployment.destination_namespace.as_ref());
    Target {
        application: deployment.application.as_ref(),
        sync: &deployment.sync,
        group: Arc::clone(&key.group),
        kind: Arc::clone(&key.kind),
        owner: None,
        plural: resource.plural.as_str().into(),
        // A namespace on a cluster-scoped object is dropped (controller/state.go, NormalizeTargetObjects).
        namespace: namespace.filter(|_| resource.namespaced).cloned(),
        names: &group.names,
        generated: group.generated,
        objects: group.objects,
        first: group.first.as_ref(),
        part: key.part,
        options: key.options,
    }
}

fn unknown_kind(key: &Key, group: &Group) -> Gap {
    let Key { group: api_group, kind, .. } = key;
    let version = &group.version;
    let (name, path) = match &**api_group {
        "" => (version.to_string(), format!("/api/{version}")),
        api_group => (format!("{api_group}/{version}"), format!("/apis/{api_group}/{version}")),
    };
    let at = group.first.as_ref().map(|first| format!(", first at {}", first.place)).unwrap_or_default();
    Gap::new(
        format!("the plural, scope and verbs of kind `{kind}` in `{name}`"),
        format!("no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it{at}"),
    )
    .filled_by(format!("add its CustomResourceDefinition to the input, or `kubectl get --raw {path}` to the inventory"))
}

fn unknown_namespace(target: &Target<'_>) -> Gap {
    let name = target.names.keys().next().map_or("…", |name| name);
    let at = target.place().map(|place| format!(" ({place})")).unwrap_or_default();
    Gap::new(
        format!("the namespace of `{} {name}`{at}", target.kind),
        "neither the object nor the Application's destination names one",
    )
    .filled_by("give `--namespace`, or set `spec.destination.namespace`")
}

/// gitops-engine/pkg/cache/cluster.go, GetManagedLiveObjs
fn refusal(context: &ClusterContext<'_>, target: &Target<'_>) -> Option<Finding> {
    if context.namespaces.is_empty() {
        return None;
    }
    let name = target.names.keys().next().map_or("…", |name| name);
    let kind = &target.kind;
    let finding = match &target.namespace {
        None if context.cluster_resources => return None,
        None => Finding::new(
            "cluster-resource-in-namespaced-mode",
            Severity::Error,
            format!(
                "Argo CD refuses: cluster level {kind} \"{name}\" can not be managed when in namespaced mode"
            ),
        )
        .with_help("set `clusterResources: \"true\"` in the cluster Secret")
        .with_help("move the object to an Application of another cluster Secret"),
        Some(namespace) if context.namespaces.iter().any(|managed| **managed == **namespace) => return None,
        Some(namespace) => Finding::new(
            "namespace-not-managed",
            Severity::Error,
            format!("Argo CD refuses: namespace \"{namespace}\" for {kind} \"{name}\" is not managed"),
        )
        .with_help(format!("add `{namespace}` to `namespaces` of the cluster Secret")),
    };
    Some(match target.place() {
        Some(place) => finding.at(place.clone()),
        None => finding,
    })
}

fn notes(target: &Target<'_>, deployment: &Deployment, group: &Group) -> Vec<Finding> {
    let mut notes = Vec::new();
    let other = target.namespace.as_ref().zip(deployment.destination_namespace.as_ref());
    if let (Some((namespace, destination)), Some(place)) = (other.filter(|(a, b)| a != b), target.place()) {
        let message = format!(
            "`{}` goes to namespace `{namespace}`, not to the destination's `{destination}`",
            target.object(target.names.keys().next().map_or("…", |name| name))
        );
        notes.push(Finding::new("other-namespace", Severity::Note, message).at(place.clone()));
    }
    if let Some(First { place, name }) = &group.duplicate {
        let message = format!(
            "`{}` stands in the manifests more than once; Argo CD applies the last",
            target.object(name)
        );
        notes.push(Finding::new("duplicate-object", Severity::Warning, message).at(place.clone()));
    }
    if target.generated > 0 && matches!(target.part, Part::Resource) && !target.uses_replace() {
        let message = format!("a `{}` with `generateName` is no hook: kubectl apply refuses it", target.kind);
        let finding = Finding::new("generate-name-without-hook", Severity::Error, message)
            .with_help("make it a hook (`argocd.argoproj.io/hook`), or name it");
        notes.extend(target.place().map(|place| finding.clone().at(place.clone())));
    }
    if target.uses_force() && target.uses_server_side_apply() && target.is_applied() {
        let message = format!(
            "`Force=true` on `{}` with server-side apply: kubectl refuses to use both",
            target.object(target.names.keys().next().map_or("…", |name| name))
        );
        let finding = Finding::new("force-with-server-side-apply", Severity::Error, message)
            .with_help("drop one of the two, or use `Replace=true` with `Force=true`");
        notes.extend(target.place().map(|place| finding.clone().at(place.clone())));
    }
    notes
}
