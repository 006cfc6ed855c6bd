//! JSON Schemas of the facts that are written as text.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{AccountId, Arn, ClusterArn, Place, RoleArn};

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
