//! A fleet, as everything after parsing sees it: complete, consistent, with nothing left to validate.

use std::{collections::BTreeMap, fmt, str::FromStr};

use facts::{ClusterArn, Place};

/// What is wanted of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// `metadata.name`: part of the names of what Oarlock creates.
    pub name: String,
    /// The cluster that runs Argo CD.
    pub hub: Hub,
    /// How many IAM roles the spokes have.
    pub granularity: Granularity,
    /// How wide Argo CD's live cache reads; absent: as argocd-cm in the inventory says, else all.
    pub cache: Option<CacheWidth>,
    /// Which grants are limited to the names of objects.
    pub names: Names,
    /// Which of argocd-server's features people use.
    pub features: Features,
    /// Sync impersonation, where the fleet file decides it; absent: as argocd-cm in the inventory says, else off.
    pub impersonation: Option<bool>,
    /// The Kubernetes groups that access entries name and bindings bind.
    pub groups: Groups,
    /// Every cluster that Argo CD deploys to, in the order of the file; the hub is among them only if it is named.
    pub clusters: Vec<Cluster>,
    /// Clusters that Argo CD is to leave: what Oarlock made for them goes.
    pub leaving: Vec<Cluster>,
    /// Whether all that Oarlock made for the fleet goes. No fleet file says so: see [`Fleet::end`].
    pub ends: bool,
    /// AppProject files: glob patterns relative to the fleet file.
    pub projects: Vec<String>,
    /// Where the Applications come from.
    pub applications: Vec<ApplicationSource>,
    /// What is decided for roles that applications ship, in the order of the file; no role is decided twice on a cluster.
    pub shipped_rbac: Vec<ShippedRbac>,
    /// What on the hub uses AWS credentials besides cluster access.
    pub credentials: Vec<CredentialConsumer>,
    /// The organisation (`o-…`) that the accounts belong to, for name-prefix policies.
    pub organization: Option<String>,
    /// What must never be granted.
    pub limits: Vec<Limit>,
    /// Findings of the audit that are left alone.
    pub suppressions: Vec<Suppression>,
    /// Where the fleet file stands.
    pub place: Place,
}

impl Fleet {
    /// A cluster that the fleet file names, whether Argo CD stays or leaves.
    pub fn cluster(&self, arn: &ClusterArn) -> Option<&Cluster> {
        self.all_clusters().find(|cluster| cluster.arn == *arn)
    }

    /// All clusters that the fleet file names, those that Argo CD leaves last.
    pub fn all_clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().chain(&self.leaving)
    }

    /// The hub and all clusters that the fleet file names; the hub twice, if it is among them.
    pub fn arns(&self) -> impl Iterator<Item = &ClusterArn> {
        self.all_clusters().map(|cluster| &cluster.arn).chain([&self.hub.arn])
    }

    /// Whether a cluster is the hub, or the fleet file names it.
    pub fn knows(&self, arn: &ClusterArn) -> bool {
        self.arns().any(|known| known == arn)
    }

    /// Whether Argo CD is to leave a cluster: the fleet file says so, or the fleet ends.
    pub fn leaves(&self, arn: &ClusterArn) -> bool {
        self.ends || self.leaving.iter().any(|cluster| cluster.arn == *arn)
    }

    /// From now on Argo CD is to leave all clusters, and its hub has nothing of Oarlock's.
    pub fn end(&mut self) {
        self.leaving.splice(..0, std::mem::take(&mut self.clusters));
        self.ends = true;
    }
}

/// The cluster that runs Argo CD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// Its ARN.
    pub arn: ClusterArn,
    /// The Argo CD in it.
    pub argocd: ArgoCd,
    /// How its pods get AWS credentials.
    pub identity: IdentityKind,
    /// The issuer URL of its OIDC provider, where the fleet file gives it (else the inventory does).
    pub oidc_issuer: Option<String>,
}

/// An Argo CD installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgoCd {
    /// Its namespace, usually `argocd`.
    pub namespace: String,
    /// Its version.
    pub version: Version,
    /// Who runs it.
    pub install: Install,
    /// Service account of the application controller.
    pub controller_service_account: String,
    /// Service account of argocd-server.
    pub server_service_account: String,
    /// For [`Install::EksCapability`]: the capability's IAM role, if it has one already.
    pub capability_role: Option<facts::RoleArn>,
    /// For [`Install::EksCapability`]: what it reads repositories with, besides what their URLs tell.
    pub repository_access: RepositoryAccess,
}

