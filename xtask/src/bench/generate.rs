//! A fleet as large as the largest, the same for the same seed.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use fastrand::Rng;
use rayon::prelude::*;

use super::manifests::{Object, definition};

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Target clusters.
    pub(crate) clusters: usize,
    /// Applications on each of them; the first brings CRDs and ClusterRoles.
    pub(crate) applications_each: usize,
    /// Manifest objects in each Application.
    pub(crate) objects_each: usize,
}

impl Size {
    /// 1,000 clusters, 20,000 Applications, 600,000 manifest objects, times `scale`.
    pub(crate) fn scaled(scale: f64) -> Self {
        Self { clusters: ((1000.0 * scale).round() as usize).max(1), applications_each: 20, objects_each: 30 }
    }

    /// Manifest objects in all.
    pub(crate) fn objects(self) -> usize {
        self.clusters * self.applications_each * self.objects_each
    }
}

/// What was written.
pub(crate) struct Generated {
    /// The fleet file.
    pub(crate) fleet: PathBuf,
    /// Bytes of all YAML files.
    pub(crate) bytes: u64,
}

/// The custom resources that every platform Application defines: group, kind, plural.
const CUSTOM: [(&str, &str, &str); 2] = [
    ("external-secrets.example.com", "ExternalSecret", "externalsecrets"),
    ("monitoring.example.com", "ServiceMonitor", "servicemonitors"),
];

/// Writes a fleet into a folder, which must not exist yet or be of an earlier run.
pub(crate) fn generate(folder: &Path, size: Size, seed: u64) -> Result<Generated> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder.join("applications"))?;
    let fleet = folder.join("fleet.yaml");
    let mut bytes =
        write(&fleet, &fleet_file(size))? + write(&folder.join("projects.yaml"), &projects(size))?;
    bytes += (0..size.clusters)
        .into_par_iter()
        .map(|cluster| write_cluster(folder, size, cluster, seed))
        .try_reduce(|| 0, |a, b| Ok(a + b))?;
    Ok(Generated { fleet, bytes })
}

fn write_cluster(folder: &Path, size: Size, cluster: usize, seed: u64) -> Result<u64> {
    let mut rng = Rng::with_seed(seed.wrapping_add(cluster as u64));
    let mut applications = String::new();
    let mut bytes = 0;
    for application in 0..size.applications_each {
        let name = format!("{}-{}", application_name(application), cluster_name(cluster));
        application_object(&mut applications, &name, cluster, application);
        let rendered = folder.join("rendered").join(&name);
        fs::create_dir_all(&rendered)?;
        bytes +=
            write(&rendered.join("manifests.yaml"), &manifests(application, size.objects_each, &mut rng))?;
    }
    Ok(bytes + write(&folder.join("applications").join(cluster_name(cluster) + ".yaml"), &applications)?)
}

fn write(path: &Path, text: &str) -> Result<u64> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(text.len() as u64)
}

fn cluster_name(cluster: usize) -> String {
    format!("spoke-{cluster:04}")
}

fn application_name(application: usize) -> String {
    if application == 0 { "platform".to_owned() } else { format!("service-{application:02}") }
}

/// Twenty clusters in each account.
fn account(cluster: usize) -> usize {
    200_000_000_000 + cluster / 20
}

fn fleet_file(size: Size) -> String {
    let mut text = String::from(
        "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {name: bench}\nspec:\n  hub:\n    \
         arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {namespace: argocd, version: \"3.5\"}\n    \
         identity: pod-identity\n  topology: chained\n  organization: o-abcdefghij\n  projects: [projects.yaml]\n  applications:\n  \
         - {path: \"applications/*.yaml\", manifests: \"rendered/{name}\"}\n  clusters:\n",
    );
    for cluster in 0..size.clusters {
        let (name, account) = (cluster_name(cluster), account(cluster));
        let _ = writeln!(
            text,
            "  - arn: arn:aws:eks:eu-west-1:{account}:cluster/{name}\n    name: {name}\n    \
             endpoint: https://{cluster:032x}.gr7.eu-west-1.eks.amazonaws.com\n    \
             certificateAuthority: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
        );
    }
    text
}

