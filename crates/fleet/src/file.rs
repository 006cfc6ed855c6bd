//! The fleet file as people write it. The comments here are its reference: they are printed by `oarlock schema`.
//!
//! Text that must have a form (ARNs, names, versions) is plain text here, so that one run reports all that is wrong
//! with it; [`crate::parse`] turns it into the model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::located::At;

/// What Argo CD is wanted to reach, and how: one hub, its spokes, what is deployed to them and what must never be granted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Fleet")]
pub(crate) struct FleetFile {
    /// Always `oarlock.dev/v1alpha1`.
    #[schemars(extend("const" = "oarlock.dev/v1alpha1"))]
    #[expect(dead_code, reason = "checked before the rest is read")]
    pub(crate) api_version: String,
    /// Always `Fleet`.
    #[schemars(extend("const" = "Fleet"))]
    #[expect(dead_code, reason = "checked before the rest is read")]
    pub(crate) kind: String,
    /// Names the fleet.
    pub(crate) metadata: MetadataFile,
    /// What is wanted.
    pub(crate) spec: SpecFile,
}

/// Names the fleet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Metadata")]
pub(crate) struct MetadataFile {
    /// Part of the names of what Oarlock creates: lowercase letters, digits and `-`, at most 63 characters.
    #[schemars(regex(pattern = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"))]
    pub(crate) name: At<String>,
}

/// What is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Spec")]
pub(crate) struct SpecFile {
    /// The cluster that runs Argo CD.
    pub(crate) hub: HubFile,
    /// How Argo CD reaches the clusters; each cluster may say otherwise.
    /// Default: `capability` where the EKS capability runs Argo CD, else `chained`.
    pub(crate) topology: Option<At<TopologyFile>>,
    /// How many IAM roles the spokes of a chained topology have. Default: `per-cluster`.
    pub(crate) roles: Option<RolesFile>,
    /// How wide Argo CD's live cache reads. Default: as `argocd-cm` in the inventory says, else `all`.
    pub(crate) cache: Option<CacheFile>,
    /// Which permissions are limited to the names of the deployed objects. Default: `cluster-scoped`.
    pub(crate) names: Option<NamesFile>,
    /// Which features of argocd-server people use on the clusters. Each one that is off needs no permission.
    #[serde(default)]
    pub(crate) features: FeaturesFile,
    /// Whether syncs run as per-project service accounts (`application.sync.impersonation.enabled`; Argo CD 2.13 or later).
    /// Default: as `argocd-cm` in the inventory says, else `false`.
    pub(crate) impersonation: Option<At<bool>>,
    /// The Kubernetes groups that access entries name and bindings bind.
    #[serde(default)]
    pub(crate) groups: GroupsFile,
    /// The clusters that Argo CD deploys to. Name the hub too, if Argo CD deploys to it.
    #[schemars(length(min = 1))]
    pub(crate) clusters: At<Vec<At<ClusterFile>>>,
    /// AppProject files: paths or glob patterns, relative to this file.
    #[serde(default)]
    pub(crate) projects: Vec<String>,
    /// Where the Applications come from.
    #[serde(default)]
    pub(crate) applications: Vec<At<ApplicationFile>>,
    /// What is decided for roles that applications ship, one by one.
    /// Without a decision Argo CD gets to hold the role's rules, unless they amount to cluster-admin.
    #[serde(default)]
    pub(crate) shipped_rbac: Vec<At<ShippedRbacFile>>,
    /// Pods of the hub that use AWS credentials for more than reaching clusters. Argo CD itself has no code that
    /// uses them for Git, S3 or ECR, so whatever does is named here.
    #[serde(default)]
    pub(crate) credentials: Vec<At<CredentialFile>>,
    /// The AWS organisation (`o-…`) that all the accounts belong to. Only used where role names must be matched by
    /// a prefix, to keep roles of other organisations out.
    #[schemars(regex(pattern = "^o-[a-z0-9]{10,32}$"))]
    pub(crate) organization: Option<At<String>>,
    /// What must never be granted. A plan that would grant it has a finding that names the application.
    #[serde(default)]
    pub(crate) limits: Vec<At<LimitFile>>,
    /// What concerns `oarlock audit` only.
    #[serde(default)]
    pub(crate) audit: AuditFile,
}

/// What concerns `oarlock audit` only.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "AuditSettings")]
pub(crate) struct AuditFile {
    /// Findings that are left alone, and counted, where the audit is given this fleet file.
    pub(crate) suppressions: Vec<At<SuppressionFile>>,
}

