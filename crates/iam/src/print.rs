//! The JSON of documents, in the order in which AWS's own examples write it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::{Map, Value, json};

use crate::{Document, Principals, Statement};

/// The only version in which policy variables work (IAM User Guide, "IAM JSON policy elements: Version").
pub(crate) const VERSION: &str = "2012-10-17";

impl Document {
    /// The document as JSON: single values as text, several as a sorted list.
    pub fn to_json(&self) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(Statement::to_json).collect();
        json!({"Version": VERSION, "Statement": statements})
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self.to_json();
        let fields = json.as_object().ok_or_else(|| S::Error::custom("a document is an object"))?;
        let mut map = serializer.serialize_map(Some(fields.len()))?;
        for (key, value) in fields {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Statement {
    fn to_json(&self) -> Value {
        let mut json = Map::new();
        let mut put = |key: &str, value: Value| drop(json.insert(key.to_owned(), value));
        if !self.sid.is_empty() {
            put("Sid", json!(self.sid));
        }
        put("Effect", json!(self.effect));
        if let Some(principals) = &self.principals {
            put("Principal", principals.to_json());
        }
        put("Action", one_or_many(&self.actions));
        if !self.resources.is_empty() {
            put("Resource", one_or_many(&self.resources));
        }
        if !self.conditions.is_empty() {
            put("Condition", conditions(&self.conditions));
        }
        Value::Object(json)
    }
}

impl Principals {
    fn to_json(&self) -> Value {
        match self {
            Self::Aws(arns) => json!({"AWS": one_or_many(arns)}),
            Self::Service(service) => json!({"Service": service}),
            Self::Federated(provider) => json!({"Federated": provider}),
        }
    }
}

fn conditions(conditions: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>) -> Value {
    let keys = |keys: &BTreeMap<String, BTreeSet<String>>| -> Map<String, Value> {
        keys.iter().map(|(key, values)| (key.clone(), one_or_many(values))).collect()
    };
    Value::Object(
        conditions.iter().map(|(operator, of)| (operator.clone(), Value::Object(keys(of)))).collect(),
    )
}

fn one_or_many(values: &BTreeSet<String>) -> Value {
    match (values.len(), values.first()) {
        (1, Some(one)) => json!(one),
        _ => json!(values),
    }
}
