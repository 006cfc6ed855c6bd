//! From manifests as text to needs as lines, for the tests of every feature.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use fleet::{CacheWidth, Features, Names, Version};
use inventory::{ApiResource, Discovery};
use rbac::Role;

use crate::{
    Choice, ClusterContext, Deployment, Impersonation, Needs, ObjectRef, Operation, Settings, SyncOptions,
    needs,
};

/// One Application on one cluster; a test changes what it is about.
pub(crate) struct Case {
    pub(crate) sync: SyncOptions,
    pub(crate) settings: Settings,
    pub(crate) version: Version,
    pub(crate) names: Names,
    pub(crate) features: Features,
    pub(crate) cache: Option<CacheWidth>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) cluster_resources: bool,
    pub(crate) in_cluster: bool,
    pub(crate) application: Option<&'static str>,
    pub(crate) destination: Option<&'static str>,
    pub(crate) impersonation: Impersonation,
    pub(crate) choices: BTreeMap<ObjectRef, Choice>,
    pub(crate) roles: Vec<Role>,
}

impl Default for Case {
    fn default() -> Self {
        let off = Features {
            logs: false,
            events: false,
            exec: false,
            actions: false,
            ui_delete: false,
            ui_patch: false,
        };
        Self {
            sync: SyncOptions::default(),
            settings: Settings::default(),
            version: Version { major: 3, minor: 5 },
            names: Names::ClusterScoped,
            features: off,
            cache: None,
            namespaces: Vec::new(),
            cluster_resources: false,
            in_cluster: false,
            application: Some("app"),
            destination: Some("shop"),
            impersonation: Impersonation::Off,
            choices: BTreeMap::new(),
            roles: Vec::new(),
        }
    }
}

impl Case {
    pub(crate) fn options(options: &[&str]) -> Self {
        Self { sync: SyncOptions::default().with_options(options.iter().copied()), ..Self::default() }
    }

    pub(crate) fn deployment(&self, yaml: &str) -> Deployment {
        let mut deployment = Deployment::new(
            self.application.map(Into::into),
            self.destination.map(Into::into),
            self.sync.clone(),
        );
        let file: Arc<str> = "app.yaml".into();
        manifest::read(&file, yaml.as_bytes(), &mut |object| deployment.add(&object.unwrap()).unwrap());
        deployment
    }

    pub(crate) fn context<'a>(&'a self, discovery: &'a Discovery) -> ClusterContext<'a> {
        ClusterContext {
            discovery: Some(discovery),
            features: self.features,
            names: self.names,
            cache: self.cache,
            namespaces: &self.namespaces,
            cluster_resources: self.cluster_resources,
            in_cluster: self.in_cluster,
            impersonation: &self.impersonation,
            choices: &self.choices,
            roles: &self.roles,
            ..ClusterContext::new(&self.settings, self.version)
        }
    }

    pub(crate) fn needs(&self, yaml: &str) -> Needs {
        let discovery = discovery();
        needs(&self.context(&discovery), &[&self.deployment(yaml)])
    }

    /// The needs that have one of these operations among their reasons, one a line.
    pub(crate) fn lines(&self, yaml: &str, operations: &[Operation]) -> String {
        let mut lines = String::new();
        for need in self.needs(yaml).needs {
            for reason in need.reasons.iter().filter(|reason| operations.contains(&reason.operation)) {
                let _ = write!(lines, "{}: {} <- {:?}", need.identity, need.permission, reason.operation);
                if let Some(object) = &reason.object {
                    let _ = write!(lines, " {object}");
                }
                if let Some(place) = &reason.place {
                    let _ = write!(lines, " ({place})");
                }
                if reason.objects > 1 {
                    let _ = write!(lines, " and {} more", reason.objects - 1);
                }
                if let Some(beyond) = need.beyond {
                    let _ = write!(lines, " [{beyond:?}]");
                }
                lines.push('\n');
            }
        }
        lines
    }

    /// The findings with this id, one a line with their place.
    pub(crate) fn findings(&self, yaml: &str, id: &str) -> String {
        let mut lines = String::new();
        for finding in self.needs(yaml).findings.iter().filter(|finding| finding.id == id) {
            let places: Vec<String> = finding.places.iter().map(ToString::to_string).collect();
            let _ = writeln!(lines, "{:?} {}: {}", finding.severity, places.join(", "), finding.message);
        }
        lines
    }
}

pub(crate) const DEPLOYMENT: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}\n";

type Served = (&'static str, &'static str, &'static str, &'static str, bool, &'static [&'static str]);

/// A few kinds as an API server serves them: group, version, kind, plural, namespaced, subresources.
const SERVED: &[Served] = &[
    ("", "v1", "ConfigMap", "configmaps", true, &[]),
    ("", "v1", "Namespace", "namespaces", false, &["status"]),
    ("", "v1", "Pod", "pods", true, &["status", "log", "exec"]),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, &["status"]),
    ("", "v1", "Secret", "secrets", true, &[]),
    ("", "v1", "Service", "services", true, &["status"]),
    ("", "v1", "ServiceAccount", "serviceaccounts", true, &[]),
    (
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        false,
        &["status"],
    ),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", false, &["status"]),
    ("apps", "v1", "ControllerRevision", "controllerrevisions", true, &[]),
    ("apps", "v1", "Deployment", "deployments", true, &["status", "scale"]),
    ("apps", "v1", "ReplicaSet", "replicasets", true, &["status", "scale"]),
    ("apps", "v1", "StatefulSet", "statefulsets", true, &["status", "scale"]),
    ("batch", "v1", "CronJob", "cronjobs", true, &["status"]),
    ("batch", "v1", "Job", "jobs", true, &["status"]),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, &[]),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, &[]),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", true, &[]),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, &[]),
    ("serving.example.com", "v1", "Service", "services", true, &["status"]),
];

pub(crate) fn discovery() -> Discovery {
    let mut discovery = Discovery::default();
    for (group, version, kind, plural, namespaced, subresources) in SERVED {
        let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        discovery.insert(ApiResource {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            kind: (*kind).to_owned(),
            plural: (*plural).to_owned(),
            namespaced: *namespaced,
            verbs: verbs.map(str::to_owned).to_vec(),
            subresources: subresources.iter().map(|sub| (*sub).to_owned()).collect(),
        });
    }
    discovery
}
