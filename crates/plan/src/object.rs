//! The objects that a plan wants to exist, whatever tool makes them.

mod body;

use std::{collections::BTreeMap, fmt};

use facts::{AccountId, ClusterArn, RoleArn};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use body::Body;

/// The kind of an IAM OIDC provider in an [`ObjectId`].
pub(crate) const OIDC_PROVIDER: &str = "oidc provider";

/// The kind of a cluster's authentication mode in an [`ObjectId`].
pub(crate) const AUTHENTICATION_MODE: &str = "authentication mode";

/// The kind of an element of `mapRoles` of the aws-auth ConfigMap in an [`ObjectId`]; its name is the role's ARN as it is written there.
/// A plan only ever removes one.
pub const ROLE_MAPPING: &str = "aws-auth mapping";

/// The kind of a service account's IRSA annotation in an [`ObjectId`]; its name is the service account's. A plan only ever removes
/// one: what sets it is a `ServiceAccount` of which the plan has fields.
pub const ROLE_ANNOTATION: &str = "role annotation";

/// Everything that should exist, in an order in which it can be made.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// Sorted so that an object stands after everything that it needs.
    pub objects: Vec<DesiredObject>,
}

/// One object, where it belongs and why it is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesiredObject {
    /// In which account or cluster.
    pub location: Location,
    /// The object itself.
    pub object: Object,
    /// One sentence: why it is wanted.
    pub reason: String,
    /// Objects that must be there before it.
    pub after: Vec<ObjectId>,
}

/// Where an object lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// IAM of an account.
    Account(AccountId),
    /// EKS's own objects about a cluster: access entries, associations.
    Eks(ClusterArn),
    /// The Kubernetes API of a cluster.
    Cluster(ClusterArn),
}

/// Names one object in the whole fleet: location, kind and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ObjectId {
    /// Where it lives.
    pub location: Location,
    /// What it is, as people write it: `iam role`, `access entry`, `ClusterRole`.
    pub kind: String,
    /// Its name, with its namespace where it has one.
    pub name: String,
}

/// An object of AWS or of Kubernetes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Object {
    /// An IAM role with its policies.
    IamRole(IamRole),
    /// An IAM OIDC provider.
    OidcProvider(OidcProvider),
    /// That a cluster takes access entries.
    AuthenticationMode(AuthenticationMode),
    /// An EKS access entry of type STANDARD.
    AccessEntry(AccessEntry),
    /// An EKS Pod Identity association.
    PodIdentityAssociation(PodIdentityAssociation),
    /// Any Kubernetes object.
    Kubernetes(KubernetesObject),
    /// Restarting workloads, so that they take up what changed.
    Restart(Restart),
}

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IamRole {
    /// Its ARN, known in advance since Oarlock chooses account, path and name.
    pub arn: RoleArn,
    /// What people read in the console; at most 1,000 characters.
    pub description: String,
    /// Who may assume it.
    pub trust: iam::Document,
    /// Policies inside the role, by name.
    pub inline_policies: BTreeMap<String, iam::Document>,
    /// Customer managed policies made for and attached to this role, by name.
    pub managed_policies: BTreeMap<String, iam::Document>,
    /// Tags, ownership marks among them.
    pub tags: BTreeMap<String, String>,
}

/// An IAM OIDC provider for a cluster's issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OidcProvider {
    /// The account it is in.
    pub account: AccountId,
    /// Issuer URL, with `https://`.
    pub url: String,
    /// Audiences.
    pub client_ids: Vec<String>,
    /// Tags, ownership marks among them.
    pub tags: BTreeMap<String, String>,
}

/// A cluster's authentication mode, where the fleet file lets the plan change it. EKS never takes that back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationMode {
    /// Which cluster's.
    pub cluster: ClusterArn,
    /// `API_AND_CONFIG_MAP`; a cluster whose mode is `API` is further already.
    pub mode: String,
}

/// An access entry: which IAM role is which Kubernetes groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessEntry {
    /// On which cluster.
    pub cluster: ClusterArn,
    /// Whose.
    pub principal: RoleArn,
    /// Explicit Kubernetes groups, never `system:`.
    pub groups: Vec<String>,
    /// Tags, ownership marks among them.
    pub tags: BTreeMap<String, String>,
}

/// Which role the pods of a service account get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodIdentityAssociation {
    /// On which cluster.
    pub cluster: ClusterArn,
    /// The service account's namespace.
    pub namespace: String,
    /// The service account.
    pub service_account: String,
    /// The role, in the cluster's account.
    pub role: RoleArn,
    /// Tags, ownership marks among them.
    pub tags: BTreeMap<String, String>,
}

/// A Kubernetes object, or the part of one that Oarlock cares for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubernetesObject {
    /// For example `rbac.authorization.k8s.io/v1`.
    pub api_version: String,
    /// For example `ClusterRole`.
    pub kind: String,
    /// Absent for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The whole manifest, apiVersion and kind first.
    #[schemars(with = "Value")]
    pub body: Body,
    /// Whether Oarlock owns the object or only the fields that `body` names.
    pub ownership: Ownership,
}

/// How much of an object is Oarlock's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ownership {
    /// All of it.
    Whole,
    /// The fields that are written; the object and the rest of it belong to somebody else.
    Fields,
}

/// A rollout restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    /// On which cluster.
    pub cluster: ClusterArn,
    /// In which namespace.
    pub namespace: String,
    /// `statefulset/argocd-application-controller`, `deployment/argocd-server`.
    pub workloads: Vec<String>,
}

impl DesiredObject {
    /// The object's name in the fleet.
    pub fn id(&self) -> ObjectId {
        let (kind, name) = match &self.object {
            Object::IamRole(role) => ("iam role".to_owned(), role.arn.name.clone()),
            Object::OidcProvider(provider) => (OIDC_PROVIDER.to_owned(), provider.url.clone()),
            Object::AuthenticationMode(wanted) => (AUTHENTICATION_MODE.to_owned(), wanted.mode.clone()),
            Object::AccessEntry(entry) => ("access entry".to_owned(), entry.principal.to_string()),
            Object::PodIdentityAssociation(association) => (
                "pod identity association".to_owned(),
                format!("{}/{}", association.namespace, association.service_account),
            ),
            Object::Kubernetes(object) => (object.kind.clone(), object.qualified_name()),
            Object::Restart(restart) => ("restart".to_owned(), restart.workloads.join(", ")),
        };
        ObjectId { location: self.location.clone(), kind, name }
    }
}

impl KubernetesObject {
    /// `namespace/name`, or the name alone for cluster-scoped objects.
    pub fn qualified_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account {id}"),
            Self::Eks(arn) | Self::Cluster(arn) => write!(f, "{}", arn.name),
        }
    }
}
