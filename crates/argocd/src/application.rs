//! Applications as people write them in Git, or as Argo CD keeps them in the hub
//! (pkg/apis/application/v1alpha1/types.go). Fields that Oarlock doesn't need are not looked at.

use std::collections::BTreeMap;

use facts::{Gap, Place, Problem};
use manifest::{Located, Object};
use serde::{Deserialize, Deserializer};

/// The API group of Applications, ApplicationSets and AppProjects.
pub const ARGOPROJ_GROUP: &str = "argoproj.io";

/// The project of Applications that name none (`ApplicationSpec.GetProject`).
const DEFAULT_PROJECT: &str = "default";

/// Finalizers that make Argo CD delete what it deployed when the Application is deleted (common.go, `ResourcesFinalizerName`).
const DELETION_FINALIZERS: [&str; 3] = [
    "resources-finalizer.argocd.argoproj.io",
    "resources-finalizer.argocd.argoproj.io/background",
    "resources-finalizer.argocd.argoproj.io/foreground",
];

/// An Application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`; absent: the namespace that it is applied to, usually Argo CD's.
    pub namespace: Option<String>,
    /// `spec.project`, `default` where none is named.
    pub project: String,
    /// Where it is deployed to.
    pub destination: Destination,
    /// Where its manifests come from: `source` or `sources`, or what `sourceHydrator` syncs.
    pub sources: Vec<Source>,
    /// Whether it has `sources`: manifests then come from several places together.
    pub multi_source: bool,
    /// With a `sourceHydrator`: what the synced manifests are rendered from.
    pub dry_source: Option<Source>,
    /// How it is synced.
    pub sync_policy: SyncPolicy,
    /// `metadata.finalizers`
    pub finalizers: Vec<String>,
    /// `metadata.annotations`, `argocd.argoproj.io/compare-options` among them.
    pub annotations: BTreeMap<String, String>,
    /// `status.resources`: what a live Application manages. Absent in files from Git.
    pub resources: Option<Vec<Resource>>,
    /// Where it was written.
    pub place: Place,
}

/// `spec.destination`: a server or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The API server's URL, as in the cluster's Secret; empty if the cluster is named.
    pub server: String,
    /// The cluster's name, as in its Secret; empty if the server is given.
    pub name: String,
    /// The namespace of namespaced objects that name none; may be empty.
    pub namespace: String,
    /// Where it was written.
    pub place: Place,
}

/// One source of manifests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// Git repository, Helm repository or OCI registry.
    #[serde(rename = "repoURL", deserialize_with = "null_as_default")]
    pub repo_url: String,
    /// Folder in a Git repository; empty for charts.
    #[serde(deserialize_with = "null_as_default")]
    pub path: String,
    /// Chart in a Helm repository; empty for Git.
    #[serde(deserialize_with = "null_as_default")]
    pub chart: String,
    /// Branch, tag, commit or chart version; empty for the default branch.
    #[serde(deserialize_with = "null_as_default")]
    pub target_revision: String,
    /// By which other sources' value files refer to it; such a source may have no manifests itself.
    #[serde(rename = "ref", deserialize_with = "null_as_default")]
    pub reference: String,
    /// Whether `helm` is set.
    #[serde(deserialize_with = "is_set")]
    pub helm: bool,
    /// Whether `kustomize` is set.
    #[serde(deserialize_with = "is_set")]
    pub kustomize: bool,
    /// Whether a config-management plugin renders it.
    #[serde(deserialize_with = "is_set")]
    pub plugin: bool,
}

/// `spec.syncPolicy`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SyncPolicy {
    /// Absent: people sync it by hand.
    pub automated: Option<Automated>,
    /// `Name=value`, as written.
    #[serde(deserialize_with = "null_as_default")]
    pub sync_options: Vec<String>,
    /// Labels and annotations for the namespace that `CreateNamespace=true` makes.
    pub managed_namespace_metadata: Option<ManagedNamespaceMetadata>,
}

