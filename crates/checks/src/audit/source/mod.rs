//! What people keep in files, as far as checks look at it.

mod document;
mod json;
mod markdown;
mod node;
mod shell;
mod unfold;

pub(crate) use document::{Document, Text, read};
pub(crate) use node::{Content, Key, Node, Spot};
pub(crate) use shell::Command;
