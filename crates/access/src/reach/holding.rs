//! What somebody holds on a cluster, and what of that counts.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use facts::Gap;
use rbac::{Held, Permission, PermissionSet, Scope};

use super::footprint::{self, Footprint};

/// Stands for what somebody holds by a cluster's RBAC, or by that of another one with the same.
pub(super) type Number = usize;

/// What somebody holds.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) permissions: Arc<PermissionSet>,
    /// Why it may be more.
    pub(super) unknown: Vec<Gap>,
    pub(super) is_everything: bool,
    /// None where nobody else holds the same.
    pub(super) number: Option<Number>,
    mark: OnceLock<Mark>,
}

/// What permissions come to.
#[derive(Debug, Default)]
pub(super) struct Mark {
    /// Whether it is more than everybody has who is somebody.
    pub(super) is_somebody: bool,
    /// Where anything may be done.
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) footprint: Footprint,
}

impl Holding {
    pub(super) fn of(Held { permissions, unknown }: Held) -> Self {
        let is_everything = permissions.is_everything();
        let (permissions, mark) = (Arc::new(permissions), OnceLock::new());
        Self { permissions, unknown, is_everything, number: None, mark }
    }

    pub(super) fn numbered(self, number: Number) -> Self {
        Self { number: Some(number), ..self }
    }

    /// What it comes to.
    pub(super) fn mark(&self) -> &Mark {
        self.mark.get_or_init(|| {
            let mut mark = Mark::default();
            for permission in self.permissions.iter() {
                if says_something(&permission) {
                    mark.is_somebody = true;
                    footprint::insert(&mut mark.scopes, permission.scope());
                }
                mark.footprint.add(&permission);
            }
            mark
        })
    }
}

/// Whether it is more than everybody has who is somebody: paths that tell the version, and questions about oneself (kubernetes,
/// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, `system:basic-user` and `system:discovery`).
fn says_something(permission: &Permission) -> bool {
    match permission {
        Permission::NonResource { .. } => false,
        Permission::Resource { group, resource, .. } => {
            let about_oneself = resource.starts_with("selfsubject");
            !(about_oneself && ["authorization.k8s.io", "authentication.k8s.io"].contains(&&**group))
        }
    }
}
