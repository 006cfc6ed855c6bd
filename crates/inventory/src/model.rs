//! An inventory, parsed: what is known of accounts and clusters, and what isn't.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, ClusterArn, Gap, Place, Problem, RoleArn};
use manifest::Object;
use rbac::{Binding, Role};
use serde_json::Value;

use crate::{Body, Discovery, IamGroup, IamUser, Organization, RolePlaces};

/// A date that only AWS will know: of something that a plan makes. It is later than any date that was read, and equal to itself.
pub const AFTER_APPLY: &str = "after apply";

/// What is known, or why it isn't. A gap is never an absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It was read; an empty collection is an absence.
    Known(T),
    /// It wasn't.
    Gap(Gap),
}

impl<T> Known<T> {
    /// What is known, or nothing.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Gap(_) => None,
        }
    }

    /// The same, to change it.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Gap(_) => None,
        }
    }

    /// Why it isn't known.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Gap(gap) => Some(gap),
        }
    }
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Accounts by id.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The organisation that the accounts belong to.
    pub organization: Known<Organization>,
    /// Clusters by ARN.
    pub clusters: BTreeMap<ClusterArn, Cluster>,
    /// Causes that whoever collected the inventory wrote down (`gaps.json`).
    pub gaps: Vec<Gap>,
    /// SHA-256 of the files' names and contents, in hexadecimal.
    pub digest: String,
}

impl Inventory {
    /// A cluster's name; with its account and region where another cluster has that name, too.
    pub fn title(&self, arn: &ClusterArn) -> String {
        let alike = self.clusters.keys().filter(|other| other.name == arn.name).count();
        if alike > 1 {
            format!("{} ({}, {})", arn.name, arn.account, arn.region)
        } else {
            arn.name.to_string()
        }
    }
}

/// IAM of one account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Roles by name.
    pub roles: Known<BTreeMap<String, IamRole>>,
    /// Users by name.
    pub users: Known<BTreeMap<String, IamUser>>,
    /// Groups by name, as far as the output has them.
    pub groups: BTreeMap<String, IamGroup>,
    /// Documents of managed policies by ARN, in their default versions: as far as the output has them.
    pub managed_policies: BTreeMap<String, Value>,
    /// Where the statements of these documents stand.
    pub policy_statements: BTreeMap<String, Vec<Place>>,
    /// OIDC providers by issuer URL without `https://`.
    pub oidc_providers: Known<BTreeMap<String, OidcProvider>>,
    /// Secrets of Secrets Manager by ARN, as far as somebody described them: one that is missing here was not read.
    pub secrets: BTreeMap<String, ManagedSecret>,
}

/// A secret of Secrets Manager as `aws secretsmanager describe-secret` shows it: never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedSecret {
    /// The KMS key that encrypts it, as AWS prints it: an ARN, an id or an alias. Absent: the AWS managed key
    /// `aws/secretsmanager` (Secrets Manager API, DescribeSecret).
    pub kms_key: Option<String>,
    /// Where it was read.
    pub place: Place,
}

/// An IAM role as `aws iam get-account-authorization-details` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct IamRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its unique id, `AROA…`.
    pub role_id: Option<String>,
    /// When it was created, as AWS prints it.
    pub create_date: Option<String>,
    /// Its description, where the output has one.
    pub description: Option<String>,
    /// The trust policy, decoded.
    pub trust: Value,
    /// Inline policies by name, decoded.
    pub inline_policies: BTreeMap<String, Value>,
    /// Attached managed policies by ARN; the default version's document where the output has it.
    pub managed_policies: BTreeMap<String, Option<Value>>,
    /// ARN of the permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
    /// Where it stands there, and the statements of its documents.
    pub places: RolePlaces,
}

/// An IAM OIDC provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its ARN.
    pub arn: String,
    /// Audiences; not known from `list-open-id-connect-providers` alone.
    pub client_ids: Known<Vec<String>>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
}

/// One EKS cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// `aws eks describe-cluster`
    pub description: Known<Description>,
    /// Access entries by principal ARN as written.
    pub access_entries: Known<BTreeMap<String, AccessEntry>>,
    /// ARNs of the access policies that EKS has in its region (`aws eks list-access-policies`): their names, never their rules.
    pub access_policies: Known<BTreeSet<String>>,
    /// Pod Identity associations by namespace and service account.
    pub pod_identity_associations: Known<BTreeMap<(String, String), PodIdentityAssociation>>,
    /// EKS capabilities by name.
    pub capabilities: Known<BTreeMap<String, Capability>>,
    /// Its Kubernetes objects.
    pub kubernetes: Kubernetes,
}

/// What `aws eks describe-cluster` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// API server URL.
    pub endpoint: Option<String>,
    /// Base64 of the PEM certificate authority.
    pub certificate_authority: Option<String>,
    /// Kubernetes version, for example `1.34`.
    pub version: Option<String>,
    /// `CONFIG_MAP`, `API_AND_CONFIG_MAP` or `API`.
    pub authentication_mode: Option<String>,
    /// OIDC issuer URL.
    pub oidc_issuer: Option<String>,
    /// Where it was read.
    pub place: Place,
}

/// An access entry with its associated access policies.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessEntry {
    /// IAM principal ARN as written.
    pub principal: String,
    /// `STANDARD`, …
    pub kind: String,
    /// Explicit groups.
    pub groups: Vec<String>,
    /// User name or template.
    pub username: Option<String>,
    /// When it was created, as AWS prints it.
    pub created_at: Option<String>,
    /// Access policies: ARN, and the namespaces of their scope; no namespaces means the cluster.
    pub policies: Known<Vec<(String, Vec<String>)>>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
}

