//! The JSON of documents, in the order in which AWS's own examples write it.

use std::collections::BTreeMap;

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::{Map, Value, json};

use crate::{Conditions, Document, Element, Principals, Statement, Values, Version};

/// The only version in which policy variables work (IAM User Guide, "IAM JSON policy elements: Version").
pub(crate) const VERSION: &str = "2012-10-17";

impl Document {
    /// The document as JSON: single values as text, several as a sorted list.
    pub fn to_json(&self) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(Statement::to_json).collect();
        let mut json = Map::new();
        json.insert("Version".to_owned(), json!(self.version.as_str()));
        if let Some(id) = &self.id {
            json.insert("Id".to_owned(), json!(id));
        }
        json.insert("Statement".to_owned(), json!(statements));
        Value::Object(json)
    }
}

impl Version {
    /// As documents name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => VERSION,
        }
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
            put(principals.name("Principal", "NotPrincipal"), principals.listed().to_json());
        }
        put(self.actions.name("Action", "NotAction"), one_or_many(self.actions.listed()));
        if let Some(resources) = &self.resources {
            put(resources.name("Resource", "NotResource"), one_or_many(resources.listed()));
        }
        if !self.conditions.is_empty() {
            put("Condition", conditions(&self.conditions));
        }
        Value::Object(json)
    }
}

impl<T> Element<T> {
    fn name(&self, plain: &'static str, inverted: &'static str) -> &'static str {
        match self {
            Self::Only(_) => plain,
            Self::AllBut(_) => inverted,
        }
    }
}

impl Principals {
    fn to_json(&self) -> Value {
        let kinds = [
            ("AWS", &self.aws),
            ("Service", &self.service),
            ("Federated", &self.federated),
            ("CanonicalUser", &self.canonical_user),
        ];
        let used = kinds.into_iter().filter(|(_, values)| !values.is_empty());
        Value::Object(used.map(|(kind, values)| (kind.to_owned(), one_or_many(values))).collect())
    }
}

fn conditions(conditions: &Conditions) -> Value {
    let keys = |keys: &BTreeMap<String, Values>| -> Map<String, Value> {
        keys.iter().map(|(key, values)| (key.clone(), one_or_many(values))).collect()
    };
    Value::Object(
        conditions.iter().map(|(operator, of)| (operator.clone(), Value::Object(keys(of)))).collect(),
    )
}

fn one_or_many(values: &Values) -> Value {
    match (values.len(), values.first()) {
        (1, Some(one)) => json!(one),
        _ => json!(values),
    }
}
