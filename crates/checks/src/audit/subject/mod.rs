//! What checks look at: policies, access entries, Kubernetes objects and commands, wherever they stand.

mod argocd;
mod eks;
mod object;
mod policy;
mod scene;
mod whole;

pub(crate) use argocd::ClusterSecretSubject;
pub(crate) use eks::Associated;
pub(crate) use object::Object;
pub(crate) use policy::{Policy, PolicyKind, Statement, glob, glob_exactly, place};
pub(crate) use scene::{Of, Scene};
pub(crate) use whole::Whole;
