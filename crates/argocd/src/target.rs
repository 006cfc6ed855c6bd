//! Objects of one kind in one place, with everything known that decides who asks what for them.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Finding, Gap, Place, Severity};
use inventory::ApiResource;
use rbac::Scope;

use crate::{
    ClusterContext, Deployment, SyncOptions,
    catalog::Catalog,
    collector::Collector,
    deployment::{First, Group, Key, ObjectNames, ObjectOptions, Part},
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
    pub(crate) names: &'a ObjectNames,
    pub(crate) generated: u32,
    pub(crate) objects: u32,
    pub(crate) first: Option<&'a First>,
    pub(crate) part: Part,
    pub(crate) options: ObjectOptions,
}

impl Target<'_> {
    pub(crate) fn scope(&self) -> Scope {
        self.namespace.clone().map_or(Scope::Cluster, Scope::Namespace)
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
    pub(crate) fn wants_server_side_apply(&self) -> bool {
        self.options.server_side_apply.unwrap_or(self.sync.server_side_apply)
    }

    /// `Replace` goes before server-side apply (sync_context.go, applyObject).
    pub(crate) fn uses_server_side_apply(&self) -> bool {
        self.wants_server_side_apply() && !self.uses_replace()
    }

    /// Whether it is a hook that is deleted before it is applied (sync_context.go, runTasks, hooksPendingDeletion): there never is
    /// anything to change.
    pub(crate) fn is_always_made(&self) -> bool {
        matches!(self.part, Part::Hook(policy) if policy.delete_before)
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

    /// Roles, ClusterRoles and bindings: writing one takes more than the verb (shipped_rbac.rs).
    pub(crate) fn is_rbac(&self) -> bool {
        *self.group == *"rbac.authorization.k8s.io"
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
    let mut elsewhere = BTreeMap::new();
    let resolved = deployment.groups.iter().filter_map(|(key, group)| {
        if out.excludes(&key.group, &key.kind) {
            out.finding(excluded(key, group));
            return None;
        }
        let resource = match catalog.resource(&key.group, &key.kind) {
            Some(resource) => resource,
            None => {
                out.unknown(unknown_kind(catalog, key, group));
                return None;
            }
        };
        let target = target(deployment, key, group, resource);
        if resource.namespaced && target.namespace.is_none() {
            out.unknown(unknown_namespace(&target).filled_by(out.context.input_from.knowing_namespace()));
            return None;
        }
        match refusal(out.context, &target) {
            Some(finding) => out.finding(finding),
            None => {
                out.findings(notes(&target, group));
                strays(&mut elsewhere, deployment, &target);
                return Some(target);
            }
        }
        None
    });
    let targets = resolved.collect();
    out.findings(elsewhere.into_values().map(|stray| stray.finding(deployment)));
    targets
}

/// Objects that go to another namespace than the destination's.
struct Stray<'a> {
    namespace: Arc<str>,
    objects: u32,
    first: Option<&'a First>,
}

fn strays<'a>(
    elsewhere: &mut BTreeMap<Arc<str>, Stray<'a>>,
    deployment: &'a Deployment,
    target: &Target<'a>,
) {
    let Some(namespace) =
        target.namespace.as_ref().filter(|ns| Some(*ns) != deployment.destination_namespace.as_ref())
    else {
        return;
    };
    let stray = elsewhere.entry(Arc::clone(namespace));
    let stray = stray.or_insert_with(|| Stray { namespace: Arc::clone(namespace), objects: 0, first: None });
    stray.objects += target.objects;
    stray.first = [stray.first, target.first].into_iter().flatten().min();
}

impl Stray<'_> {
    fn finding(self, deployment: &Deployment) -> Finding {
        let Self { namespace, objects, first } = self;
        let than = match &deployment.destination_namespace {
            Some(destination) => format!("not to the destination's `{destination}`"),
            None => "the destination names none".to_owned(),
        };
        let (objects, go) = if objects == 1 {
            ("an object".to_owned(), "goes")
        } else {
            (format!("{objects} objects"), "go")
        };
        let message = format!("{objects} {go} to namespace `{namespace}`, {than}");
        let finding =
            Finding::new("other-namespace", Severity::Note, message).of(deployment.application.as_deref());
        match first {
            Some(first) => finding.at(first.place.clone()),
            None => finding,
        }
    }
}

