//! JSON Schemas: of what is written as JSON, and of the facts that are text in it.

use std::borrow::Cow;

use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema, transform::RecursiveTransform,
};
use serde_json::Value;

use crate::{AccountId, Arn, ClusterArn, Place, RoleArn};

/// The JSON Schema (draft 2020-12) of a type as it is written: a field that is left out when empty isn't required, and
/// is never null.
pub fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.with_transform(RecursiveTransform(never_null)).into_generator().into_root_schema_for::<T>()
}

/// schemars lets every `Option` be null, the ones that `skip_serializing_if` leaves out, too.
fn never_null(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (_, property) in properties.iter_mut().filter(|(name, _)| !is_required(name)) {
        let Value::Object(property) = property else { continue };
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|one| one != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                property.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = property.get_mut("anyOf") {
            choices.retain(|one| one.get("type").is_none_or(|one| one != "null"));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                property.remove("anyOf");
                property.extend(only);
            }
        }
    }
}

macro_rules! text {
    ($($name:ident: $pattern:literal, $description:literal;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "description": $description, "type": "string", "pattern": $pattern })
            }
        }
    )*};
}

// The patterns say how such texts look, `FromStr` alone decides: a partition that AWS adds later fits them, too.
text! {
    AccountId: "^[0-9]{12}$",
        "The id of an AWS account, twelve digits. Always text: it may start with a zero.";
    Arn: "^arn:aws(-[a-z]+)*:[^:]+:[^:]*:[^:]*:.+$",
        "An Amazon Resource Name.";
    ClusterArn: "^arn:aws(-[a-z]+)*:eks:[^:]+:[0-9]{12}:cluster/[0-9A-Za-z][0-9A-Za-z_-]{0,99}$",
        "The ARN of an EKS cluster.";
    RoleArn: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/(.*/)?[^/]+$",
        "The ARN of an IAM role, its path included.";
    Place: "^(.|\\n)+$",
        "A place in a file that somebody wrote, `file:line:column`, both counted from 1. Without a column the whole line is meant, without a line the whole file. The file is named as it was given, `-` for standard input.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gap;

    #[test]
    fn what_is_left_out_is_never_null() {
        let schema = schema_of::<Gap>();
        assert_eq!(schema.get("required"), Some(&serde_json::json!(["what", "cause"])));
        assert_eq!(schema.pointer("/properties/fill/type"), Some(&serde_json::json!("string")));
    }
}
