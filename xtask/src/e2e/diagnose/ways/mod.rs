//! The ways, by what is broken.

mod argocd;
mod assume;
mod identity;
mod pod;
mod rules;

use super::way::Way;

/// All of them, in the order of the report.
pub(super) const FAMILIES: &[&[Way]] =
    &[rules::WAYS, identity::WAYS, assume::WAYS, pod::WAYS, argocd::SECRETS, argocd::PROJECTS];