/// `spec.syncPolicy.automated`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Automated {
    /// Whether objects that left the manifests are deleted.
    #[serde(deserialize_with = "null_as_default")]
    pub prune: bool,
    /// Whether changes in the cluster are undone.
    #[serde(deserialize_with = "null_as_default")]
    pub self_heal: bool,
    /// `false` switches it off although it is there.
    pub enabled: Option<bool>,
}

/// `spec.syncPolicy.managedNamespaceMetadata`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ManagedNamespaceMetadata {
    /// Labels.
    #[serde(deserialize_with = "null_as_default")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
}

/// One item of `status.resources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resource {
    /// API group, empty for core.
    pub group: String,
    /// API version.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Namespace, empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether it is a hook.
    pub hook: bool,
    /// Whether it left the manifests and waits to be pruned.
    pub requires_pruning: bool,
}

#[derive(Deserialize)]
struct Written {
    metadata: WrittenMetadata,
    spec: WrittenSpec,
    #[serde(default)]
    status: Option<WrittenStatus>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct WrittenMetadata {
    name: String,
    namespace: Option<String>,
    #[serde(deserialize_with = "null_as_default")]
    finalizers: Vec<String>,
    #[serde(deserialize_with = "null_as_default")]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSpec {
    #[serde(default, deserialize_with = "null_as_default")]
    project: String,
    destination: Located<WrittenDestination>,
    source: Option<Source>,
    #[serde(default, deserialize_with = "null_as_default")]
    sources: Vec<Source>,
    source_hydrator: Option<SourceHydrator>,
    #[serde(default, deserialize_with = "null_as_default")]
    sync_policy: SyncPolicy,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenDestination {
    #[serde(deserialize_with = "null_as_default")]
    server: String,
    #[serde(deserialize_with = "null_as_default")]
    name: String,
    #[serde(deserialize_with = "null_as_default")]
    namespace: String,
}

/// Manifests are rendered from the dry source, written to the sync source, and synced from there.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SourceHydrator {
    dry_source: Source,
    sync_source: SyncSource,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SyncSource {
    #[serde(rename = "repoURL")]
    repo_url: String,
    target_branch: String,
    path: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenStatus {
    resources: Option<Vec<Resource>>,
}

impl Application {
    /// Whether an object is an Application.
    pub fn is_one(object: &Object<'_>) -> bool {
        object.group() == ARGOPROJ_GROUP && object.kind == "Application"
    }

    /// Reads an Application.
    ///
    /// # Errors
    /// Where it has no name or no destination, or both a server and a cluster name, as Argo CD refuses it
    /// (util/argo/argo.go, `GetDestinationCluster`).
    pub fn parse(object: &Object<'_>) -> Result<Self, Problem> {
        let Written { metadata, spec, status } = object.decode()?;
        if metadata.name.is_empty() {
            let problem = Problem::new(object.place.clone(), "the Application has no `metadata.name`");
            return Err(problem.with_help("give it one; `generateName` can't be planned for"));
        }
        let destination = destination(&metadata.name, &spec.destination, &object.place)?;
        let multi_source = spec.source_hydrator.is_none() && !spec.sources.is_empty();
        let dry_source = spec.source_hydrator.as_ref().map(|hydrator| hydrator.dry_source.clone());
        Ok(Self {
            name: metadata.name,
            namespace: metadata.namespace.filter(|namespace| !namespace.is_empty()),
            project: if spec.project.is_empty() { DEFAULT_PROJECT.to_owned() } else { spec.project },
            destination,
            // Argo CD: `sourceHydrator` first, then `sources`, then `source` (types.go, `GetSources`).
            sources: match spec.source_hydrator {
                Some(hydrator) => vec![hydrator.synced()],
                None if multi_source => spec.sources,
                None => spec.source.into_iter().collect(),
            },
            multi_source,
            dry_source,
            sync_policy: spec.sync_policy,
            finalizers: metadata.finalizers,
            annotations: metadata.annotations,
            resources: status.and_then(|status| status.resources),
            place: object.place.clone(),
        })
    }

    /// Whether deleting the Application deletes what it deployed.
    pub fn deletes_resources(&self) -> bool {
        self.finalizers.iter().any(|finalizer| DELETION_FINALIZERS.contains(&finalizer.as_str()))
    }

    /// Whether syncs delete objects that left the manifests, by themselves.
    pub fn prunes(&self) -> bool {
        self.automated().is_some_and(|automated| automated.prune)
    }

    /// How it syncs by itself; absent if it doesn't.
    pub fn automated(&self) -> Option<&Automated> {
        self.sync_policy.automated.as_ref().filter(|automated| automated.enabled != Some(false))
    }
}

/// An ApplicationSet makes Applications that only a running Argo CD knows: none if the object is something else.
pub fn application_set_gap(object: &Object<'_>) -> Option<Gap> {
    (object.group() == ARGOPROJ_GROUP && object.kind == "ApplicationSet").then(|| {
        let name = object.metadata.name.as_deref().unwrap_or_default();
        let file = &object.place.file;
        Gap::new(
            format!("the Applications that the ApplicationSet `{name}` makes"),
            format!("{}: its generators ask Argo CD, Git or an API", object.place),
        )
        .filled_by(format!("argocd appset generate {file} -o yaml"))
    })
}

fn destination(
    application: &str,
    written: &Located<WrittenDestination>,
    object: &Place,
) -> Result<Destination, Problem> {
    let place = if written.line == 0 { object.clone() } else { written.place(&object.file) };
    let WrittenDestination { server, name, namespace } = &written.value;
    let problem = match (server.as_str(), name.as_str()) {
        ("", "") => format!("the destination of Application `{application}` names no cluster"),
        (_, "") | ("", _) => {
            // Argo CD compares servers without the slashes at their end (util/argo/argo.go).
            let server = server.trim_end_matches('/').to_owned();
            return Ok(Destination { server, name: name.clone(), namespace: namespace.clone(), place });
        }
        (server, name) => {
            format!(
                "the destination of Application `{application}` has both a name, `{name}`, and a server, `{server}`"
            )
        }
    };
    Err(Problem::new(place, problem).with_help("write either `server` (the API server's URL) or `name`"))
}

impl SourceHydrator {
    fn synced(self) -> Source {
        let dry = self.dry_source.repo_url;
        Source {
            repo_url: if self.sync_source.repo_url.is_empty() { dry } else { self.sync_source.repo_url },
            path: self.sync_source.path,
            target_revision: self.sync_source.target_branch,
            ..Source::default()
        }
    }
}

/// Kubernetes takes `null` for an absent field.
pub(crate) fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn is_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<serde::de::IgnoredAny>::deserialize(deserializer).map(|value| value.is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn parse(text: &str) -> Vec<Result<Application, Problem>> {
        let mut all = Vec::new();
        manifest::read(&Arc::from("apps.yaml"), text.as_bytes(), &mut |object| {
            all.push(object.and_then(|object| Application::parse(&object)));
        });
        all
    }

    fn one(spec: &str) -> Application {
        let spec = spec.replace('\n', "\n  ");
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  {spec}"
        );
        parse(&text).remove(0).unwrap()
    }

    #[test]
    fn reads_what_people_keep_in_git() {
        let text = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: payments
  namespace: argocd
  finalizers: [resources-finalizer.argocd.argoproj.io]
  annotations:
    argocd.argoproj.io/compare-options: ServerSideDiff=true
spec:
  project: payments
  source:
    repoURL: https://charts.example.com
    chart: payments
    targetRevision: 1.2.3
    helm:
      valuesObject: {replicas: 2}
  destination:
    server: https://ABC.gr7.eu-west-1.eks.amazonaws.com/
    namespace: payments
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    syncOptions: [CreateNamespace=true, ServerSideApply=true]
    managedNamespaceMetadata:
      labels: {team: payments}
  ignoreDifferences:
  - group: apps
    kind: Deployment
";
        let application = parse(text).remove(0).unwrap();
        assert_eq!(application.project, "payments");
        assert_eq!(application.destination.server, "https://ABC.gr7.eu-west-1.eks.amazonaws.com");
        assert_eq!(application.destination.place.to_string(), "apps.yaml:18:5");
        let [source] = application.sources.as_slice() else { panic!("one source") };
        assert_eq!((source.chart.as_str(), source.helm, source.kustomize), ("payments", true, false));
        assert_eq!(application.sync_policy.sync_options, ["CreateNamespace=true", "ServerSideApply=true"]);
        assert!(application.prunes() && application.deletes_resources());
        assert_eq!(application.sync_policy.managed_namespace_metadata.unwrap().labels["team"], "payments");
        assert_eq!(application.resources, None);
    }

    #[test]
    fn an_application_without_project_is_in_the_default_project() {
        assert_eq!(one("destination: {name: prod}").project, "default");
        assert_eq!(one("project: ''\ndestination: {name: prod}").project, "default");
    }

    #[test]
    fn several_sources_are_flagged() {
        let application = one("\
destination: {name: prod}
sources:
- {repoURL: https://charts.example.com, chart: web, helm: {valueFiles: [$values/web.yaml]}}
- {repoURL: https://git.example.com/values, ref: values}");
        assert!(application.multi_source);
        assert_eq!(application.sources.len(), 2);
        assert_eq!(application.sources[1].reference, "values");
    }

    #[test]
    fn hydrated_manifests_come_from_the_sync_source() {
        let application = one("\
destination: {name: prod}
sourceHydrator:
  drySource: {repoURL: https://git.example.com/dry, path: charts/web, targetRevision: HEAD}
  syncSource: {targetBranch: env/prod, path: web}");
        let [source] = application.sources.as_slice() else { panic!("one source") };
        assert_eq!(
            (source.repo_url.as_str(), source.path.as_str(), source.target_revision.as_str()),
            ("https://git.example.com/dry", "web", "env/prod")
        );
        assert_eq!(application.dry_source.unwrap().path, "charts/web");
    }

    #[test]
    fn automated_sync_can_be_switched_off_in_place() {
        assert!(one("destination: {name: prod}\nsyncPolicy: {automated: {prune: true}}").prunes());
        let off = one("destination: {name: prod}\nsyncPolicy: {automated: {prune: true, enabled: false}}");
        assert!(!off.prunes());
        assert_eq!(one("destination: {name: prod}\nsyncPolicy: null").automated(), None);
    }

    #[test]
    fn a_destination_names_its_cluster_in_exactly_one_way() {
        for (destination, message) in [
            ("{namespace: x}", "apps.yaml:4:21: the destination of Application `web` names no cluster"),
            (
                "{name: prod, server: https://x}",
                "apps.yaml:4:21: the destination of Application `web` has both a name, `prod`, and a server, `https://x`",
            ),
        ] {
            let text = format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{destination: {destination}}}"
            );
            assert_eq!(parse(&text).remove(0).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn live_applications_say_what_they_manage() {
        let text = r#"{"apiVersion": "v1", "kind": "List", "items": [{
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web", "namespace": "argocd"},
            "spec": {"project": "default", "destination": {"name": "prod", "namespace": "web"}},
            "status": {"sync": {"status": "Synced"}, "resources": [
                {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "web", "name": "web", "status": "Synced"},
                {"version": "v1", "kind": "Namespace", "name": "web", "requiresPruning": true}]}}]}"#;
        let application = parse(text).remove(0).unwrap();
        let resources = application.resources.unwrap();
        assert_eq!(resources[0].group, "apps");
        assert!(resources[1].requires_pruning && resources[1].namespace.is_empty());
    }

    #[test]
    fn an_application_set_is_a_gap_with_the_command_that_fills_it() {
        let text =
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: teams}\nspec: {}\n";
        let mut gaps = Vec::new();
        manifest::read(&Arc::from("sets.yaml"), text.as_bytes(), &mut |object| {
            gaps.extend(application_set_gap(&object.unwrap()));
        });
        assert_eq!(gaps[0].what, "the Applications that the ApplicationSet `teams` makes");
        assert_eq!(gaps[0].fill.as_deref(), Some("argocd appset generate sets.yaml -o yaml"));
    }
}