/// Findings that are left alone: those that all of `file`, `cluster` and `about` are true of; what is left out is true of all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Suppression")]
pub(crate) struct SuppressionFile {
    /// The check, by its name: `account-as-principal`.
    pub(crate) check: At<String>,
    /// Why, for those who come after.
    pub(crate) reason: At<String>,
    /// The last day on which it counts, in UTC: `2027-01-31`. Default: it counts for good.
    pub(crate) until: Option<At<String>>,
    /// The file, as findings name it; `*` stands for any text, `?` for one character.
    pub(crate) file: Option<String>,
    /// The cluster, as findings name it; `*` and `?` as in `file`.
    pub(crate) cluster: Option<String>,
    /// A text that the finding's message has: an object's name, for example.
    pub(crate) about: Option<String>,
}

/// The cluster that runs Argo CD.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Hub")]
pub(crate) struct HubFile {
    /// Its ARN: `arn:aws:eks:<region>:<account>:cluster/<name>`.
    pub(crate) arn: At<String>,
    /// The Argo CD in it.
    pub(crate) argocd: ArgoCdFile,
    /// How Argo CD's pods get AWS credentials. Default: `pod-identity`. Leave it out with the EKS capability.
    pub(crate) identity: Option<At<IdentityFile>>,
    /// The issuer URL of the hub's OIDC provider, for `irsa`. Default: as the inventory says.
    pub(crate) oidc_issuer: Option<At<String>>,
}

/// An Argo CD installation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ArgoCD")]
pub(crate) struct ArgoCdFile {
    /// Its namespace. Default: `argocd`.
    pub(crate) namespace: Option<At<String>>,
    /// Its version, as far as it matters: `3.5` or `v3.5.1`.
    #[schemars(with = "VersionSchema")]
    pub(crate) version: At<String>,
    /// Who runs it. Default: `self-managed`.
    pub(crate) install: Option<At<InstallFile>>,
    /// Service account of the application controller. Default: `argocd-application-controller`.
    pub(crate) controller_service_account: Option<At<String>>,
    /// Service account of argocd-server. Default: `argocd-server`.
    pub(crate) server_service_account: Option<At<String>>,
    /// ARN of the IAM role that the EKS capability has already. Default: as the inventory says, else Oarlock plans one.
    pub(crate) capability_role: Option<At<String>>,
    /// What the EKS capability reads repositories with, as far as the Applications' URLs and the inventory don't tell.
    pub(crate) repository_access: Option<At<RepositoryAccessFile>>,
}

/// What the EKS capability reads repositories with, besides what URLs tell.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "RepositoryAccess")]
pub(crate) struct RepositoryAccessFile {
    /// ARNs of CodeConnections' connections whose service is `codestar-connections`: a URL doesn't tell it, and IAM wants
    /// the ARN and the actions as the connection has them. Those with `codeconnections` needn't be named.
    pub(crate) connections: Vec<At<String>>,
    /// ARNs of secrets in Secrets Manager that hold repositories' credentials (`secretArn` of repository Secrets).
    /// Those in the inventory's repository Secrets needn't be named.
    pub(crate) secrets: Vec<At<String>>,
    /// ARNs of the KMS keys that encrypt these secrets; `[]` where all have the AWS managed key.
    /// Default: as the inventory says (`aws secretsmanager describe-secret`).
    pub(crate) kms_keys: Option<Vec<At<String>>>,
}

