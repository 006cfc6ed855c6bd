//! Kubernetes objects as people write them: YAML streams, `List` kinds and JSON, each with its place.
//!
//! Reading takes two steps, so that a large manifest costs no more than its header: [`read`] parses every
//! document (all of it: a malformed body is an error) but keeps only kind, name, namespace and annotations;
//! [`Object::decode`] parses the few objects whose body matters once more into a type.

mod document;
mod glance;
mod header;
mod items;
mod json;
mod located;
mod nearest;
mod object;
mod problem;
mod yaml;

pub use located::Located;
pub use nearest::nearest;
pub use object::{Metadata, Object, read};
pub use yaml::{parse, parser_options};
