//! The live cache: Argo CD lists and watches what it may compare.
//!
//! gitops-engine/pkg/cache/cluster.go (sync, processApi): every served kind that can be listed and watched and isn't
//! excluded, across the cluster or in each managed namespace. Always as the controller.
//!
//! How wide that must be follows from what a refused list does:
//! - without `respectRBAC` and inclusions it stops the whole cluster ("failed to load initial state of resource …"), and
//!   the next CustomResourceDefinition that somebody installs adds a kind: only `*/*` holds;
//! - with inclusions other kinds aren't asked for: those included are enough;
//! - with `respectRBAC` a kind whose list is refused is dropped: the deployed kinds and their children are enough. Only
//!   `list` is looked at, so `watch` always goes with it.
//!
//! `strict` asks the API server before it drops a kind, but leaves out the API group (checkPermission): about
//! `services.serving.knative.dev` it asks whether core `services` may be listed. If so it keeps the kind, and the cluster
//! fails; and a kind of another group that may be listed is dropped after a passing 401. Both are avoided by granting the
//! plural in all groups.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Finding, Gap, Severity};
use fleet::CacheWidth;
use rbac::{Permission, Scope};

use crate::{
    Beyond, ClusterContext, Deployment, Identity, Operation, ResourcesFilter, RespectRbac,
    catalog::Catalog,
    collector::{Collector, Why},
    feature::children,
    target::{Target, targets},
};

const VERBS: [&str; 2] = ["list", "watch"];
const SETTING: &str = "resource.inclusions";

/// A kind that the cache must read, for the sake of these Applications.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CachedKind {
    /// API group, empty for core.
    pub group: Arc<str>,
    /// Kind.
    pub kind: Arc<str>,
    /// Plural.
    pub plural: Arc<str>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

/// The deployed kinds and the kinds that their controllers create, without those that Argo CD's settings exclude: what
/// `resource.inclusions` must name for these Applications to be tracked.
///
/// CustomResourceDefinitions and APIServices are always among them: their events tell Argo CD of new kinds.
pub fn cached_kinds(context: &ClusterContext<'_>, deployments: &[&Deployment]) -> Vec<CachedKind> {
    let catalog = Catalog::new(context, deployments);
    let mut unused = Collector::new(context);
    let all: Vec<Target<'_>> =
        deployments.iter().flat_map(|deployment| targets(deployment, &catalog, &mut unused)).collect();
    let filter = excluding(context).ok();
    enumerated(&all, &catalog, context, filter.as_ref())
        .into_keys()
        .filter(|kind| {
            !filter.as_ref().is_some_and(|f| f.is_excluded(&kind.group, &kind.kind, context.server))
        })
        .collect()
}

pub(crate) fn needs(out: &mut Collector<'_>, all: &[Target<'_>], catalog: &Catalog<'_>) {
    let context = out.context;
    // Without it the cache isn't built at all; that is among the gaps.
    let Some(filter) = out.filter.clone() else { return };
    let strict = context.settings.respect_rbac == RespectRbac::Strict;
    let width = width(context, &filter);
    children::unknown(out, all, catalog, matches!(width, Width::Deployed(_)));
    match width {
        Width::Everything => everything(out),
        Width::Inclusions => included(out, catalog, &filter, strict),
        Width::Deployed(setting) => {
            for (kind, target) in enumerated(all, catalog, context, Some(&filter)) {
                if !filter.is_excluded(&kind.group, &kind.kind, context.server) {
                    read(out, &kind, target, setting, strict);
                }
            }
        }
    }
}

