//! What those who came to a cluster hold together, and what that opens.

use std::sync::{Arc, OnceLock};

use rbac::{
    Permission, PermissionSet,
    reach::{Opening, openings},
};

use super::{
    holding::Holding,
    web_identity::{self, Whose},
};

/// Permissions of several.
#[derive(Debug, Default)]
pub(super) struct Together {
    permissions: Arc<PermissionSet>,
    minor: Option<u32>,
    opened: OnceLock<Vec<Opened>>,
}

/// An entry of the catalogue that they open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) opening: Opening,
    /// The permission that opens it, in words.
    pub(super) by: String,
    /// Where all that it takes comes together.
    pub(super) places: Vec<There>,
}

/// A scope in which an entry is open.
#[derive(Debug)]
pub(super) struct There {
    pub(super) permission: Permission,
    /// Whose tokens for STS it gives, if any.
    pub(super) tokens: Option<Whose>,
}

impl Together {
    pub(super) fn of(permissions: Arc<PermissionSet>, minor: Option<u32>) -> Self {
        Self { permissions, minor, opened: OnceLock::new() }
    }

    /// Whether somebody holds what none of them does.
    pub(super) fn is_widened_by(&self, held: &Holding) -> bool {
        held.permissions.iter().any(|permission| !self.permissions.contains(&permission))
    }

    /// Their permissions and somebody else's.
    pub(super) fn with(&self, held: &Holding) -> Arc<PermissionSet> {
        if self.permissions.is_empty() {
            return Arc::clone(&held.permissions);
        }
        Arc::new(self.permissions.union(&held.permissions))
    }

    /// What they open.
    pub(super) fn opened(&self) -> &[Opened] {
        self.opened.get_or_init(|| {
            let opened = |opening: Opening| {
                let there = |permission: Permission| There {
                    tokens: web_identity::opened(&self.permissions, &opening, &permission),
                    permission,
                };
                let places = opening.where_complete().into_iter().map(there).collect();
                Opened { places, by: opening.by.to_string(), opening }
            };
            openings(&self.permissions, self.minor).into_iter().map(opened).collect()
        })
    }
}