/// controller/state.go: what the settings exclude is taken out of the manifests before anything is done with it.
fn excluded(key: &Key, group: &Group) -> Finding {
    let Key { group: api_group, kind, .. } = key;
    let name = group.first.as_ref().map_or("…", |first| &first.name);
    let message =
        format!("Argo CD doesn't deploy it: Resource {api_group}/{kind} {name} is excluded in the settings");
    let finding = Finding::new("excluded-resource", Severity::Warning, message)
        .with_help("narrow `resource.exclusions`, or widen `resource.inclusions`, in argocd-cm");
    match &group.first {
        Some(first) => finding.at(first.place.clone()),
        None => finding,
    }
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

fn unknown_kind(catalog: &Catalog<'_>, key: &Key, group: &Group) -> Gap {
    let Key { group: api_group, kind, .. } = key;
    let version = &group.version;
    let name = match &**api_group {
        "" => version.to_string(),
        api_group => format!("{api_group}/{version}"),
    };
    let at = group.first.as_ref().map(|first| format!(", first at {}", first.place)).unwrap_or_default();
    Gap::new(
        format!("the plural, scope and verbs of kind `{kind}` in `{name}`"),
        format!("no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it{at}"),
    )
    .filled_by(catalog.fill(api_group, version))
}

fn unknown_namespace(target: &Target<'_>) -> Gap {
    let name = target.names.first().unwrap_or("…");
    let at = target.place().map(|place| format!(" ({place})")).unwrap_or_default();
    Gap::new(
        format!("the namespace of `{} {name}`{at}", target.kind),
        "neither the object nor the Application's destination names one",
    )
}

/// gitops-engine/pkg/cache/cluster.go, GetManagedLiveObjs
fn refusal(context: &ClusterContext<'_>, target: &Target<'_>) -> Option<Finding> {
    if context.namespaces.is_empty() {
        return None;
    }
    let name = target.names.first().unwrap_or("…");
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

fn notes(target: &Target<'_>, group: &Group) -> Vec<Finding> {
    let mut notes = Vec::new();
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
            target.object(target.names.first().unwrap_or("…"))
        );
        let finding = Finding::new("force-with-server-side-apply", Severity::Error, message)
            .with_help("drop one of the two, or use `Replace=true` with `Force=true`");
        notes.extend(target.place().map(|place| finding.clone().at(place.clone())));
    }
    notes
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation, Settings, Value,
        testing::{Case, DEPLOYMENT},
    };

    const MESS: &str = r#"# Source: chart/templates/all.yaml
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}
- {apiVersion: v1, kind: Namespace, metadata: {name: c, namespace: shop}}
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
---
apiVersion: v1
kind: ConfigMapList
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
---
{apiVersion: v1, kind: Pod, metadata: {generateName: once-}}
"#;

    #[test]
    fn real_mess_goes_where_argo_cd_sends_it() {
        let case = Case::default();
        assert_snapshot!(case.lines(MESS, &[Operation::Compare]), @r"
        controller: get namespaces `c` cluster-wide <- Compare Namespace c (app.yaml:9:3)
        controller: get configmaps in namespace other <- Compare ConfigMap other/b (app.yaml:8:3) [NamesChange]
        controller: get configmaps in namespace shop <- Compare ConfigMap shop/a (app.yaml:7:3) and 1 more [NamesChange]
        controller: get pods in namespace shop <- Compare Pod shop/once-… (app.yaml:18:1) [NamesChange]
        ");
        assert_snapshot!(case.findings(MESS, "other-namespace"), @"Note app.yaml:8:3: an object goes to namespace `other`, not to the destination's `shop`");
        assert_snapshot!(case.findings(MESS, "duplicate-object"), @"Warning app.yaml:11:1: `ConfigMap shop/a` stands in the manifests more than once; Argo CD applies the last");
        assert_snapshot!(case.findings(MESS, "generate-name-without-hook"), @"Error app.yaml:18:1: a `Pod` with `generateName` is no hook: kubectl apply refuses it");
    }

    #[test]
    fn without_any_namespace_the_answer_is_unknown() {
        let case = Case { destination: None, ..Case::default() };
        assert_eq!(case.lines(DEPLOYMENT, &[Operation::Compare]), "");
        let gaps: Vec<String> = case.needs(DEPLOYMENT).unknown.iter().map(ToString::to_string).collect();
        assert_snapshot!(gaps.join("\n"), @"the namespace of `Deployment web` (app.yaml:1:1): neither the object nor the Application's destination names one");
    }

    #[test]
    fn namespaced_mode_refuses_what_is_outside() {
        let case = Case { namespaces: vec!["shop".into()], ..Case::default() };
        assert_snapshot!(case.lines(MESS, &[Operation::Compare]), @r"
        controller: get configmaps in namespace shop <- Compare ConfigMap shop/a (app.yaml:7:3) and 1 more [NamesChange]
        controller: get pods in namespace shop <- Compare Pod shop/once-… (app.yaml:18:1) [NamesChange]
        ");
        assert_snapshot!(case.findings(MESS, "namespace-not-managed"), @r#"Error app.yaml:8:3: Argo CD refuses: namespace "other" for ConfigMap "b" is not managed"#);
        assert_snapshot!(case.findings(MESS, "cluster-resource-in-namespaced-mode"), @r#"Error app.yaml:9:3: Argo CD refuses: cluster level Namespace "c" can not be managed when in namespaced mode"#);
    }

    #[test]
    fn with_cluster_resources_cluster_scoped_objects_are_managed() {
        let case = Case { namespaces: vec!["shop".into()], cluster_resources: true, ..Case::default() };
        assert_eq!(case.findings(MESS, "cluster-resource-in-namespaced-mode"), "");
        assert_snapshot!(case.findings(MESS, "cluster-resources-read-everything"), @r#"Warning : `clusterResources: "true"` in namespaced mode: no rule reads all cluster-scoped kinds alone, so the live cache reads every namespace, too"#);
    }

    #[test]
    fn what_the_settings_exclude_is_not_deployed() {
        let exclusions = Value { text: "[{apiGroups: [apps], kinds: [Deployment]}]".into(), place: None };
        let case = Case {
            settings: Settings { exclusions: Some(exclusions), ..Settings::default() },
            ..Case::default()
        };
        assert_eq!(case.lines(DEPLOYMENT, &[Operation::Compare]), "");
        assert_snapshot!(case.findings(DEPLOYMENT, "excluded-resource"), @"Warning app.yaml:1:1: Argo CD doesn't deploy it: Resource apps/Deployment web is excluded in the settings");
    }

    #[test]
    fn the_order_of_files_is_irrelevant() {
        let case = Case::default();
        let (one, other) = (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
            "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}",
        );
        let merged = |first: &str, second: &str| {
            let mut deployment = case.deployment(first);
            deployment.merge(case.deployment(second));
            let discovery = crate::testing::discovery();
            crate::needs(&case.context(&discovery), &[&deployment])
        };
        assert_eq!(merged(one, other), merged(other, one));
    }
}
