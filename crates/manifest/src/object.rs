//! Objects and where they stand.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Place, Problem};
use serde::de::DeserializeOwned;

/// The part of `metadata` that Oarlock looks at in every object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `metadata.name`; absent with `generateName`.
    pub name: Option<String>,
    /// `metadata.generateName`.
    pub generate_name: Option<String>,
    /// `metadata.namespace`, if the object claims one.
    pub namespace: Option<String>,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// One Kubernetes object of a file; the items of a `List` come one by one, never the list itself.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    /// `apiVersion` as written, for example `apps/v1`.
    pub api_version: String,
    /// `kind` as written.
    pub kind: String,
    /// What is known of its `metadata`.
    pub metadata: Metadata,
    /// Where the object begins.
    pub place: Place,
    body: std::marker::PhantomData<&'a ()>,
}

impl Object<'_> {
    /// The API group: empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The API version without its group.
    pub fn version(&self) -> &str {
        self.api_version.rsplit_once('/').map_or(&*self.api_version, |(_, version)| version)
    }

    /// Parses the whole object once more, into a type.
    ///
    /// # Errors
    /// Where the object doesn't have the type's shape, with the place of the offending value.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Err(Problem::new(self.place.clone(), "not implemented yet"))
    }
}

/// Reads all objects of one file, in the order in which they stand.
///
/// `each` sees every object as soon as it is read, and every problem: an object without `kind` is a problem,
/// an empty document is nothing. A document that is not YAML is one problem, and reading goes on after it.
pub fn read<'a>(file: &Arc<str>, bytes: &'a [u8], each: &mut dyn FnMut(Result<Object<'a>, Problem>)) {
    let _ = (file, bytes, each);
}
