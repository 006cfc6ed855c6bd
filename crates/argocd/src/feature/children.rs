//! The objects that controllers create for deployed ones: they stand in Argo CD's resource tree, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{Finding, Severity};

use crate::{
    ClusterContext, ResourcesFilter, catalog::Catalog, collector::Collector, deployment::ObjectNames,
    target::Target,
};

type Kind = (&'static str, &'static str);

/// Which kinds a kind's controller creates, with itself or an inferred reference as owner
/// (gitops-engine/pkg/cache/references.go for the inferred ones).
///
/// Kubernetes' own: pkg/controller/{deployment,replicaset,statefulset,daemon,job,cronjob,endpointslice,history}.
/// Token Secrets of service accounts are left out, though Argo CD would show them: since Kubernetes 1.24 nobody creates
/// them unasked, and access to every Secret of a namespace is much for a node that isn't there.
/// The others: `Owns(…)` in the operators' controllers, as their documentation names them.
const CHILDREN: &[(Kind, &[Kind])] = &[
    (("apps", "Deployment"), &[("apps", "ReplicaSet")]),
    (("apps", "ReplicaSet"), &[("", "Pod")]),
    (("", "ReplicationController"), &[("", "Pod")]),
    (("apps", "StatefulSet"), &[("", "Pod"), ("apps", "ControllerRevision"), ("", "PersistentVolumeClaim")]),
    (("apps", "DaemonSet"), &[("", "Pod"), ("apps", "ControllerRevision")]),
    (("batch", "Job"), &[("", "Pod")]),
    (("batch", "CronJob"), &[("batch", "Job")]),
    (("", "Service"), &[("", "Endpoints"), ("discovery.k8s.io", "EndpointSlice")]),
    (
        ("argoproj.io", "Rollout"),
        &[("apps", "ReplicaSet"), ("argoproj.io", "AnalysisRun"), ("argoproj.io", "Experiment")],
    ),
    // The ApplicationSet controller's (applicationset/controllers/applicationset_controller.go). What an Application
    // deploys belongs to that Application.
    (("argoproj.io", "ApplicationSet"), &[("argoproj.io", "Application")]),
    (("argoproj.io", "Experiment"), &[("apps", "ReplicaSet"), ("argoproj.io", "AnalysisRun")]),
    (("argoproj.io", "AnalysisRun"), &[("batch", "Job")]),
    (("argoproj.io", "Workflow"), &[("", "Pod"), ("argoproj.io", "WorkflowTaskSet")]),
    (("argoproj.io", "CronWorkflow"), &[("argoproj.io", "Workflow")]),
    (("argoproj.io", "WorkflowTemplate"), &[("argoproj.io", "Workflow")]),
    (("cert-manager.io", "Certificate"), &[("cert-manager.io", "CertificateRequest"), ("", "Secret")]),
    (("cert-manager.io", "CertificateRequest"), &[("acme.cert-manager.io", "Order")]),
    (("acme.cert-manager.io", "Order"), &[("acme.cert-manager.io", "Challenge")]),
    (
        ("acme.cert-manager.io", "Challenge"),
        &[("", "Pod"), ("", "Service"), ("networking.k8s.io", "Ingress")],
    ),
    (("external-secrets.io", "ExternalSecret"), &[("", "Secret")]),
    (("bitnami.com", "SealedSecret"), &[("", "Secret")]),
    (("keda.sh", "ScaledObject"), &[("autoscaling", "HorizontalPodAutoscaler")]),
    (("keda.sh", "ScaledJob"), &[("batch", "Job")]),
    (
        ("monitoring.coreos.com", "Prometheus"),
        &[("apps", "StatefulSet"), ("", "Service"), ("", "Secret"), ("", "ConfigMap")],
    ),
    (("monitoring.coreos.com", "Alertmanager"), &[("apps", "StatefulSet"), ("", "Service"), ("", "Secret")]),
    (
        ("monitoring.coreos.com", "ThanosRuler"),
        &[("apps", "StatefulSet"), ("", "Service"), ("", "ConfigMap")],
    ),
];

/// Custom resources that only configure something and own nothing.
const CHILDLESS: &[Kind] = &[
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "AlertmanagerConfig"),
    ("cert-manager.io", "Issuer"),
    ("cert-manager.io", "ClusterIssuer"),
    ("external-secrets.io", "SecretStore"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("argoproj.io", "AnalysisTemplate"),
    ("argoproj.io", "ClusterAnalysisTemplate"),
    ("argoproj.io", "AppProject"),
    ("argoproj.io", "Application"),
];

