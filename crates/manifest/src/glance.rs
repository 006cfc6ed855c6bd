//! Who a document says it is, from the parser's events alone.
//!
//! Nearly all documents are plain: one mapping, without anchors, tags or merge keys, its header texts that can be read in
//! one way only; or a list of such mappings, as kubectl prints it. Those are checked here at a fraction of what the general
//! deserializer costs, every byte of them parsed. Whatever is out of the ordinary, and whatever is wrong, is left to it: a
//! glance never decides that something is bad.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use crate::{
    header::Header,
    object::Metadata,
    yaml::{self, DEPTH},
};

/// Mappings with more keys than this are left to the deserializer, which looks for duplicates in a hash table.
const MOST_KEYS: usize = 128;

/// An object seen, and where it stands.
#[derive(Debug)]
pub(crate) struct Glance {
    /// With items only where its kind says that it is a list.
    pub(crate) header: Header<Vec<Glance>>,
    /// Line of the text, from 1.
    pub(crate) line: usize,
    /// Column, from 1.
    pub(crate) column: usize,
    /// Where it begins and ends in the text.
    pub(crate) bytes: Range<usize>,
}

/// A document, if it is a plain one.
pub(crate) fn glance(text: &str) -> Option<Glance> {
    let parser = Parser::new_from_str_with_options(text, yaml::parser_options());
    let mut reader = Reader { parser, keys: Vec::new(), around: 0, end: 0 };
    reader.document()
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The keys so far of every mapping that is open, the innermost last.
    keys: Vec<Cow<'a, str>>,
    /// How many collections the object stands in.
    around: usize,
    /// Where the last event ended in the text.
    end: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Glance> {
        self.expect(|event| matches!(event, Event::StreamStart))?;
        self.expect(|event| matches!(event, Event::DocumentStart(..)))?;
        let (Event::MappingStart(_, 0, None), span) = self.event()? else { return None };
        let object = self.object(span)?;
        let is_list = object.header.kind.as_deref().is_some_and(is_list);
        self.expect(|event| matches!(event, Event::DocumentEnd))?;
        self.expect(|event| matches!(event, Event::StreamEnd))?;
        // Something that only looks like a list is for the deserializer.
        (object.header.items.is_none() || is_list).then_some(object)
    }

    /// The mapping that has begun.
    fn object(&mut self, at: Span) -> Option<Glance> {
        let header = self.header()?;
        let bytes = at.start.byte_offset()?..self.end;
        Some(Glance { header, line: at.start.line(), column: at.start.col() + 1, bytes })
    }

    fn header(&mut self) -> Option<Header<Vec<Glance>>> {
        let mut header = Header { api_version: None, kind: None, metadata: Metadata::default(), items: None };
        let own = self.keys.len();
        while let Some(key) = self.key(own)? {
            match &*key {
                "apiVersion" => header.api_version = Some(self.text()?),
                "kind" => header.kind = Some(self.text()?),
                "metadata" => header.metadata = self.metadata()?,
                "items" => header.items = Some(self.items()?),
                _ => self.skip()?,
            }
            self.keys.push(key);
        }
        self.keys.truncate(own);
        Some(header)
    }

    /// The elements of a document's `items`. Lists in lists are left to the deserializer.
    fn items(&mut self) -> Option<Vec<Glance>> {
        if self.around > 0 {
            return None;
        }
        self.expect(|event| matches!(event, Event::SequenceStart(_, 0, None)))?;
        self.around = 2;
        let mut items = Vec::new();
        loop {
            match self.event()? {
                (Event::MappingStart(_, 0, None), at) => items.push(self.object(at)?),
                (Event::SequenceEnd, _) => break,
                _ => return None,
            }
        }
        self.around = 0;
        Some(items)
    }

    fn metadata(&mut self) -> Option<Metadata> {
        self.mapping()?;
        let mut metadata = Metadata::default();
        let own = self.keys.len();
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        while let Some(key) = self.key(own)? {
            match &*key {
                "name" => metadata.name = given(self.text()?),
                "generateName" => metadata.generate_name = given(self.text()?),
                "namespace" => metadata.namespace = given(self.text()?),
                "labels" => metadata.labels = self.texts()?,
                "annotations" => metadata.annotations = self.texts()?,
                _ => self.skip()?,
            }
            self.keys.push(key);
        }
        self.keys.truncate(own);
        Some(metadata)
    }

    fn texts(&mut self) -> Option<BTreeMap<String, String>> {
        self.mapping()?;
        let mut texts = BTreeMap::new();
        let own = self.keys.len();
        while let Some(key) = self.key(own)? {
            texts.insert(key.clone().into_owned(), self.text()?);
            self.keys.push(key);
        }
        self.keys.truncate(own);
        Some(texts)
    }

    /// Passes over one value of a mapping, whatever it is.
    fn skip(&mut self) -> Option<()> {
        // What is open: of a mapping where its keys begin, of a sequence nothing.
        let mut open: Vec<Option<usize>> = Vec::new();
        loop {
            if let Some(Some(own)) = open.last() {
                match self.key(*own)? {
                    Some(key) => self.keys.push(key),
                    None => {
                        self.keys.truncate(*own);
                        open.pop();
                        if open.is_empty() {
                            return Some(());
                        }
                        continue;
                    }
                }
            }
            match self.next()? {
                Event::Scalar(_, _, 0, None) => {}
                Event::MappingStart(_, 0, None) => open.push(Some(self.keys.len())),
                Event::SequenceStart(_, 0, None) => open.push(None),
                Event::SequenceEnd => _ = open.pop()?,
                _ => return None,
            }
            // One below the deserializer's own limit: that one decides, and says where.
            if self.around + open.len() + 2 > DEPTH {
                return None;
            }
            if open.is_empty() {
                return Some(());
            }
        }
    }

    /// The next key of the mapping whose keys begin at `own`, or its end.
    fn key(&mut self, own: usize) -> Option<Option<Cow<'a, str>>> {
        match self.next()? {
            Event::MappingEnd => Some(None),
            Event::Scalar(key, style, 0, None) if is_text(&key, style) && &*key != "<<" => {
                let seen = self.keys.get(own..)?;
                (seen.len() < MOST_KEYS && !seen.contains(&key)).then_some(Some(key))
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        match self.next()? {
            Event::Scalar(text, style, 0, None) if is_text(&text, style) => Some(text.into_owned()),
            _ => None,
        }
    }

    fn mapping(&mut self) -> Option<()> {
        self.expect(|event| matches!(event, Event::MappingStart(_, 0, None)))
    }

    fn expect(&mut self, wanted: impl Fn(&Event<'_>) -> bool) -> Option<()> {
        wanted(&self.next()?).then_some(())
    }

    fn next(&mut self) -> Option<Event<'a>> {
        self.event().map(|(event, _)| event)
    }

    fn event(&mut self) -> Option<(Event<'a>, Span)> {
        let (event, span) = self.parser.next_event()?.ok()?;
        self.end = span.end.byte_offset()?;
        Some((event, span))
    }
}

/// kubectl and Argo CD take an object with an array `items` for a list; so do we, if its kind says so too.
pub(crate) fn is_list(kind: &str) -> bool {
    kind.ends_with("List")
}

/// Whether every reader of YAML takes a scalar for a text: one that is quoted, or begins with a letter and is no word for
/// something else in YAML 1.1 or 1.2.
fn is_text(text: &str, style: ScalarStyle) -> bool {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let letter = || text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let word = || text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    style != ScalarStyle::Plain || letter() && !word()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::{prelude::*, test_runner::TestRunner};
    use serde::Deserialize;

    use super::*;
    use crate::{
        header::Root,
        items::{Item, Items},
        located::small,
        yaml,
    };

    const PLAIN: &str = "\
# Source: chart/templates/deployment.yaml
apiVersion: apps/v1
kind: \"Deployment\"
metadata:
  name: web
  labels: {app: web, 'version': \"1\"}
  annotations:
    checksum/config: |
      a: b
spec:
  replicas: 3
  template:
  - a: ~
    b: [1, two, {c: d}]
";

    #[test]
    fn a_plain_document_needs_no_second_reading() {
        let Glance { header, line, column, .. } = glance(PLAIN).expect("plain");
        assert_eq!((line, column), (2, 1));
        assert_eq!(
            (header.api_version.as_deref(), header.kind.as_deref()),
            (Some("apps/v1"), Some("Deployment"))
        );
        assert_eq!(header.metadata.name.as_deref(), Some("web"));
        assert_eq!(header.metadata.labels["version"], "1");
        assert_eq!(header.metadata.annotations["checksum/config"], "a: b\n");
    }

    #[test]
    fn what_can_be_read_in_two_ways_or_is_wrong_is_left_to_the_deserializer() {
        for more in [
            "kind: again",
            "spec2: &anchor 1",
            "spec2: !!str 1",
            "spec2: {<<: {a: b}}",
            "spec2: {a: 1, a: 2}",
            "spec2: {1: 2}",
            "? {a: b}\n: c",
            "items: []",
            "spec2: [",
            "\t- tab",
            "...\n---\na: b",
        ] {
            let text = format!("{PLAIN}{more}\n");
            assert!(glance(&text).is_none(), "{text}");
        }
        for text in
            ["", "# nothing", "text", "- a", "kind: 1", "kind: yes", "kind: ~", "kind:", "metadata: []"]
        {
            assert!(glance(text).is_none(), "{text}");
        }
        let deep = format!("a: {}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
        assert!(glance(&deep).is_none());
    }

    /// Lines that fit after each other often enough, with what makes YAML hard among them.
    fn line() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "apiVersion: v1",
            "kind: 'List'",
            "kind: no",
            "metadata:",
            "metadata: {name: a, name: b}",
            "  name: web",
            "  name: 0x1",
            "  generateName: \"\"",
            "  namespace: >-\n    folded\n    text",
            "  labels:",
            "  labels: {a: b, y: n, ? c : d}",
            "  annotations: &all",
            "    key: value # comment",
            "    key: 'it''s'",
            "    other: |+\n      kept\n\n",
            "    \"\\u00e9\": \"\\x41\"",
            "    number: 1e3",
            "    none:",
            "    1: 2",
            "    <<: *all",
            "spec:",
            "  list:",
            "  - one",
            "  - two: 2",
            "    three: [a, [b], {c: , d}]",
            "  -\n    - nested",
            "  ? complex\n  : value",
            "  plain text that\n    goes on",
            "  text: plain that\n    goes on",
            "  tagged: !!binary aGk=",
            "  again: *all",
            "  'quoted': \"multi\n    line\"",
            "items:",
            "data: {}",
            "# comment",
            "",
            "   odd: indent",
            "\ttab: 1",
            "%YAML 1.2",
            "@reserved: x",
        ])
    }

    /// The object twice in a list, as kubectl prints it.
    fn listed(object: &str) -> String {
        let indented = object.lines().map(|line| format!("  {line}\n")).collect::<String>();
        let item = indented.replacen("  ", "- ", 1);
        format!("apiVersion: v1\nitems:\n{item}{item}kind: List\nmetadata:\n  resourceVersion: \"\"\n")
    }

    fn same(text: &str, seen: &Glance, item: Item) -> Result<(), TestCaseError> {
        let at = (small(item.referenced.line()), small(item.referenced.column()));
        prop_assert_eq!((small(seen.line as u64), small(seen.column as u64)), at);
        prop_assert_eq!(Some(seen.bytes.start as u64), item.defined.span().byte_offset());
        let Root::Mapping(header) = item.value else { return Err(TestCaseError::fail(text.to_owned())) };
        prop_assert_eq!(&seen.header.api_version, &header.api_version);
        prop_assert_eq!(&seen.header.kind, &header.kind);
        prop_assert_eq!(&seen.header.metadata, &header.metadata);
        let (seen, items) = match (&seen.header.items, header.items) {
            (None, None) => return Ok(()),
            (Some(seen), Some(Items::Elements(items))) => (seen, items),
            _ => return Err(TestCaseError::fail(text.to_owned())),
        };
        prop_assert_eq!(seen.len(), items.len());
        seen.iter().zip(items).try_for_each(|(seen, item)| same(text, seen, item))
    }

    #[test]
    fn what_a_glance_takes_the_deserializer_reads_the_same() {
        let taken = [Cell::new(0), Cell::new(0)];
        let lines = (prop::collection::vec(line(), 1..12), any::<bool>(), any::<bool>());
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8000) };
        let run = TestRunner::new(config).run(&lines, |(lines, headed, in_list)| {
            let head = if headed { "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n" } else { "" };
            let object = format!("{head}{}\n", lines.join("\n"));
            let text = if in_list { listed(&object) } else { object };
            let Some(glance) = glance(&text) else { return Ok(()) };
            let taken = if in_list { &taken[1] } else { &taken[0] };
            taken.set(taken.get() + 1);
            let item = yaml::deserialize(&text, 1, |de| Item::deserialize(de));
            let item = item.map_err(|error| TestCaseError::fail(format!("{text}{error}")))?;
            same(&text, &glance, item)
        });
        run.unwrap();
        assert!(taken.iter().all(|taken| taken.get() > 100), "only {taken:?} of 8000 texts were plain");
    }

    #[test]
    fn items_are_where_the_deserializer_looks_for_them() {
        let text = listed(PLAIN.trim_start_matches(|c| c != '\n').trim_start());
        let seen = glance(&text).and_then(|seen| seen.header.items).expect("a plain list");
        let pieces: Vec<&str> = seen.iter().map(|item| &text[item.bytes.clone()]).collect();
        assert_eq!(pieces.len(), 2);
        assert!(pieces.iter().all(|piece| piece.starts_with("apiVersion: apps/v1\n  kind")), "{pieces:?}");
        assert!(pieces.iter().all(|piece| piece.trim_end().ends_with("d}]")), "{pieces:?}");
    }
}