/// A version as text or, since YAML reads `3.5` as a number, as a number.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "describes the schema only")]
enum VersionSchema {
    /// `3.5` or `v3.5.1`
    Text(#[schemars(regex(pattern = r"^v?[0-9]+\.[0-9]+(\.[0-9]+.*)?$"))] String),
    /// Unquoted `3.5`.
    Number(f64),
}

/// Who runs Argo CD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Install")]
pub(crate) enum InstallFile {
    /// Its manifests or the Helm chart, in the hub.
    SelfManaged,
    /// The EKS capability for Argo CD, in AWS's accounts.
    EksCapability,
}

/// How Argo CD's pods get AWS credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Identity")]
pub(crate) enum IdentityFile {
    /// EKS Pod Identity (Argo CD 2.10 or later).
    PodIdentity,
    /// IAM roles for service accounts: an OIDC provider and an annotation.
    Irsa,
}

/// How Argo CD reaches a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Topology")]
pub(crate) enum TopologyFile {
    /// The hub's roles assume a role in the spoke's account; the spoke's access entry names that role.
    Chained,
    /// The spoke's access entries name the hub's roles themselves.
    Direct,
    /// The spoke's access entry names the role of the EKS capability.
    Capability,
}

/// How many IAM roles the spokes of a chained topology have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Roles")]
pub(crate) enum RolesFile {
    /// One for each cluster.
    PerCluster,
    /// One for each project in each account, by the clusters' `project`; clusters without one share their account's.
    PerProject,
    /// One for each account.
    PerAccount,
    /// One in the hub's account, for all clusters.
    Shared,
}

/// How wide Argo CD's live cache reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Cache")]
pub(crate) enum CacheFile {
    /// Everything that isn't excluded: Argo CD's default. One kind that it may not list stops the whole cluster,
    /// so this needs list and watch on everything, Secrets too.
    All,
    /// Only the deployed kinds and the children that they create: the plan writes `resource.inclusions`.
    Inclusions,
}

/// Which permissions are limited to the names of the deployed objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Names")]
pub(crate) enum NamesFile {
    /// Those on cluster-scoped objects: the names of namespaced ones change with commits.
    ClusterScoped,
    /// All that RBAC can limit: a commit that brings a new name needs a new plan first.
    Exact,
    /// None.
    Any,
}

/// Features of argocd-server that need access to the clusters.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "Features")]
pub(crate) struct FeaturesFile {
    /// Logs of pods. Default: `true`.
    pub(crate) logs: Option<bool>,
    /// Events of a resource. Default: `true`.
    pub(crate) events: Option<bool>,
    /// The web terminal, a shell in any pod that Argo CD sees. Default: `false`, as in Argo CD.
    pub(crate) exec: Option<bool>,
    /// Resource actions, such as restart. Default: `true`.
    pub(crate) actions: Option<bool>,
    /// Deleting live resources by hand. Default: `true`.
    pub(crate) ui_delete: Option<bool>,
    /// Editing live resources by hand. Default: `true`.
    pub(crate) ui_patch: Option<bool>,
}

/// The Kubernetes groups that access entries name and bindings bind. None may start with `system:`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "Groups")]
pub(crate) struct GroupsFile {
    /// Where one role serves controller and server: topologies chained and capability. Default: `oarlock:argocd`.
    pub(crate) shared: Option<At<String>>,
    /// The controller's in a direct topology. Default: `oarlock:argocd-controller`.
    pub(crate) controller: Option<At<String>>,
    /// The server's in a direct topology. Default: `oarlock:argocd-server`.
    pub(crate) server: Option<At<String>>,
}

/// A cluster that Argo CD deploys to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Cluster")]
pub(crate) struct ClusterFile {
    /// Its ARN: `arn:aws:eks:<region>:<account>:cluster/<name>`.
    pub(crate) arn: At<String>,
    /// Its name in Argo CD, as `destination.name` of Applications says it. Default: the cluster's name in EKS.
    pub(crate) name: Option<At<String>>,
    /// URL of its API server, as `destination.server` of Applications says it. Default: as the inventory says.
    pub(crate) endpoint: Option<At<String>>,
    /// Base64 of its certificate authority's PEM, as `aws eks describe-cluster` prints it. Default: as the inventory says.
    pub(crate) certificate_authority: Option<At<String>>,
    /// How Argo CD reaches it. Default: the fleet's `topology`.
    pub(crate) topology: Option<At<TopologyFile>>,
    /// The AppProject that the cluster belongs to (`project` in its Secret). It opens that project's destinations
    /// to this cluster, so it goes together with `namespaces` or the EKS capability.
    pub(crate) project: Option<At<String>>,
    /// Namespaced mode: the only namespaces that Argo CD sees and manages. Default: the whole cluster.
    #[serde(default)]
    pub(crate) namespaces: Vec<At<String>>,
    /// In namespaced mode, whether cluster-scoped objects are managed all the same. Default: `false`.
    pub(crate) cluster_resources: Option<At<bool>>,
    /// Labels of the cluster Secret, for ApplicationSets and the like.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, At<String>>,
    /// Where the cluster is in mode `CONFIG_MAP`: change it, so that it takes access entries. EKS never takes that back. Default: a
    /// cluster's mode stays as it is.
    pub(crate) authentication_mode: Option<AuthenticationModeFile>,
    /// Argo CD is to leave it: what Oarlock made for it goes, its Secret first. Take the cluster out of the fleet file once that is
    /// applied. Default: `false`.
    pub(crate) leaving: Option<bool>,
}

/// To which mode a plan may change a cluster's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "AuthenticationMode")]
pub(crate) enum AuthenticationModeFile {
    /// Access entries count, and the aws-auth ConfigMap still does.
    #[serde(rename = "API_AND_CONFIG_MAP")]
    ApiAndConfigMap,
}

/// Where Applications come from: a file (`path`), or the live ones of the inventory (`from: inventory`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Applications")]
pub(crate) struct ApplicationFile {
    /// A file with Applications: a path or a glob pattern, relative to this file.
    pub(crate) path: Option<At<String>>,
    /// The folder or file of manifests rendered from them, relative to this file; `{name}` stands for the Application's name.
    pub(crate) manifests: Option<At<String>>,
    /// `inventory`: the live Applications, with the resources that their status lists.
    pub(crate) from: Option<At<FromFile>>,
}

/// Where Applications come from, besides files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ApplicationsFrom")]
pub(crate) enum FromFile {
    /// The live Applications of the inventory.
    Inventory,
}

/// What is decided for a role that an application ships or binds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ShippedRBAC")]
pub(crate) struct ShippedRbacFile {
    /// The role: `ClusterRole/<name>` or `Role/<namespace>/<name>`.
    pub(crate) object: At<String>,
    /// How Argo CD may create it.
    pub(crate) choice: ChoiceFile,
    /// On which clusters, by name. Default: on all.
    pub(crate) clusters: Option<Vec<At<String>>>,
}

/// How Argo CD may create or bind a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShippedRBACChoice")]
pub(crate) enum ChoiceFile {
    /// By holding the rules itself: it can then do whatever the role can.
    Hold,
    /// By the verb `bind` on this role's name: it can then hand the role to anybody.
    Bind,
    /// By the verb `escalate` on this role's name: it can then write any rule into the role.
    Escalate,
}

/// A pod of the hub that uses AWS credentials itself: its service account and exactly one use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Credential")]
pub(crate) struct CredentialFile {
    /// The pod's service account.
    pub(crate) service_account: At<String>,
    /// The service account's namespace. Default: Argo CD's.
    pub(crate) namespace: Option<At<String>>,
    /// It reads manifests or charts from S3: an S3 or a config-management plugin.
    pub(crate) s3: Option<At<S3File>>,
    /// It logs in to ECR and pulls from repositories: a token refresher.
    pub(crate) ecr: Option<At<RepositoriesFile>>,
    /// It finds repositories in CodeCommit: the ApplicationSet controller's generator.
    pub(crate) code_commit: Option<At<RepositoriesFile>>,
    /// It reads secrets from Secrets Manager.
    pub(crate) secrets_manager: Option<At<SecretsFile>>,
}

/// Objects in S3.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "S3")]
pub(crate) struct S3File {
    /// The bucket's name.
    pub(crate) bucket: At<String>,
    /// Only keys that start so. Default: the whole bucket.
    #[serde(default)]
    pub(crate) prefix: String,
}

/// Repositories of ECR or CodeCommit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Repositories")]
pub(crate) struct RepositoriesFile {
    /// Their ARNs.
    #[schemars(length(min = 1))]
    pub(crate) repositories: Vec<At<String>>,
}

/// Secrets of Secrets Manager.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Secrets")]
pub(crate) struct SecretsFile {
    /// Their ARNs.
    #[schemars(length(min = 1))]
    pub(crate) secrets: Vec<At<String>>,
    /// ARNs of the KMS keys that encrypt them. Default: none, all have the AWS managed key `aws/secretsmanager`.
    #[serde(default)]
    pub(crate) kms_keys: Vec<At<String>>,
}

/// An upper limit: what must never be granted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Limit")]
pub(crate) struct LimitFile {
    /// Its name, for the finding.
    pub(crate) name: At<String>,
    /// What must not be granted.
    pub(crate) deny: At<LimitRuleFile>,
}

/// Permissions that match every list; a list that is left out matches everything.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "LimitRule")]
pub(crate) struct LimitRuleFile {
    /// API groups; `""` is the core group.
    pub(crate) api_groups: Vec<String>,
    /// Plural resources, `secrets` or `pods/exec`.
    pub(crate) resources: Vec<String>,
    /// Verbs.
    pub(crate) verbs: Vec<String>,
    /// Clusters, by name.
    pub(crate) clusters: Vec<At<String>>,
    /// Namespaces in which it is allowed all the same.
    pub(crate) except_namespaces: Vec<At<String>>,
}
