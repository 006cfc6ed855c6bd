//! Values that remember where they stand in the file.

use std::{borrow::Cow, sync::Arc};

use facts::Place;
use manifest::Located;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// A value and where it stands; its schema is that of the value.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct At<T>(Located<T>);

impl<T> At<T> {
    /// The value.
    pub(crate) fn get(&self) -> &T {
        &self.0.value
    }

    /// Where it stands.
    pub(crate) fn place(&self, file: &Arc<str>) -> Place {
        self.0.place(file)
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