enum Width {
    Everything,
    /// What the inclusions of argocd-cm name.
    Inclusions,
    /// The deployed kinds and their children, for the sake of a setting.
    Deployed(&'static str),
}

fn width(context: &ClusterContext<'_>, filter: &ResourcesFilter) -> Width {
    match (context.cache, context.settings.respect_rbac) {
        (Some(CacheWidth::Inclusions), _) => Width::Deployed(SETTING),
        (Some(CacheWidth::All), _) => Width::Everything,
        (None, RespectRbac::Unset) if filter.has_inclusions(context.server) => Width::Inclusions,
        (None, RespectRbac::Unset) => Width::Everything,
        (None, RespectRbac::Normal) => Width::Deployed("resource.respectRBAC: normal"),
        (None, RespectRbac::Strict) => Width::Deployed("resource.respectRBAC: strict"),
    }
}

/// What argocd-cm excludes, whatever it includes.
fn excluding(context: &ClusterContext<'_>) -> Result<ResourcesFilter, Gap> {
    parse(context.settings.exclusions.as_ref().map(|value| value.text.as_str()), None)
}

/// What Argo CD leaves out. With inclusions that are to be planned, those of today don't count.
pub(crate) fn filter(context: &ClusterContext<'_>) -> Result<ResourcesFilter, Gap> {
    match context.cache {
        Some(_) => excluding(context),
        None => {
            let text = |value: Option<&'_ crate::Value>| value.map(|value| value.text.clone());
            let settings = context.settings;
            let (exclusions, inclusions) =
                (text(settings.exclusions.as_ref()), text(settings.inclusions.as_ref()));
            parse(exclusions.as_deref(), inclusions.as_deref())
        }
    }
}

fn parse(exclusions: Option<&str>, inclusions: Option<&str>) -> Result<ResourcesFilter, Gap> {
    ResourcesFilter::parse(exclusions, inclusions).map_err(|error| {
        Gap::new("which kinds Argo CD's live cache reads", error)
            .filled_by("correct the value in argocd-cm; Argo CD builds no cache with it")
    })
}

fn everything(out: &mut Collector<'_>) {
    let scopes = scopes(out.context, None);
    if out.context.cluster_resources && !out.context.namespaces.is_empty() {
        out.finding(cluster_resources());
    }
    for (scope, verb) in scopes.iter().flat_map(|scope| VERBS.map(|verb| (scope, verb))) {
        let permission = Permission::resource(scope.clone(), "*", "*", verb);
        let why = Why { operation: Operation::LiveCache, setting: Some("resource.respectRBAC is not set") };
        out.ask(&Identity::Controller, permission, None, None, why, Some(Beyond::CacheReadsEverything));
    }
}

fn cluster_resources() -> Finding {
    Finding::new(
        "cluster-resources-read-everything",
        Severity::Warning,
        "`clusterResources: \"true\"` in namespaced mode: no rule reads all cluster-scoped kinds alone, so the live cache reads every namespace, too",
    )
    .with_help("enumerate kinds: `cache: inclusions`, or `resource.respectRBAC` in argocd-cm")
}

/// Where a kind is read: `None` stands for all kinds.
fn scopes(context: &ClusterContext<'_>, namespaced: Option<bool>) -> Vec<Scope> {
    let everywhere = context.namespaces.is_empty();
    match namespaced {
        _ if everywhere => vec![Scope::Cluster],
        None | Some(false) if context.cluster_resources => vec![Scope::Cluster],
        Some(false) => Vec::new(),
        None | Some(true) => {
            context.namespaces.iter().map(|name| Scope::Namespace(name.as_str().into())).collect()
        }
    }
}

fn enumerated<'a>(
    all: &[Target<'a>],
    catalog: &Catalog<'_>,
    context: &ClusterContext<'_>,
    filter: Option<&ResourcesFilter>,
) -> BTreeMap<CachedKind, Option<Target<'a>>> {
    let mut kinds: BTreeMap<CachedKind, Option<Target<'a>>> = BTreeMap::new();
    for (group, kind) in
        [("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")]
    {
        if let Some(resource) = catalog.resource(group, kind) {
            kinds.insert(cached(resource), None);
        }
    }
    for target in children::tree(all, catalog, context, filter) {
        let Some(resource) = catalog.resource(&target.group, &target.kind) else { continue };
        if VERBS.iter().all(|verb| resource.verbs.iter().any(|served| served == verb)) {
            let first = kinds.entry(cached(resource)).or_default();
            let earlier = |held: &Target<'_>| match (held.place(), target.place()) {
                (Some(held), Some(place)) => held <= place,
                (held, place) => held.is_some() || place.is_none(),
            };
            if !first.as_ref().is_some_and(earlier) {
                *first = Some(target);
            }
        }
    }
    kinds
}

fn cached(resource: &inventory::ApiResource) -> CachedKind {
    CachedKind {
        group: resource.group.as_str().into(),
        kind: resource.kind.as_str().into(),
        plural: resource.plural.as_str().into(),
        namespaced: resource.namespaced,
    }
}

fn read(out: &mut Collector<'_>, kind: &CachedKind, target: Option<Target<'_>>, setting: &str, strict: bool) {
    let why = Why { operation: Operation::LiveCache, setting: Some(setting) };
    let object = target.as_ref().and_then(|target| {
        let first = target.first?;
        Some((Some(first.place.clone()), target.object(&first.name).into(), 1))
    });
    let (group, beyond) =
        if strict { ("*", Some(Beyond::StrictReviewsWithoutGroup)) } else { (&*kind.group, None) };
    for scope in scopes(out.context, Some(kind.namespaced)) {
        for verb in VERBS {
            let permission = Permission::resource(scope.clone(), group, &kind.plural, verb);
            let application = target.as_ref().and_then(|target| target.application);
            out.ask(&Identity::Controller, permission, application, object.clone(), why, beyond);
        }
    }
}

/// A name that no API group and no kind has, to see whether a pattern takes in what isn't known yet.
const ANY: &str = "oarlock-any";

fn included(out: &mut Collector<'_>, catalog: &Catalog<'_>, filter: &ResourcesFilter, strict: bool) {
    let server = out.context.server;
    if !filter.is_excluded(ANY, ANY, server) {
        return everything(out);
    }
    let mut groups: BTreeMap<&str, Vec<&inventory::ApiResource>> = BTreeMap::new();
    for resource in catalog.iter() {
        groups.entry(&resource.group).or_default().push(resource);
    }
    for (group, resources) in groups {
        if !filter.is_excluded(group, ANY, server) {
            whole_group(out, group);
            continue;
        }
        for resource in resources {
            let read_by_cache = VERBS.iter().all(|verb| resource.verbs.iter().any(|served| served == verb));
            if read_by_cache && !filter.is_excluded(group, &resource.kind, server) {
                read(out, &cached(resource), None, SETTING, strict);
            }
        }
    }
    if out.context.discovery.is_none() {
        out.unknown(
            Gap::new(
                "which kinds `resource.inclusions` takes in on this cluster",
                "its API discovery is not in the input, only Kubernetes' own kinds and the input's definitions are known",
            )
            .filled_by(out.context.input_from.knowing_kinds()),
        );
    }
}