static NO_NAMES: ObjectNames = ObjectNames::NONE;

/// The targets and, after them, the kinds that their controllers create, in the same namespaces.
pub(crate) fn tree<'a>(
    targets: &[Target<'a>],
    catalog: &Catalog<'_>,
    context: &ClusterContext<'_>,
    filter: Option<&ResourcesFilter>,
) -> Vec<Target<'a>> {
    let is_excluded =
        |(group, kind): Kind| filter.is_some_and(|filter| filter.is_excluded(group, kind, context.server));
    let mut tree: Vec<Target<'a>> = targets.to_vec();
    let mut seen = BTreeSet::new();
    let mut next = 0;
    while let Some(parent) = tree.get(next).cloned() {
        for kind in children(&parent.group, &parent.kind) {
            // Argo CD's cache doesn't hold an excluded kind, so neither does the tree.
            if let Some(child) = child(&parent, *kind, catalog).filter(|_| !is_excluded(*kind)) {
                let key = (child.application, *kind, child.namespace.clone(), child.first);
                if seen.insert(key) {
                    tree.push(child);
                }
            }
        }
        next += 1;
    }
    tree
}

/// Which kinds the controller of a kind creates; empty for none, and where nobody knows.
fn children(group: &str, kind: &str) -> &'static [Kind] {
    CHILDREN.iter().find(|(owner, _)| *owner == (group, kind)).map_or(&[], |(_, children)| children)
}

fn child<'a>(parent: &Target<'a>, (group, kind): Kind, catalog: &Catalog<'_>) -> Option<Target<'a>> {
    let resource = catalog.resource(group, kind)?;
    Some(Target {
        group: group.into(),
        kind: kind.into(),
        owner: Some(parent.owner.clone().unwrap_or_else(|| Arc::clone(&parent.kind))),
        plural: resource.plural.as_str().into(),
        namespace: parent.namespace.clone().filter(|_| resource.namespaced),
        names: &NO_NAMES,
        generated: 1,
        ..parent.clone()
    })
}

/// Says for which deployed kinds nobody knows what their controllers create. Where the live cache enumerates kinds those
/// objects aren't seen at all; else they stand in the resource tree, and argocd-server is refused what it isn't planned.
pub(crate) fn unknown(
    out: &mut Collector<'_>,
    targets: &[Target<'_>],
    catalog: &Catalog<'_>,
    enumerates: bool,
) {
    let mut told = BTreeMap::new();
    for target in targets {
        let key = (&*target.group, &*target.kind);
        let known =
            !children(key.0, key.1).is_empty() || CHILDLESS.contains(&key) || catalog.is_own(key.0, key.1);
        if !known {
            told.entry(key).or_insert_with(|| target.place().cloned());
        }
    }
    for ((group, kind), place) in told {
        let what = format!("what the controller of `{kind}.{group}` creates isn't known");
        let (message, help) = if enumerates {
            (
                format!("{what}: no access to those objects is planned"),
                "where people should see them in the UI, list their kinds in `resource.inclusions`, or let the cache read everything",
            )
        } else {
            (
                format!("{what}: argocd-server gets no access to those objects"),
                "the UI shows them, but is refused their manifests, logs, events and actions; where people need these, bind a role of your own to argocd-server",
            )
        };
        let finding = Finding::new("children-unknown", Severity::Note, message).with_help(help);
        out.finding(match place {
            Some(place) => finding.at(place),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::testing::Case;

    #[test]
    fn no_kind_stands_twice_and_none_is_its_own_child() {
        let mut owners: Vec<Kind> = CHILDREN.iter().map(|(owner, _)| *owner).collect();
        assert!(
            CHILDREN.iter().all(|(owner, children)| !children.contains(owner) && !CHILDLESS.contains(owner))
        );
        owners.sort_unstable();
        let all = owners.len();
        owners.dedup();
        assert_eq!(owners.len(), all);
    }

    #[test]
    fn a_custom_resource_of_an_unknown_operator_is_told_once() {
        let case = Case { cache: Some(fleet::CacheWidth::Inclusions), ..Case::default() };
        let yaml = "{apiVersion: serving.example.com/v1, kind: Service, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}";
        assert_snapshot!(case.findings(yaml, "children-unknown"), @"Note app.yaml:1:1: what the controller of `Service.serving.example.com` creates isn't known: no access to those objects is planned");
        let case = Case::default();
        assert_snapshot!(case.findings(yaml, "children-unknown"), @"Note app.yaml:1:1: what the controller of `Service.serving.example.com` creates isn't known: argocd-server gets no access to those objects");
    }
}
