//! Objects and where they stand.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Place, Problem};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    document::documents,
    glance::{Glance, glance, is_list},
    header::{Header, Root},
    items::{Item, Items, List},
    json::{self, Cursor},
    located::{after_lines, small},
    problem::Source,
    yaml,
};

/// The part of `metadata` that Oarlock looks at in every object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `metadata.name`; absent with `generateName`.
    pub name: Option<String>,
    /// `metadata.generateName`.
    pub generate_name: Option<String>,
    /// `metadata.namespace`, if the object claims one.
    pub namespace: Option<String>,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// One Kubernetes object of a file; the items of a `List` come one by one, never the list itself.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    /// `apiVersion` as written, for example `apps/v1`.
    pub api_version: String,
    /// `kind` as written.
    pub kind: String,
    /// What is known of its `metadata`.
    pub metadata: Metadata,
    /// Where the object begins.
    pub place: Place,
    body: Body<'a>,
}

/// Where the rest of an object can be read once more.
#[derive(Clone, Debug)]
enum Body<'a> {
    /// A document of a YAML stream, and the line on which it begins.
    Document(&'a str, u32),
    /// An item of a list in a YAML document: where it begins in the text, and the way to it.
    Item { list: Arc<List<'a>>, start: Option<usize>, path: Box<[usize]> },
    /// A JSON object.
    Json(&'a str),
}

impl Object<'_> {
    /// The API group: empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The API version without its group.
    pub fn version(&self) -> &str {
        self.api_version.rsplit_once('/').map_or(&*self.api_version, |(_, version)| version)
    }

    /// Parses the whole object once more, into a type.
    ///
    /// # Errors
    /// Where the object doesn't have the type's shape, with the place of the offending value.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let file = &self.place.file;
        match &self.body {
            Body::Document(text, line) => yaml::deserialize(text, *line, |de| T::deserialize(de))
                .map_err(|error| Source { file, text, line: *line }.problem(&error)),
            Body::Item { list, start, path } => list.decode(file, *start, path),
            Body::Json(text) => match after_lines(None, || serde_json::from_str(text)) {
                Ok(value) => Ok(value),
                // The JSON library doesn't tell where a value stands. JSON is YAML: ask the one that does.
                Err(_) => self.decode_json_as_yaml(text),
            },
        }
    }

    fn decode_json_as_yaml<T: DeserializeOwned>(&self, text: &str) -> Result<T, Problem> {
        let Place { file, line, column } = &self.place;
        let padded = format!("{:indent$}{text}", "", indent = column.saturating_sub(1) as usize);
        yaml::deserialize(&padded, *line, |de| T::deserialize(de))
            .map_err(|error| Source { file, text: &padded, line: *line }.problem(&error))
    }
}

/// Reads all objects of one file, in the order in which they stand.
///
/// `each` sees every object as soon as it is read, and every problem: an object without `kind` is a problem,
/// an empty document is nothing. A document that is not YAML is one problem, and reading goes on after it.
///
/// A file whose first character is `{` is read as JSON; if it is none and isn't called so, as YAML.
pub fn read<'a>(file: &Arc<str>, bytes: &'a [u8], each: &mut dyn FnMut(Result<Object<'a>, Problem>)) {
    if bytes.trim_ascii_start().first() == Some(&b'{') && read_json(file, bytes, each) {
        return;
    }
    for document in documents(bytes) {
        match yaml::utf8(file, document.bytes, document.line) {
            Ok(text) => read_document(Source { file, text, line: document.line }, text, each),
            Err(problem) => each(Err(problem)),
        }
    }
}

fn read_document<'a>(source: Source<'_>, text: &'a str, each: &mut dyn FnMut(Result<Object<'a>, Problem>)) {
    if let Some(seen) = glance(text) {
        return plain(source, text, seen, each);
    }
    match yaml::deserialize(text, source.line, |de| Item::deserialize(de)) {
        Ok(item) => {
            let list = Arc::new(List::new(text, source.line));
            Reader { source, list, each }.item(item, &mut Vec::new(), None);
        }
        Err(error) => each(Err(source.problem(&error))),
    }
}

/// A document of which a glance was enough.
fn plain<'a>(
    source: Source<'_>,
    text: &'a str,
    mut seen: Glance,
    each: &mut dyn FnMut(Result<Object<'a>, Problem>),
) {
    let place = |seen: &Glance| source.place(small(seen.line as u64), small(seen.column as u64));
    let Some(items) = seen.header.items.take() else {
        let place = place(&seen);
        return each(object(&source, seen.header, place, Body::Document(text, source.line), None));
    };
    let inherited = of_list(&seen.header);
    let list = Arc::new(List::seen(text, source.line, &items));
    for (index, item) in items.into_iter().enumerate() {
        let place = place(&item);
        let body =
            Body::Item { list: Arc::clone(&list), start: Some(item.bytes.start), path: [index].into() };
        each(object(&source, item.header, place, body, inherited.as_ref()));
    }
}

/// What a typed list (`DeploymentList`) says for its items, which don't repeat it.
#[derive(Clone)]
struct Inherited {
    api_version: String,
    kind: String,
}

/// Turns the headers of one YAML document into objects.
struct Reader<'r, 'a> {
    source: Source<'r>,
    list: Arc<List<'a>>,
    each: &'r mut dyn FnMut(Result<Object<'a>, Problem>),
}

