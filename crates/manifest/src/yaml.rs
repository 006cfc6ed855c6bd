//! The one place where YAML and JSON text become typed values.

use std::sync::Arc;

use facts::{Place, Problem};
use serde::de::DeserializeOwned;

/// Parses a whole single-document file (YAML or JSON) into a type.
///
/// # Errors
/// Names line and column; for an unknown field it names the nearest that exists.
pub fn parse<T: DeserializeOwned>(file: &Arc<str>, bytes: &[u8]) -> Result<T, Problem> {
    let _ = bytes;
    Err(Problem::new(Place::file(Arc::clone(file)), "not implemented yet"))
}

/// The candidate that somebody most probably meant, if any is near enough to be worth naming.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let _ = word;
    candidates.into_iter().next()
}