/// What the EKS capability reads repositories with, as far as neither URLs nor the inventory tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryAccess {
    /// Connections of CodeConnections, by the ARNs that they have.
    pub connections: Vec<facts::Arn>,
    /// Secrets of Secrets Manager with repositories' credentials.
    pub secrets: Vec<facts::Arn>,
    /// The KMS keys of those secrets; absent where the fleet file doesn't say.
    pub kms_keys: Option<Vec<facts::Arn>>,
}

/// An Argo CD version, as far as behaviour depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 3 in 3.5
    pub major: u32,
    /// 5 in 3.5
    pub minor: u32,
}

/// Why a text is no version of Argo CD.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of Argo CD: it should look like `3.5` or `v3.5.1`")]
pub struct VersionError(String);

/// Takes `3.5`, `v3.5`, `3.5.1`, `v3.5.1-rc2+build`.
impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError(text.to_owned());
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || {
            let part = parts.next().filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse().ok()
        };
        let (major, minor) = number().zip(number()).ok_or_else(error)?;
        let patch_is_legal = parts.next().is_none_or(|patch| patch.starts_with(|c: char| c.is_ascii_digit()));
        if patch_is_legal { Ok(Self { major, minor }) } else { Err(error()) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Who runs Argo CD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Install {
    /// Manifests or the Helm chart, in the hub.
    SelfManaged,
    /// The EKS capability for Argo CD, in AWS's accounts.
    EksCapability,
}

/// How pods of the hub get AWS credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// EKS Pod Identity.
    PodIdentity,
    /// IAM roles for service accounts.
    Irsa,
}

/// How Argo CD reaches a spoke's API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topology {
    /// The hub's roles assume a role in the spoke's account; the access entry names that role.
    Chained,
    /// The access entries name the hub's roles themselves.
    Direct,
    /// The access entry names the EKS capability's role.
    Capability,
}

/// How many IAM roles the spokes of a chained topology have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// One role for each cluster.
    PerCluster,
    /// One role for each project in each account; clusters without a project share their account's.
    PerProject,
    /// One role for each account.
    PerAccount,
    /// One role in the hub's account for all clusters.
    Shared,
}

/// How wide Argo CD's live cache reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheWidth {
    /// Everything that isn't excluded: Argo CD's default.
    All,
    /// `resource.inclusions`, planned by Oarlock: the deployed kinds and the children that they create.
    Inclusions,
}

/// Which permissions are limited to the names of the deployed objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// Names of cluster-scoped objects only: the names of namespaced ones change with commits.
    #[default]
    ClusterScoped,
    /// All names.
    Exact,
    /// No names.
    Any,
}

/// Features of argocd-server that need access to clusters. Defaults are Argo CD's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Pod logs.
    pub logs: bool,
    /// Events of a resource.
    pub events: bool,
    /// The web terminal (off unless `exec.enabled`).
    pub exec: bool,
    /// Resource actions, such as restart.
    pub actions: bool,
    /// Deleting live resources in the UI.
    pub ui_delete: bool,
    /// Editing live resources in the UI.
    pub ui_patch: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self { logs: true, events: true, exec: false, actions: true, ui_delete: true, ui_patch: true }
    }
}

/// The Kubernetes groups of Argo CD's identities. None starts with `system:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Where one role serves controller and server: topologies chained and capability.
    pub shared: String,
    /// The controller's in a direct topology.
    pub controller: String,
    /// The server's in a direct topology.
    pub server: String,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            shared: "oarlock:argocd".to_owned(),
            controller: "oarlock:argocd-controller".to_owned(),
            server: "oarlock:argocd-server".to_owned(),
        }
    }
}

