//! Documents that people wrote, in any of the shapes that IAM takes.

mod elements;
mod principals;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{
    Document, Kind, Reason, Statement, Version,
    json::Node,
    place::{Path, Trail},
    print::VERSION,
    problem::PolicyProblem,
};

/// A document as far as it could be read, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What it says. Elements that can't be read are left out.
    pub document: Document,
    /// What is wrong, statement by statement.
    pub problems: Vec<PolicyProblem>,
    /// The number that each of its statements has in the text, from 0: those that can't be read have one, too.
    pub(crate) numbers: Vec<usize>,
}

/// Why a document can't be used: what AWS would refuse it for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an IAM policy document: {0}")]
pub struct DocumentError(pub PolicyProblem);

/// A document of somebody's account: typed if it can be, else as it stands, so that it can be shown and compared.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyDocument {
    /// AWS would take it.
    Legal(Document),
    /// AWS would not.
    Raw {
        /// As read.
        json: Value,
        /// Why.
        because: DocumentError,
    },
}

impl Parsed {
    /// Reads a document from its text. Text in percent signs, as IAM's API returns it, must be decoded first.
    pub fn of_text(text: &str, kind: Kind) -> Self {
        match serde_json::from_str::<Node<'_>>(text) {
            Ok(node) => Self::of_node(&node, kind),
            Err(error) => Self {
                document: Document::default(),
                problems: vec![PolicyProblem::new(&Path::root(), Reason::NotJson(error.to_string()))],
                numbers: Vec::new(),
            },
        }
    }

    /// Reads a document from JSON that was read already.
    pub fn of_json(json: &Value, kind: Kind) -> Self {
        Self::of_node(&Node::of(json), kind)
    }

    fn of_node(node: &Node<'_>, kind: Kind) -> Self {
        let mut reader = Reader { kind, version: Version::V2008, problems: Vec::new() };
        let (document, numbers) = reader.document(node);
        Self { document, problems: reader.problems, numbers }
    }

    /// The document, if AWS would take it.
    ///
    /// # Errors
    /// With the first problem for which AWS would not.
    pub fn legal(self) -> Result<Document, DocumentError> {
        match self.problems.into_iter().find(|problem| problem.reason.is_refused()) {
            None => Ok(self.document),
            Some(problem) => Err(DocumentError(problem)),
        }
    }
}

impl AnyDocument {
    /// Takes a document as it comes.
    pub fn of(json: Value, kind: Kind) -> Self {
        match Parsed::of_json(&json, kind).legal() {
            Ok(document) => Self::Legal(document),
            Err(because) => Self::Raw { json, because },
        }
    }

    /// The JSON to show.
    pub fn to_json(&self) -> Cow<'_, Value> {
        match self {
            Self::Legal(document) => Cow::Owned(document.to_json()),
            Self::Raw { json, .. } => Cow::Borrowed(json),
        }
    }

    /// Whether it says the same as a document of ours.
    pub fn is_same_as(&self, document: &Document) -> bool {
        matches!(self, Self::Legal(own) if own.is_same_as(document))
    }
}

impl Kind {
    /// What a document must be attached to, by its first statement: one with principals to a resource, or, without resources,
    /// to a role.
    pub fn of(json: &Value) -> Self {
        let statements = json.get("Statement");
        let first = statements.and_then(|statements| statements.get(0)).or(statements);
        let has = |element: &str| first.is_some_and(|statement| statement.get(element).is_some());
        match (has("Principal") || has("NotPrincipal"), has("Resource") || has("NotResource")) {
            (false, _) => Self::Identity,
            (true, true) => Self::Resource,
            (true, false) => Self::Trust,
        }
    }
}

/// Reads documents that Oarlock wrote, or others that are like them.
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Parsed::of_json(&json, Kind::of(&json)).legal().map_err(serde::de::Error::custom)
    }
}

/// Reads one document, and notes what is wrong.
struct Reader {
    kind: Kind,
    version: Version,
    problems: Vec<PolicyProblem>,
}

/// The fields of an object, each at most once.
type Fields<'n, 'a> = Vec<(&'n str, &'n Node<'a>)>;

impl Reader {
    fn note(&mut self, path: &Trail<'_>, reason: Reason) {
        self.problems.push(PolicyProblem::new(&path.to_path(), reason));
    }

    /// And the numbers of its statements.
    fn document(&mut self, node: &Node<'_>) -> (Document, Vec<usize>) {
        let root = Trail::root();
        let Some(fields) = self.fields(node, &root, &["Version", "Id", "Statement"]) else {
            return Default::default();
        };
        if let Some(version) = field(&fields, "Version") {
            self.version = self.version(version, &root.key("Version"));
        }
        let id = field(&fields, "Id").and_then(|id| self.text(id, &root.key("Id")));
        let path = root.key("Statement");
        let written = match field(&fields, "Statement") {
            Some(Node::List(statements)) => {
                if statements.is_empty() {
                    self.note(&path, Reason::Empty);
                }
                statements.as_slice()
            }
            Some(one) => std::slice::from_ref(one),
            None => {
                self.note(&root, Reason::Missing("Statement"));
                &[]
            }
        };
        let read = written.iter().enumerate();
        let read =
            read.filter_map(|(number, node)| Some((number, self.statement(node, &path.index(number))?)));
        let (numbers, statements): (Vec<usize>, Vec<Statement>) = read.unzip();
        self.note_repeated_sids(&statements, &numbers);
        (Document { version: self.version, id, statements }, numbers)
    }

    fn version(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Version {
        match self.text(node, path).as_deref() {
            Some(VERSION) => Version::V2012,
            Some("2008-10-17") | None => Version::V2008,
            Some(other) => {
                self.note(path, Reason::UnknownVersion(other.to_owned()));
                Version::V2008
            }
        }
    }

    fn note_repeated_sids(&mut self, statements: &[Statement], numbers: &[usize]) {
        for (at, (statement, number)) in statements.iter().zip(numbers).enumerate() {
            let mut earlier = statements.iter().take(at);
            if !statement.sid.is_empty() && earlier.any(|earlier| earlier.sid == statement.sid) {
                self.note(
                    &Trail::root().key("Statement").index(*number).key("Sid"),
                    Reason::RepeatedSid(statement.sid.clone()),
                );
            }
        }
    }

    /// The fields of an object; those that it may not have, or has twice, are noted.
    fn fields<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        path: &Trail<'_>,
        known: &[&str],
    ) -> Option<Fields<'n, 'a>> {
        let Node::Object(all) = node else {
            self.note(path, Reason::Shape { wanted: "an object", found: node.kind() });
            return None;
        };
        let mut fields: Fields<'n, 'a> = Vec::new();
        for (key, value) in all {
            if !known.contains(&&**key) {
                self.note(&path.key(key), Reason::UnknownElement(key.to_string()));
            } else if fields.iter().any(|(other, _)| *other == &**key) {
                self.note(&path.key(key), Reason::Repeated(key.to_string()));
            } else {
                fields.push((key, value));
            }
        }
        Some(fields)
    }

    fn text(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Option<String> {
        match node {
            Node::Text(text) => Some(text.to_string()),
            other => {
                self.note(path, Reason::Shape { wanted: "a string", found: other.kind() });
                None
            }
        }
    }
}

fn field<'n, 'a>(fields: &Fields<'n, 'a>, name: &str) -> Option<&'n Node<'a>> {
    fields.iter().find(|(key, _)| *key == name).map(|(_, node)| *node)
}
