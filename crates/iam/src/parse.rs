//! Documents that people wrote, in any of the shapes that IAM takes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{Document, Effect, Principals, Statement, print::VERSION};

/// Why a document is none, or is one with an element that [`Document`] doesn't have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not a policy at all.
    #[error("not an IAM policy document: {0}")]
    Malformed(String),
    /// A legal policy that says something for which there is no type yet.
    #[error("not modelled: {0}")]
    NotModelled(String),
}

/// A document of somebody's account: typed if it can be, else as it stands, so that it can be shown and compared.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyDocument {
    /// Every element of it is known.
    Modelled(Document),
    /// Not every element is.
    Raw {
        /// As read.
        json: Value,
        /// What isn't known.
        because: DocumentError,
    },
}

impl AnyDocument {
    /// Takes a document as it comes.
    pub fn of(json: Value) -> Self {
        match Document::from_json(&json) {
            Ok(document) => Self::Modelled(document),
            Err(because) => Self::Raw { json, because },
        }
    }

    /// The JSON to show.
    pub fn to_json(&self) -> Cow<'_, Value> {
        match self {
            Self::Modelled(document) => Cow::Owned(document.to_json()),
            Self::Raw { json, .. } => Cow::Borrowed(json),
        }
    }

    /// Whether it says the same as a document of ours. One that isn't modelled never does: ours have no such elements.
    pub fn is_same_as(&self, document: &Document) -> bool {
        matches!(self, Self::Modelled(own) if own.is_same_as(document))
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Document {
    /// Reads a document from the JSON text of it. Text in percent signs, as IAM's API returns it, must be decoded first.
    ///
    /// # Errors
    /// See [`Document::from_json`].
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let json = serde_json::from_str(text).map_err(|error| DocumentError::Malformed(error.to_string()))?;
        Self::from_json(&json)
    }

    /// Reads a document in any of the shapes that IAM takes: one statement or a list, one value or a list, `"*"` for
    /// `{"AWS": "*"}`, numbers and booleans among the values of conditions.
    ///
    /// # Errors
    /// If it is no policy document, or one with `NotAction`, `NotResource`, `NotPrincipal`, principals of several kinds
    /// or version 2008-10-17, in which variables are plain text.
    pub fn from_json(json: &Value) -> Result<Self, DocumentError> {
        let root = object(json, "the document")?;
        known(root, &["Version", "Id", "Statement"])?;
        let version = root.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17");
        if version != VERSION && json.to_string().contains("${") {
            return Err(DocumentError::NotModelled(format!("variables in version {version}")));
        }
        let statements = match root.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().map(statement).collect::<Result<_, _>>()?,
            Some(one) => vec![statement(one)?],
            None => return Err(DocumentError::Malformed("it has no `Statement`".to_owned())),
        };
        Ok(Self { statements })
    }
}

fn statement(json: &Value) -> Result<Statement, DocumentError> {
    let fields = object(json, "a statement")?;
    for element in ["NotAction", "NotResource", "NotPrincipal"] {
        if fields.contains_key(element) {
            return Err(DocumentError::NotModelled(format!("`{element}`")));
        }
    }
    known(fields, &["Sid", "Effect", "Principal", "Action", "Resource", "Condition"])?;
    let effect = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(DocumentError::Malformed("`Effect` is neither `Allow` nor `Deny`".to_owned())),
    };
    Ok(Statement {
        sid: fields.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
        effect,
        principals: fields.get("Principal").map(principals).transpose()?,
        actions: texts(fields.get("Action"), "Action")?,
        resources: texts(fields.get("Resource"), "Resource")?,
        conditions: fields.get("Condition").map_or_else(|| Ok(BTreeMap::new()), conditions)?,
    })
}

fn principals(json: &Value) -> Result<Principals, DocumentError> {
    if json.as_str() == Some("*") {
        return Ok(Principals::Aws(BTreeSet::from(["*".to_owned()])));
    }
    let fields = object(json, "`Principal`")?;
    let mut kinds = fields.iter();
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err(DocumentError::NotModelled("principals of several kinds in one statement".to_owned()));
    };
    let values = texts(Some(value), kind)?;
    match (kind.as_str(), values.len(), values.first()) {
        ("AWS", _, _) => Ok(Principals::Aws(values)),
        ("Service", 1, Some(service)) => Ok(Principals::Service(service.clone())),
        ("Federated", 1, Some(provider)) => Ok(Principals::Federated(provider.clone())),
        _ => Err(DocumentError::NotModelled(format!("`Principal` with {} values of `{kind}`", values.len()))),
    }
}

fn conditions(json: &Value) -> Result<BTreeMap<String, BTreeMap<String, BTreeSet<String>>>, DocumentError> {
    let mut conditions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (operator, keys) in object(json, "`Condition`")? {
        let entry = conditions.entry(operator.clone()).or_default();
        for (key, values) in object(keys, operator)? {
            entry.insert(key.clone(), texts(Some(values), key)?);
        }
    }
    Ok(conditions)
}

fn texts(json: Option<&Value>, what: &str) -> Result<BTreeSet<String>, DocumentError> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(DocumentError::Malformed(format!("a value of `{what}` is not text"))),
    };
    match json {
        None => Ok(BTreeSet::new()),
        Some(Value::Array(values)) => values.iter().map(text).collect(),
        Some(one) => Ok(BTreeSet::from([text(one)?])),
    }
}

fn object<'v>(json: &'v Value, what: &str) -> Result<&'v Map<String, Value>, DocumentError> {
    json.as_object().ok_or_else(|| DocumentError::Malformed(format!("{what} is not an object")))
}

fn known(fields: &Map<String, Value>, names: &[&str]) -> Result<(), DocumentError> {
    match fields.keys().find(|key| !names.contains(&key.as_str())) {
        Some(unknown) => Err(DocumentError::NotModelled(format!("`{unknown}`"))),
        None => Ok(()),
    }
}