/// The inclusions take in every kind of a group, also those to come.
fn whole_group(out: &mut Collector<'_>, group: &str) {
    let why = Why { operation: Operation::LiveCache, setting: Some(SETTING) };
    for scope in scopes(out.context, None) {
        for verb in VERBS {
            let permission = Permission::resource(scope.clone(), group, "*", verb);
            out.ask(&Identity::Controller, permission, None, None, why, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation, RespectRbac, Settings, Value, cached_kinds,
        testing::{Case, DEPLOYMENT, discovery},
    };

    #[test]
    fn unset_reads_everything() {
        let case = Case::default();
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::LiveCache]), @r"
        controller: list *.* cluster-wide <- LiveCache [CacheReadsEverything]
        controller: watch *.* cluster-wide <- LiveCache [CacheReadsEverything]
        ");
    }

    #[test]
    fn namespaced_mode_reads_everything_in_each() {
        let case = Case { namespaces: vec!["shop".into(), "other".into()], ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::LiveCache]), @r"
        controller: list *.* in namespace other <- LiveCache [CacheReadsEverything]
        controller: watch *.* in namespace other <- LiveCache [CacheReadsEverything]
        controller: list *.* in namespace shop <- LiveCache [CacheReadsEverything]
        controller: watch *.* in namespace shop <- LiveCache [CacheReadsEverything]
        ");
    }

    #[test]
    fn normal_reads_the_deployed_kinds_and_their_children() {
        let case = Case {
            settings: Settings { respect_rbac: RespectRbac::Normal, ..Settings::default() },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::LiveCache]), @r"
        controller: list pods cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        controller: watch pods cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        controller: list customresourcedefinitions.apiextensions.k8s.io cluster-wide <- LiveCache
        controller: watch customresourcedefinitions.apiextensions.k8s.io cluster-wide <- LiveCache
        controller: list apiservices.apiregistration.k8s.io cluster-wide <- LiveCache
        controller: watch apiservices.apiregistration.k8s.io cluster-wide <- LiveCache
        controller: list deployments.apps cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        controller: watch deployments.apps cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        controller: list replicasets.apps cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        controller: watch replicasets.apps cluster-wide <- LiveCache Deployment shop/web (app.yaml:1:1)
        ");
    }

    #[test]
    fn strict_reads_the_plural_in_all_groups() {
        let case = Case {
            settings: Settings { respect_rbac: RespectRbac::Strict, ..Settings::default() },
            ..Case::default()
        };
        assert_snapshot!(case.lines("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", &[Operation::LiveCache]), @r"
        controller: list apiservices.* cluster-wide <- LiveCache [StrictReviewsWithoutGroup]
        controller: watch apiservices.* cluster-wide <- LiveCache [StrictReviewsWithoutGroup]
        controller: list configmaps.* cluster-wide <- LiveCache ConfigMap shop/a (app.yaml:1:1) [StrictReviewsWithoutGroup]
        controller: watch configmaps.* cluster-wide <- LiveCache ConfigMap shop/a (app.yaml:1:1) [StrictReviewsWithoutGroup]
        controller: list customresourcedefinitions.* cluster-wide <- LiveCache [StrictReviewsWithoutGroup]
        controller: watch customresourcedefinitions.* cluster-wide <- LiveCache [StrictReviewsWithoutGroup]
        controller: create selfsubjectaccessreviews.authorization.k8s.io cluster-wide <- LiveCache
        ");
    }

    #[test]
    fn inclusions_of_argocd_cm_are_read() {
        let case = Case {
            settings: Settings {
                inclusions: Some(Value {
                    text: "[{apiGroups: [apps], kinds: [Deployment]}, {apiGroups: [batch]}]".into(),
                    place: None,
                }),
                ..Settings::default()
            },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::LiveCache]), @r"
        controller: list deployments.apps cluster-wide <- LiveCache
        controller: watch deployments.apps cluster-wide <- LiveCache
        controller: list *.batch cluster-wide <- LiveCache
        controller: watch *.batch cluster-wide <- LiveCache
        ");
    }

    #[test]
    fn planned_inclusions_name_children_and_definitions() {
        let case = Case::default();
        let discovery = discovery();
        let kinds = cached_kinds(&case.context(&discovery), &[&case.deployment(DEPLOYMENT)]);
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("{}/{}", kind.group, kind.kind)).collect();
        assert_snapshot!(kinds.join("\n"), @r"
        /Pod
        apiextensions.k8s.io/CustomResourceDefinition
        apiregistration.k8s.io/APIService
        apps/Deployment
        apps/ReplicaSet
        ");
    }
}