/// A Pod Identity association.
#[derive(Clone, Debug, PartialEq)]
pub struct PodIdentityAssociation {
    /// Its id, `a-…`.
    pub id: String,
    /// Role ARN; not known from `list-pod-identity-associations` alone.
    pub role: Known<RoleArn>,
    /// Target role ARN of a cross-account association.
    pub target_role: Option<RoleArn>,
    /// `disableSessionTags`
    pub session_tags_disabled: bool,
    /// `policy`: what the role's permissions are cut down to. EKS takes it only where session tags are disabled.
    pub session_policy: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
}

/// An EKS capability (EKS API, CapabilitySummary).
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// `ARGOCD`, `ACK` or `KRO`; a cluster has at most one of each.
    pub kind: String,
    /// `ACTIVE`, `DEGRADED`, `CREATING`, …
    pub status: String,
    /// The version that EKS runs, where it says so.
    pub version: Option<String>,
    /// What only `describe-capability` tells.
    pub details: Known<CapabilityDetails>,
    /// Where it was read.
    pub place: Place,
}

/// What `aws eks describe-capability` says beyond the list (EKS API, Capability).
#[derive(Clone, Debug, PartialEq)]
pub struct CapabilityDetails {
    /// The role as which it acts.
    pub role: RoleArn,
    /// For Argo CD: the Kubernetes namespace of its objects.
    pub namespace: Option<String>,
    /// For Argo CD: ARN of the IAM Identity Center instance by which people sign in.
    pub identity_center: Option<String>,
    /// For Argo CD: URL of its server.
    pub server_url: Option<String>,
    /// For Argo CD: `SSO_GROUP <id>` and `SSO_USER <id>` by Argo CD role (`ADMIN`, `EDITOR`, `VIEWER`).
    pub role_mappings: BTreeMap<String, BTreeSet<String>>,
    /// What is wrong with it, in EKS's words.
    pub issues: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
}

/// A cluster's Kubernetes objects, as far as Oarlock looks at them.
#[derive(Clone, Debug, Default)]
pub struct Kubernetes {
    /// Objects by plural resource as kubectl names it (`clusterroles`, `secrets`, `applications`, …).
    /// A resource that is missing here was not read.
    pub objects: BTreeMap<String, Vec<KubernetesObject>>,
    /// Roles and ClusterRoles, parsed.
    pub roles: Vec<Role>,
    /// Bindings, parsed.
    pub bindings: Vec<Binding>,
    /// API discovery; absent when no discovery file was read.
    pub discovery: Option<Discovery>,
    /// What wasn't read, one gap a resource.
    pub gaps: BTreeMap<String, Gap>,
}

/// One Kubernetes object as it is there. Credentials in it have been replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct KubernetesObject {
    /// For example `rbac.authorization.k8s.io/v1`.
    pub api_version: String,
    /// For example `ClusterRole`.
    pub kind: String,
    /// Absent for cluster-scoped objects.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The whole object.
    pub body: Body,
    /// Where it was read.
    pub place: Place,
}

impl KubernetesObject {
    /// Reads it as manifests are read. The text is ours: the place in the person's own file is the object's.
    pub fn read(&self, each: &mut dyn FnMut(Result<Object<'_>, Problem>)) {
        manifest::read(&self.place.file, self.body.as_str().as_bytes(), &mut |read| {
            each(read.map(|mut read| {
                read.place = self.place.clone();
                read
            }));
        });
    }
}

impl Kubernetes {
    /// The objects of one resource, or the gap if it wasn't read.
    ///
    /// # Errors
    /// The gap, with the command that fills it.
    pub fn list(&self, resource: &str) -> Result<&[KubernetesObject], Gap> {
        if let Some(objects) = self.objects.get(resource) {
            return Ok(objects);
        }
        Err(self.gaps.get(resource).cloned().unwrap_or_else(|| {
            Gap::new(format!("the `{resource}` of this cluster"), "not in the inventory")
                .filled_by(crate::kubernetes::command(resource))
        }))
    }

    /// Puts an object into the list of its resource, in the place of the one with its name. A list that wasn't read stays unread.
    ///
    /// # Errors
    /// Where it is a role or binding of another shape; then nothing changes.
    pub fn put(&mut self, resource: &str, object: KubernetesObject) -> Result<(), Problem> {
        let (mut roles, mut bindings) = (Vec::new(), Vec::new());
        let mut result = Ok(());
        let body = object.body.value();
        object.read(&mut |read| {
            let parsed =
                read.and_then(|read| crate::kubernetes::rbac(&read, &body, &mut roles, &mut bindings));
            if parsed.is_err() {
                result = parsed;
            }
        });
        result?;
        if self.objects.contains_key(resource) {
            self.remove(&object.kind, object.namespace.as_deref(), &object.name);
        }
        if let Some(objects) = self.objects.get_mut(resource) {
            objects.push(object);
            self.roles.extend(roles);
            self.bindings.extend(bindings);
        }
        Ok(())
    }

    /// Takes an object out of the list that it is in.
    pub fn remove(&mut self, kind: &str, namespace: Option<&str>, name: &str) {
        let others = |own: (&str, &Option<String>, &str)| own != (kind, &namespace.map(str::to_owned), name);
        for objects in self.objects.values_mut() {
            objects.retain(|own| others((&own.kind, &own.namespace, &own.name)));
        }
        self.roles.retain(|own| others((own.kind(), &own.namespace, &own.name)));
        self.bindings.retain(|own| others((own.kind(), &own.namespace, &own.name)));
    }

    /// One object, if the resource was read and it is there.
    pub fn find(&self, resource: &str, namespace: Option<&str>, name: &str) -> Option<&KubernetesObject> {
        let objects = self.objects.get(resource)?;
        objects.iter().find(|object| object.namespace.as_deref() == namespace && object.name == name)
    }
}
