//! Documents as the JSON that IAM stores.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

use crate::{Document, Effect, Principals, Statement};

/// The only version that Oarlock writes (IAM User Guide, "IAM JSON policy elements: Version").
const VERSION: &str = "2012-10-17";

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("Version", VERSION)?;
        map.serialize_entry("Statement", &self.statements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.sid.is_empty() {
            map.serialize_entry("Sid", &self.sid)?;
        }
        map.serialize_entry("Effect", &self.effect)?;
        if let Some(principals) = &self.principals {
            map.serialize_entry("Principal", principals)?;
        }
        map.serialize_entry("Action", &OneOrMany(&self.actions))?;
        if !self.resources.is_empty() {
            map.serialize_entry("Resource", &OneOrMany(&self.resources))?;
        }
        if !self.conditions.is_empty() {
            let conditions: BTreeMap<_, BTreeMap<_, _>> = self
                .conditions
                .iter()
                .map(|(operator, keys)| (operator, keys.iter().map(|(key, v)| (key, OneOrMany(v))).collect()))
                .collect();
            map.serialize_entry("Condition", &conditions)?;
        }
        map.end()
    }
}

impl Serialize for Principals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Aws(arns) => map.serialize_entry("AWS", &OneOrMany(arns))?,
            Self::Service(service) => map.serialize_entry("Service", service)?,
            Self::Federated(provider) => map.serialize_entry("Federated", provider)?,
        }
        map.end()
    }
}

/// A list of one is written as the one, as IAM itself shows it.
struct OneOrMany<'a>(&'a BTreeSet<String>);

impl Serialize for OneOrMany<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.len(), self.0.first()) {
            (1, Some(one)) => serializer.serialize_str(one),
            _ => serializer.collect_seq(self.0),
        }
    }
}

/// Reads back what [`Document`] prints. People's own documents have more shapes than Oarlock writes.
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let printed = Printed::deserialize(deserializer)?;
        if printed.version != VERSION {
            return Err(serde::de::Error::custom(format!("`{}` is no version of ours", printed.version)));
        }
        Ok(Self { statements: printed.statement.into_iter().map(PrintedStatement::into).collect() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Printed {
    version: String,
    statement: Vec<PrintedStatement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PrintedStatement {
    #[serde(default)]
    sid: String,
    effect: Effect,
    principal: Option<PrintedPrincipals>,
    action: Words,
    #[serde(default)]
    resource: Words,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, Words>>,
}

#[derive(Deserialize)]
enum PrintedPrincipals {
    #[serde(rename = "AWS")]
    Aws(Words),
    Service(String),
    Federated(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(BTreeSet<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(BTreeSet::new())
    }
}

impl From<Words> for BTreeSet<String> {
    fn from(words: Words) -> Self {
        match words {
            Words::One(word) => [word].into(),
            Words::Many(words) => words,
        }
    }
}

impl From<PrintedStatement> for Statement {
    fn from(printed: PrintedStatement) -> Self {
        let keys = |keys: BTreeMap<String, Words>| keys.into_iter().map(|(key, v)| (key, v.into())).collect();
        Self {
            sid: printed.sid,
            effect: printed.effect,
            principals: printed.principal.map(|principal| match principal {
                PrintedPrincipals::Aws(arns) => Principals::Aws(arns.into()),
                PrintedPrincipals::Service(service) => Principals::Service(service),
                PrintedPrincipals::Federated(provider) => Principals::Federated(provider),
            }),
            actions: printed.action.into(),
            resources: printed.resource.into(),
            conditions: printed.condition.into_iter().map(|(operator, k)| (operator, keys(k))).collect(),
        }
    }
}
