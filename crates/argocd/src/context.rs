//! What the needs on one cluster depend on besides the manifests.

use std::{collections::BTreeMap, sync::Arc};

use fleet::{CacheWidth, Features, Names, Version};
use inventory::Discovery;
use rbac::Role;

use crate::{Choice, InputFrom, ObjectRef, Settings};

/// A service account of a target cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

/// Sync impersonation on one cluster (docs/operator-manual/app-sync-using-impersonation.md).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Impersonation {
    /// Argo CD acts as itself.
    #[default]
    Off,
    /// Each Application acts as its project's service account.
    On {
        /// The service account of each Application, by the name given to [`Deployment::new`](crate::Deployment::new);
        /// that of an Application without name by the empty one.
        accounts: BTreeMap<Arc<str>, ServiceAccount>,
        /// `application.sync.impersonation.enforced`: an Application without account doesn't sync. Always so before 3.5.
        enforced: bool,
    },
}

/// Everything that decides what Argo CD needs on one cluster, besides the manifests.
#[derive(Clone, Copy, Debug)]
pub struct ClusterContext<'a> {
    /// The cluster's own discovery. Absent: CRDs among the deployments, then Kubernetes' own kinds.
    pub discovery: Option<&'a Discovery>,
    /// argocd-cm and argocd-cmd-params-cm.
    pub settings: &'a Settings,
    /// Argo CD's version.
    pub version: Version,
    /// Which of argocd-server's features people use.
    pub features: Features,
    /// Which permissions are limited to names.
    pub names: Names,
    /// How wide the live cache reads, where the fleet file says so; absent: as the settings have it.
    pub cache: Option<CacheWidth>,
    /// Namespaced mode: the only namespaces that Argo CD sees; empty means the whole cluster.
    pub namespaces: &'a [String],
    /// In namespaced mode, whether cluster-scoped resources are managed all the same.
    pub cluster_resources: bool,
    /// The API server's URL, as `clusters` of resource exclusions match it; empty where it isn't known.
    pub server: &'a str,
    /// Whether Argo CD runs in this very cluster (`https://kubernetes.default.svc`): who holds the needs are then its
    /// pods' service accounts, and Applications outside its namespace are there.
    pub in_cluster: bool,
    /// Who syncs.
    pub impersonation: &'a Impersonation,
    /// What was chosen for the RBAC objects that Applications ship and that nobody gets silently.
    pub choices: &'a BTreeMap<ObjectRef, Choice>,
    /// Roles that exist in the cluster, for bindings to roles that no Application ships.
    pub roles: &'a [Role],
    /// Where the input comes from, for what findings and gaps say to do.
    pub input_from: InputFrom,
}

impl ClusterContext<'_> {
    /// A whole cluster with Argo CD's own defaults, nothing known of it, and no impersonation.
    pub fn new(settings: &Settings, version: Version) -> ClusterContext<'_> {
        static NO_CHOICES: BTreeMap<ObjectRef, Choice> = BTreeMap::new();
        ClusterContext {
            discovery: None,
            settings,
            version,
            features: DEFAULT_FEATURES,
            names: Names::ClusterScoped,
            cache: None,
            namespaces: &[],
            cluster_resources: false,
            server: "",
            in_cluster: false,
            impersonation: &Impersonation::Off,
            choices: &NO_CHOICES,
            roles: &[],
            input_from: InputFrom::default(),
        }
    }
}

/// Argo CD's own: everything but the web terminal, which `exec.enabled` switches on.
const DEFAULT_FEATURES: Features =
    Features { logs: true, events: true, exec: false, actions: true, ui_delete: true, ui_patch: true };
