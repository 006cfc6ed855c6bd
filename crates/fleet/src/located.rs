//! Values that remember where they stand in the file.

use std::{borrow::Cow, sync::Arc};

use facts::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// A value and where it stands; its schema is that of the value.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct At<T>(serde_saphyr::Spanned<T>);

impl<T> At<T> {
    /// The value.
    pub(crate) fn get(&self) -> &T {
        &self.0.value
    }

    /// Where it stands.
    pub(crate) fn place(&self, file: &Arc<str>) -> Place {
        let narrow = |n: u64| u32::try_from(n).unwrap_or(0);
        let location = self.0.referenced;
        Place::new(Arc::clone(file), narrow(location.line()), narrow(location.column()))
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
