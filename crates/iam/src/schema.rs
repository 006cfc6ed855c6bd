//! The JSON Schema of documents, as [`Document`] prints them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Document, print::VERSION};

impl JsonSchema for Document {
    fn schema_name() -> Cow<'static, str> {
        "PolicyDocument".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Document").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An IAM policy document, in the shape that IAM stores.",
            "type": "object",
            "properties": {
                "Version": { "type": "string", "const": VERSION },
                "Statement": { "type": "array", "items": statement() },
            },
            "required": ["Version", "Statement"],
        })
    }
}

fn statement() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "Sid": { "description": "Its name within the document.", "type": "string" },
            "Effect": { "type": "string", "enum": ["Allow", "Deny"] },
            "Principal": {
                "description": "Only in trust policies: one of `AWS`, `Service` and `Federated`.",
                "type": "object",
                "properties": {
                    "AWS": one_or_many("ARNs of IAM principals."),
                    "Service": { "description": "An AWS service.", "type": "string" },
                    "Federated": { "description": "An identity provider, by its ARN.", "type": "string" },
                },
            },
            "Action": one_or_many("For example `sts:AssumeRole`."),
            "Resource": one_or_many("ARNs, perhaps with wildcards; absent in trust policies."),
            "Condition": {
                "description": "Operator, then key, then the values.",
                "type": "object",
                "additionalProperties": { "type": "object", "additionalProperties": one_or_many("Values.") },
            },
        },
        "required": ["Effect", "Action"],
    })
}

/// A single value stands alone, several as a sorted list.
fn one_or_many(description: &str) -> Schema {
    json_schema!({
        "description": description,
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
    })
}