impl Reader<'_, '_> {
    fn item(&mut self, item: Item, path: &mut Vec<usize>, inherited: Option<&Inherited>) {
        let place = self.source.place(small(item.referenced.line()), small(item.referenced.column()));
        let mut header = match item.value {
            Root::Mapping(header) => *header,
            Root::Empty if path.is_empty() => return,
            other => return (self.each)(Err(not_an_object(&self.source, place, &other, !path.is_empty()))),
        };
        if header.kind.as_deref().is_some_and(is_list)
            && let Some(Items::Elements(items)) = header.items.take()
        {
            let inherited = of_list(&header);
            for (index, item) in items.into_iter().enumerate() {
                path.push(index);
                self.item(item, path, inherited.as_ref());
                path.pop();
            }
            return;
        }
        let body = if path.is_empty() {
            Body::Document(self.list.text, self.list.line)
        } else {
            let start = item.defined.span().byte_offset().and_then(|at| usize::try_from(at).ok());
            Body::Item { list: Arc::clone(&self.list), start, path: path.as_slice().into() }
        };
        (self.each)(object(&self.source, header, place, body, inherited));
    }
}

/// Reads JSON; false if it is none and may be YAML.
fn read_json<'a>(
    file: &Arc<str>,
    bytes: &'a [u8],
    each: &mut dyn FnMut(Result<Object<'a>, Problem>),
) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let source = Source { file, text, line: 1 };
    let (values, error) = json::values(text);
    if error.is_some() && !file.ends_with(".json") {
        return false;
    }
    let mut cursor = Cursor::new(text);
    for value in values {
        json_value(&source, value, &mut cursor, None, each);
    }
    if let Some(error) = error {
        each(Err(malformed_json(&source, &error)));
    }
    true
}

fn json_value<'a>(
    source: &Source<'_>,
    text: &'a str,
    cursor: &mut Cursor<'_>,
    inherited: Option<&Inherited>,
    each: &mut dyn FnMut(Result<Object<'a>, Problem>),
) {
    let (line, column) = cursor.locate(text);
    let place = source.place(line, column);
    let header = match json::header(text) {
        Ok(Root::Mapping(header)) => *header,
        Ok(other) => return each(Err(not_an_object(source, place, &other, true))),
        Err(error) => return each(Err(json_header_problem(source, text, place, &error))),
    };
    if let Some(items) =
        header.items.filter(|_| header.kind.as_deref().is_some_and(is_list)).and_then(json::elements)
    {
        let inherited = of_list(&header);
        for item in items {
            json_value(source, item, cursor, inherited.as_ref(), each);
        }
        return;
    }
    each(object(source, header, place, Body::Json(text), inherited));
}

fn malformed_json(source: &Source<'_>, error: &serde_json::Error) -> Problem {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(message, _)| message);
    let place = source.place(small(error.line() as u64), small(error.column() as u64));
    Problem::new(place, format!("malformed JSON: {words}"))
}

/// The same header read by the library that tells places.
fn json_header_problem(source: &Source<'_>, text: &str, place: Place, error: &serde_json::Error) -> Problem {
    let padded = format!("{:indent$}{text}", "", indent = place.column.saturating_sub(1) as usize);
    let source = Source { text: &padded, line: place.line, ..*source };
    match yaml::deserialize(&padded, place.line, |de| Item::deserialize(de)) {
        Err(error) => source.problem(&error),
        Ok(_) => Problem { place, ..malformed_json(&source, error) },
    }
}

fn of_list<Items>(header: &Header<Items>) -> Option<Inherited> {
    let kind = header.kind.as_deref()?.strip_suffix("List").filter(|kind| !kind.is_empty())?;
    Some(Inherited { api_version: header.api_version.clone()?, kind: kind.to_owned() })
}

fn object<'a, Items>(
    source: &Source<'_>,
    header: Header<Items>,
    place: Place,
    body: Body<'a>,
    inherited: Option<&Inherited>,
) -> Result<Object<'a>, Problem> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = given(header.kind).or_else(|| inherited.map(|list| list.kind.clone()));
    let api_version = given(header.api_version).or_else(|| inherited.map(|list| list.api_version.clone()));
    let missing = match (&kind, &api_version) {
        (None, None) => "`kind` and no `apiVersion`",
        (None, _) => "`kind`",
        (_, None) => "`apiVersion`",
        (Some(_), Some(_)) => "",
    };
    let (Some(kind), Some(api_version)) = (kind.clone(), api_version) else {
        let what = match (kind, &header.metadata.name) {
            (Some(kind), Some(name)) => format!("{kind} `{name}`"),
            (Some(kind), None) => format!("this {kind}"),
            (None, Some(name)) => format!("the object `{name}`"),
            (None, None) => "the object".to_owned(),
        };
        let help = source.template_help().unwrap_or_else(|| {
            "every Kubernetes object names its `apiVersion` and `kind`; keep other files (Helm values, for example) out"
                .to_owned()
        });
        return Err(Problem::new(place, format!("{what} has no {missing}")).with_help(help));
    };
    Ok(Object { api_version, kind, metadata: header.metadata, place, body })
}

fn not_an_object<Items>(source: &Source<'_>, place: Place, root: &Root<Items>, item: bool) -> Problem {
    let what = match root {
        Root::Other(what) => what,
        Root::Empty | Root::Mapping(_) => "nothing",
    };
    let whole = if item { "the item" } else { "the document" };
    let problem = Problem::new(place, format!("{whole} is {what}, where a Kubernetes object is expected"));
    let help = source.template_help().unwrap_or_else(|| {
        "an object is a mapping with `apiVersion`, `kind` and `metadata`; several go into one file separated by `---`"
            .to_owned()
    });
    problem.with_help(help)
}
