//! Resource actions, such as restarting a Deployment.
//!
//! server/application/application.go (RunResourceActionV2, patchResource): get, then a patch of what the action's script
//! changed, of the status subresource first where it changed the status; or a create, tried first with dry-run. The built-in
//! scripts are in `resource_customizations/<group>/<kind>/actions`; argocd-cm may define others.

use std::sync::Arc;

use facts::{Finding, Gap, Severity};

use crate::{
    CustomAction, Identity, Operation,
    catalog::Catalog,
    collector::{Collector, Naming, Why},
    target::Target,
};

/// What the actions of a kind do.
#[derive(Clone, Copy)]
enum Effect {
    /// Change the object.
    Patch,
    /// Change the object and its status.
    PatchStatus,
    /// Create an object of another kind in the same namespace: group, kind.
    Create(&'static str, &'static str),
}

use Effect::{Create, Patch, PatchStatus};

/// Argo CD's own actions (resource_customizations/*/*/actions/*/action.lua of v3.5.1), by group and kind.
const BUILTIN: &[(&str, &str, &[Effect])] = &[
    ("apps", "DaemonSet", &[Patch]),
    ("apps", "Deployment", &[Patch]),
    ("apps", "StatefulSet", &[Patch]),
    ("argoproj.io", "AnalysisRun", &[Patch]),
    ("argoproj.io", "Application", &[Patch]),
    ("argoproj.io", "CronWorkflow", &[Create("argoproj.io", "Workflow")]),
    ("argoproj.io", "Rollout", &[PatchStatus]),
    ("argoproj.io", "WorkflowTemplate", &[Create("argoproj.io", "Workflow")]),
    ("batch", "CronJob", &[Patch, Create("batch", "Job")]),
    ("batch", "Job", &[PatchStatus]),
    ("core.strimzi.io", "StrimziPodSet", &[Patch]),
    ("external-secrets.io", "ExternalSecret", &[Patch]),
    ("external-secrets.io", "PushSecret", &[Patch]),
    ("helm.toolkit.fluxcd.io", "HelmRelease", &[Patch]),
    ("image.toolkit.fluxcd.io", "ImageRepository", &[Patch]),
    ("image.toolkit.fluxcd.io", "ImageUpdateAutomation", &[Patch]),
    ("k8s.mariadb.com", "MariaDB", &[Patch]),
    ("keda.sh", "ScaledJob", &[Patch]),
    ("keda.sh", "ScaledObject", &[Patch]),
    ("kustomize.toolkit.fluxcd.io", "Kustomization", &[Patch]),
    ("notification.toolkit.fluxcd.io", "Alert", &[Patch]),
    ("notification.toolkit.fluxcd.io", "Provider", &[Patch]),
    ("notification.toolkit.fluxcd.io", "Receiver", &[Patch]),
    ("numaflow.numaproj.io", "InterStepBufferService", &[Patch]),
    ("numaflow.numaproj.io", "MonoVertex", &[Patch]),
    ("numaflow.numaproj.io", "Pipeline", &[Patch]),
    ("numaplane.numaproj.io", "MonoVertexRollout", &[Patch]),
    ("numaplane.numaproj.io", "PipelineRollout", &[Patch]),
    ("postgresql.cnpg.io", "Cluster", &[PatchStatus]),
    ("promoter.argoproj.io", "PullRequest", &[Patch]),
    ("psmdb.percona.com", "PerconaServerMongoDB", &[Patch]),
    ("source.toolkit.fluxcd.io", "Bucket", &[Patch]),
    ("source.toolkit.fluxcd.io", "GitRepository", &[Patch]),
    ("source.toolkit.fluxcd.io", "HelmChart", &[Patch]),
    ("source.toolkit.fluxcd.io", "HelmRepository", &[Patch]),
    ("source.toolkit.fluxcd.io", "OCIRepository", &[Patch]),
];

pub(super) fn needs(out: &mut Collector<'_>, server: &Identity, tree: &[Target<'_>], catalog: &Catalog<'_>) {
    if !out.context.features.actions {
        return;
    }
    for target in tree {
        let custom = out.context.settings.actions.iter().find(|custom| matches(custom, target));
        if custom.is_none_or(|custom| custom.keeps_builtin) {
            let own = BUILTIN.iter().find(|(group, kind, _)| target.is(group, kind));
            let effects = own.map_or(&[][..], |(_, _, effects)| effects);
            for effect in effects {
                perform(out, server, target, *effect, catalog, None);
            }
        }
        if let Some(custom) = custom {
            let setting = format!("resource.customizations.actions.{}_{}", custom.group, custom.kind);
            perform(out, server, target, PatchStatus, catalog, Some(&setting));
            out.finding(script(custom));
        }
    }
}

fn matches(custom: &CustomAction, target: &Target<'_>) -> bool {
    *target.group == *custom.group && *target.kind == *custom.kind
}

