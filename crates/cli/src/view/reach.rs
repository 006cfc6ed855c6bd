//! What somebody reaches: for people, for programs, and as a graph.

pub(crate) mod dot;
pub(crate) mod graph;
pub(crate) mod json;
pub(crate) mod mermaid;
pub(crate) mod svg;
pub(crate) mod table;
