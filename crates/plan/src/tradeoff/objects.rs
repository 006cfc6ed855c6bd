//! How many objects there are to keep.

use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{DesiredObject, Object};

const RBAC: &str = "rbac.authorization.k8s.io/v1";

/// How many objects of each kind a plan wants, and those in which it wants only some fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// IAM roles, the hub's and the spokes'.
    pub iam_roles: usize,
    /// Policies inside of them; not in the total, since they come and go with their role.
    pub inline_policies: usize,
    /// Customer managed policies.
    pub managed_policies: usize,
    /// IAM OIDC providers.
    pub oidc_providers: usize,
    /// EKS Pod Identity associations.
    pub pod_identity_associations: usize,
    /// EKS access entries.
    pub access_entries: usize,
    /// Roles, ClusterRoles and bindings.
    pub rbac_objects: usize,
    /// Cluster Secrets and other Secrets of Argo CD.
    pub secrets: usize,
    /// Other objects of Kubernetes: AppProjects, settings, service accounts.
    pub other_objects: usize,
    /// All of them but the inline policies.
    pub total: usize,
}

impl Objects {
    pub(super) fn of(objects: &[DesiredObject]) -> Self {
        let mut all = Self::default();
        objects.iter().for_each(|object| all += Self::one(&object.object));
        all
    }

    /// What belongs to IAM and EKS.
    pub fn in_aws(&self) -> usize {
        self.iam_roles
            + self.managed_policies
            + self.oidc_providers
            + self.pod_identity_associations
            + self.access_entries
    }

    fn one(object: &Object) -> Self {
        let mut one = Self::default();
        match object {
            Object::IamRole(role) => {
                one.iam_roles = 1;
                one.inline_policies = role.inline_policies.len();
                one.managed_policies = role.managed_policies.len();
            }
            Object::OidcProvider(_) => one.oidc_providers = 1,
            Object::AccessEntry(_) => one.access_entries = 1,
            Object::PodIdentityAssociation(_) => one.pod_identity_associations = 1,
            Object::Kubernetes(object) if object.api_version == RBAC => one.rbac_objects = 1,
            Object::Kubernetes(object) if object.kind == "Secret" => one.secrets = 1,
            Object::Kubernetes(_) => one.other_objects = 1,
            // Something to do once, nothing to keep.
            Object::AuthenticationMode(_) | Object::Restart(_) => {}
        }
        one.total = one.in_aws() + one.rbac_objects + one.secrets + one.other_objects;
        one
    }
}

impl AddAssign for Objects {
    fn add_assign(&mut self, other: Self) {
        self.iam_roles += other.iam_roles;
        self.inline_policies += other.inline_policies;
        self.managed_policies += other.managed_policies;
        self.oidc_providers += other.oidc_providers;
        self.pod_identity_associations += other.pod_identity_associations;
        self.access_entries += other.access_entries;
        self.rbac_objects += other.rbac_objects;
        self.secrets += other.secrets;
        self.other_objects += other.other_objects;
        self.total += other.total;
    }
}