fn perform(
    out: &mut Collector<'_>,
    server: &Identity,
    target: &Target<'_>,
    effect: Effect,
    catalog: &Catalog<'_>,
    setting: Option<&str>,
) {
    let why = Why { operation: Operation::Action, setting };
    out.on(server, target, &["get"], Naming::Object, why);
    match effect {
        Patch => out.on(server, target, &["patch"], Naming::Object, why),
        PatchStatus => {
            out.on(server, target, &["patch"], Naming::Object, why);
            // Also asked for where the kind has no such subresource: the server tries it first (patchResource).
            let status: Arc<str> = out.word(&format!("{}/status", target.plural));
            out.on_resource(server, target, &status, &["patch"], Naming::Object, why);
        }
        Create(group, kind) => {
            let Some(resource) = catalog.resource(group, kind) else {
                return out.unknown(created_unknown(catalog, group, kind, &target.kind));
            };
            let mut created = target.clone();
            created.group = group.into();
            created.owner = Some(Arc::clone(&target.kind));
            created.plural = resource.plural.as_str().into();
            out.on(server, &created, &["create"], Naming::Never, why);
        }
    }
}

fn created_unknown(catalog: &Catalog<'_>, group: &str, kind: &str, owner: &str) -> Gap {
    Gap::new(
        format!("the plural of kind `{kind}` in `{group}`, which an action of `{owner}` creates"),
        "no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it",
    )
    .filled_by(catalog.fill(group, ""))
}

fn script(custom: &CustomAction) -> Finding {
    let CustomAction { group, kind, .. } = custom;
    let finding = Finding::new(
        "custom-action-script",
        Severity::Warning,
        format!("what the scripts of `resource.customizations.actions.{group}_{kind}` do isn't read: access to patch the object and its status is planned"),
    )
    .with_help("a script that returns `operation: create` needs `create` on what it creates, besides");
    match &custom.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        CustomAction, Operation, Settings,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn restarts_a_deployment() {
        let case = Case {
            features: fleet::Features { actions: true, ..Case::default().features },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Action]), @r"
        server: get deployments.apps in namespace shop <- Action Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: patch deployments.apps in namespace shop <- Action Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn starts_a_job_of_a_cron_job() {
        let case = Case {
            features: fleet::Features { actions: true, ..Case::default().features },
            ..Case::default()
        };
        assert_snapshot!(case.lines("{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}}", &[Operation::Action]), @r"
        server: get cronjobs.batch in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1) and 1 more [NamesChange]
        server: patch cronjobs.batch in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1) [NamesChange]
        server: create jobs.batch in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1)
        server: get jobs.batch in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1) [NamesChange]
        server: patch jobs.batch in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1) [NamesChange]
        server: patch jobs.batch/status in namespace shop <- Action CronJob shop/nightly (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn scripts_of_argocd_cm_replace_the_built_in_ones_unless_merged() {
        let custom = |keeps_builtin| CustomAction {
            group: "batch".into(),
            kind: "CronJob".into(),
            actions: vec!["pause".into()],
            keeps_builtin,
            place: None,
        };
        let case = |keeps_builtin| Case {
            features: fleet::Features { actions: true, ..Case::default().features },
            settings: Settings { actions: vec![custom(keeps_builtin)], ..Settings::default() },
            ..Case::default()
        };
        let yaml = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}}";
        let creates = |case: &Case| case.lines(yaml, &[Operation::Action]).contains("create jobs.batch");
        assert!(creates(&case(true)) && !creates(&case(false)));
        assert!(case(false).lines(yaml, &[Operation::Action]).contains("patch cronjobs.batch/status"));
        assert_snapshot!(case(false).findings(yaml, "custom-action-script"), @"Warning : what the scripts of `resource.customizations.actions.batch_CronJob` do isn't read: access to patch the object and its status is planned");
    }

    #[test]
    fn what_an_action_creates_is_unknown_where_nobody_knows_its_kind() {
        let case = Case {
            features: fleet::Features { actions: true, ..Case::default().features },
            ..Case::default()
        };
        let yaml = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: cronworkflows.argoproj.io}, spec: {group: argoproj.io, scope: Namespaced, names: {kind: CronWorkflow, plural: cronworkflows}, versions: [{name: v1alpha1, served: true}]}}\n---\n{apiVersion: argoproj.io/v1alpha1, kind: CronWorkflow, metadata: {name: nightly}}";
        assert_snapshot!(case.lines(yaml, &[Operation::Action]), @"server: get cronworkflows.argoproj.io in namespace shop <- Action CronWorkflow shop/nightly (app.yaml:3:1) [NamesChange]");
        let gaps: Vec<String> = case.needs(yaml).unknown.iter().map(ToString::to_string).collect();
        assert_snapshot!(gaps.join("\n"), @"the plural of kind `Workflow` in `argoproj.io`, which an action of `CronWorkflow` creates: no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it");
    }
}
