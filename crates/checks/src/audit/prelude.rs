//! What nearly every check uses.

pub(crate) use facts::Severity;
pub(crate) use thiserror::Error;

pub(crate) use super::{
    check::{Facts, Sink, about},
    source::Node,
    subject::{RoleSubject, Scene, Statement},
};