/// A cluster that Argo CD deploys to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub arn: ClusterArn,
    /// Its name in Argo CD.
    pub name: String,
    /// API server URL, where the fleet file gives it (else the inventory does).
    pub endpoint: Option<String>,
    /// Base64 of the PEM certificate authority, where the fleet file gives it.
    pub certificate_authority: Option<String>,
    /// How Argo CD reaches it.
    pub topology: Topology,
    /// The AppProject that the cluster belongs to (`project` in the Secret).
    pub project: Option<String>,
    /// Namespaced mode: the only namespaces that Argo CD sees; empty means the whole cluster.
    pub namespaces: Vec<String>,
    /// In namespaced mode, whether cluster-scoped resources are managed all the same.
    pub cluster_resources: bool,
    /// Labels of the cluster Secret.
    pub labels: BTreeMap<String, String>,
    /// Whether its authentication mode is to become `API_AND_CONFIG_MAP`, if it is `CONFIG_MAP`.
    pub opens_to_entries: bool,
    /// Where the fleet file names it.
    pub place: Place,
}

/// Where Applications come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationSource {
    /// A file with Application objects, and the folder of manifests rendered from them.
    Files {
        /// The file with the Applications, a path or glob pattern relative to the fleet file.
        path: String,
        /// The folder (or file) of rendered manifests; `{name}` stands for the Application's name.
        manifests: Option<String>,
        /// Where the fleet file says so.
        place: Place,
    },
    /// The live Applications of the inventory, with their `status.resources`.
    Inventory {
        /// Where the fleet file says so.
        place: Place,
    },
}

/// What is decided for a role that an application ships or binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedRbac {
    /// The role's namespace; absent for a ClusterRole.
    pub namespace: Option<String>,
    /// The role's name.
    pub name: String,
    /// How Argo CD may create or bind it.
    pub choice: ShippedRbacChoice,
    /// On which clusters, by name; absent: on all.
    pub clusters: Option<Vec<String>>,
    /// Where the fleet file says so.
    pub place: Place,
}

/// How Argo CD may create or bind a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShippedRbacChoice {
    /// By holding its rules.
    Hold,
    /// By the verb `bind` on its name.
    Bind,
    /// By the verb `escalate` on its name.
    Escalate,
}

/// A pod of the hub that uses AWS credentials itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialConsumer {
    /// Its service account, in Argo CD's namespace unless `namespace` says otherwise.
    pub service_account: String,
    /// The service account's namespace.
    pub namespace: String,
    /// What it does with the credentials.
    pub uses: CredentialUse,
    /// Where the fleet file names it.
    pub place: Place,
}

/// What a pod uses AWS credentials for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialUse {
    /// An S3 or config-management plugin that reads manifests or charts: `s3://bucket/prefix`.
    S3 {
        /// The bucket.
        bucket: String,
        /// The key prefix, perhaps empty.
        prefix: String,
    },
    /// A token refresher that logs in to ECR and pulls these repositories.
    Ecr {
        /// ARNs of the repositories.
        repositories: Vec<facts::Arn>,
    },
    /// The ApplicationSet controller's CodeCommit generator.
    CodeCommit {
        /// ARNs of the repositories.
        repositories: Vec<facts::Arn>,
    },
    /// Something that reads secrets from Secrets Manager.
    SecretsManager {
        /// ARNs of the secrets.
        secrets: Vec<facts::Arn>,
        /// ARNs of the KMS keys that encrypt them, besides the AWS managed key.
        kms_keys: Vec<facts::Arn>,
    },
}

/// An upper limit: what the plan must never grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name, for the finding.
    pub name: String,
    /// What must not be granted.
    pub deny: LimitRule,
    /// Where the fleet file says so.
    pub place: Place,
}

/// What a limit forbids: any permission that intersects all of these lists. An empty list stands for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitRule {
    /// API groups.
    pub api_groups: Vec<String>,
    /// Plural resources.
    pub resources: Vec<String>,
    /// Verbs.
    pub verbs: Vec<String>,
    /// Clusters, by name.
    pub clusters: Vec<String>,
    /// Namespaces in which it is allowed all the same.
    pub except_namespaces: Vec<String>,
}

/// Findings of the audit that are left alone: those that all of its fields are true of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The check's name, which only the audit knows to be one.
    pub check: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts; absent: it counts for good.
    pub until: Option<jiff::civil::Date>,
    /// A pattern of files.
    pub file: Option<String>,
    /// A pattern of clusters' names.
    pub cluster: Option<String>,
    /// A text that the message has.
    pub about: Option<String>,
    /// Where the fleet file names the check.
    pub place: Place,
}
