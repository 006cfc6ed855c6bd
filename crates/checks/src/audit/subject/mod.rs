//! What checks look at: policies, access entries, Kubernetes objects and commands, wherever they stand.

mod alike;
mod argocd;
mod eks;
mod lints;
mod object;
mod policy;
mod rbac;
mod scene;
mod whole;

pub(crate) use alike::surroundings;
pub(crate) use argocd::ClusterSecretSubject;
pub(crate) use eks::Associated;
pub(crate) use lints::Lints;
pub(crate) use object::Object;
pub(crate) use policy::{Policy, PolicyKind, Statement, glob, glob_exactly, place};
pub(crate) use rbac::RoleSubject;
pub(crate) use scene::{Of, Scene};
pub(crate) use whole::Whole;