fn projects(size: Size) -> String {
    let mut text = String::new();
    for application in 0..size.applications_each {
        let name = application_name(application);
        let _ = write!(
            text,
            "---\napiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: {name}\n  namespace: argocd\nspec:\n  \
             sourceRepos: [\"https://git.example.com/{name}.git\"]\n  destinations:\n  - {{name: \"spoke-*\", namespace: {name}}}\n  \
             clusterResourceWhitelist: [{{group: \"*\", kind: \"*\"}}]\n"
        );
    }
    text
}

fn application_object(text: &mut String, name: &str, cluster: usize, application: usize) {
    let (project, cluster) = (application_name(application), cluster_name(cluster));
    // Every third applies on the server side, as teams that had trouble with large CRDs do.
    let option =
        if application.is_multiple_of(3) { "ServerSideApply=true" } else { "ApplyOutOfSyncOnly=true" };
    let _ = write!(
        text,
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  namespace: argocd\n  finalizers:\n  \
         - resources-finalizer.argocd.argoproj.io\nspec:\n  project: {project}\n  source:\n    repoURL: https://git.example.com/{project}.git\n    \
         path: deploy/{cluster}\n    targetRevision: main\n  destination:\n    name: {cluster}\n    namespace: {project}\n  syncPolicy:\n    \
         automated: {{prune: true, selfHeal: true}}\n    syncOptions: [CreateNamespace=true, {option}]\n"
    );
}

/// The manifests of one Application: four components of a service, or the operator with its CRDs.
fn manifests(application: usize, objects: usize, rng: &mut Rng) -> String {
    let name = application_name(application);
    let mut text = String::new();
    let mut count = 0;
    if application == 0 {
        for (group, kind, plural) in CUSTOM {
            let operator = Object { app: &name, namespace: &name, component: plural };
            text.push_str(&definition(group, kind, plural, rng));
            text.push_str(&operator.cluster_role(group, plural));
            text.push_str(&operator.cluster_role_binding());
            count += 3;
        }
    }
    for position in count..objects {
        let component =
            ["api", "worker", "web", "scheduler"].get(position / 12).map_or("extra", |name| *name);
        text.push_str(&component_object(
            &Object { app: &name, namespace: &name, component },
            position % 12,
            rng,
        ));
    }
    text
}

fn component_object(object: &Object<'_>, position: usize, rng: &mut Rng) -> String {
    let custom = |rng: &mut Rng, which: usize| {
        CUSTOM.get(which).map_or_else(String::new, |(group, kind, _)| object.custom(group, kind, rng))
    };
    match position {
        0 => object.deployment(rng),
        1 => object.service(),
        2 => object.config_map(rng),
        3 => object.service_account(),
        4 => custom(rng, 0),
        5 => custom(rng, 1),
        6 => object.autoscaler(rng),
        7 => object.ingress(),
        8 => object.disruption_budget(),
        9 => object.network_policy(),
        10 if rng.bool() => object.role(),
        10 => object.hook(rng),
        _ => object.role_binding(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_same_seed_writes_the_same_bytes_and_another_one_others() {
        let rendered = |seed| manifests(1, 30, &mut Rng::with_seed(seed));
        assert_eq!(rendered(7), rendered(7));
        assert_ne!(rendered(7), rendered(8));
    }

    #[test]
    fn every_document_is_an_object_and_their_number_is_as_asked() {
        for application in [0, 1, 5] {
            let text = manifests(application, 30, &mut Rng::with_seed(1));
            let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
            assert_eq!(objects.len(), 30);
            for object in objects {
                assert!(object["kind"].is_string() && object["metadata"]["name"].is_string(), "{object}");
            }
        }
    }

    #[test]
    fn deployments_are_as_large_as_in_production() {
        let object = Object { app: "service-01", namespace: "service-01", component: "api" };
        let length = object.deployment(&mut Rng::with_seed(3)).len();
        assert!((2000..4000).contains(&length), "{length}");
    }

    #[test]
    fn the_fleet_file_names_every_cluster_once() {
        let size = Size::scaled(0.01);
        let fleet: Value = serde_saphyr::from_str(&fleet_file(size)).unwrap();
        assert_eq!(fleet["spec"]["clusters"].as_array().unwrap().len(), size.clusters);
    }
}
