//! Who a document says it is, from the parser's events alone.
//!
//! Nearly all documents are plain: one mapping, without anchors, tags or merge keys, its header texts that can be read in
//! one way only. Those are checked here at a fraction of what the general deserializer costs, every byte of them parsed.
//! Whatever is out of the ordinary, and whatever is wrong, is left to it: a glance never decides that something is bad.

use std::{borrow::Cow, collections::BTreeMap};

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use crate::{
    header::Header,
    object::Metadata,
    yaml::{self, DEPTH},
};

/// Mappings with more keys than this are left to the deserializer, which looks for duplicates in a hash table.
const MOST_KEYS: usize = 128;

/// A document seen, and where its object begins.
#[derive(Debug)]
pub(crate) struct Glance<Items> {
    pub(crate) header: Header<Items>,
    /// Line of the text, from 1.
    pub(crate) line: usize,
    /// Column, from 1.
    pub(crate) column: usize,
}

/// The header of a document, if it is a plain one and no list.
pub(crate) fn glance<Items>(text: &str) -> Option<Glance<Items>> {
    let parser = Parser::new_from_str_with_options(text, yaml::parser_options());
    let mut reader = Reader { parser, keys: Vec::new() };
    reader.document()
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The keys so far of every mapping that is open, the innermost last.
    keys: Vec<Cow<'a, str>>,
}

impl<'a> Reader<'a> {
    fn document<Items>(&mut self) -> Option<Glance<Items>> {
        self.expect(|event| matches!(event, Event::StreamStart))?;
        self.expect(|event| matches!(event, Event::DocumentStart(..)))?;
        let (Event::MappingStart(_, 0, None), span) = self.parser.next_event()?.ok()? else { return None };
        let header = self.header()?;
        self.expect(|event| matches!(event, Event::DocumentEnd))?;
        self.expect(|event| matches!(event, Event::StreamEnd))?;
        Some(Glance { header, line: span.start.line(), column: span.start.col() + 1 })
    }

    fn header<Items>(&mut self) -> Option<Header<Items>> {
        let mut header = Header { api_version: None, kind: None, metadata: Metadata::default(), items: None };
        while let Some(key) = self.key(0)? {
            match &*key {
                "apiVersion" => header.api_version = Some(self.text()?),
                "kind" => header.kind = Some(self.text()?),
                "metadata" => header.metadata = self.metadata()?,
                // A list, or something that only looks like one.
                "items" => return None,
                _ => self.skip()?,
            }
            self.keys.push(key);
        }
        Some(header)
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
            if open.len() + 2 > DEPTH {
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
        self.parser.next_event()?.ok().map(|(event, _)| event)
    }
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
        let Glance { header, line, column } = glance::<Items>(PLAIN).expect("plain");
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
            assert!(glance::<Items>(&text).is_none(), "{text}");
        }
        for text in
            ["", "# nothing", "text", "- a", "kind: 1", "kind: yes", "kind: ~", "kind:", "metadata: []"]
        {
            assert!(glance::<Items>(text).is_none(), "{text}");
        }
        let deep = format!("a: {}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
        assert!(glance::<Items>(&deep).is_none());
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

    #[test]
    fn what_a_glance_takes_the_deserializer_reads_the_same() {
        let taken = Cell::new(0);
        let lines = (prop::collection::vec(line(), 1..12), any::<bool>());
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) };
        let run = TestRunner::new(config).run(&lines, |(lines, headed)| {
            let head = if headed { "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n" } else { "" };
            let text = format!("{head}{}\n", lines.join("\n"));
            let Some(glance) = glance::<Items>(&text) else { return Ok(()) };
            taken.set(taken.get() + 1);
            let item = yaml::deserialize(&text, 1, |de| Item::deserialize(de));
            let item = item.map_err(|error| TestCaseError::fail(format!("{text}{error}")))?;
            let at = (small(item.referenced.line()), small(item.referenced.column()));
            prop_assert_eq!((small(glance.line as u64), small(glance.column as u64)), at);
            let Root::Mapping(header) = item.value else { return Err(TestCaseError::fail(text)) };
            prop_assert_eq!(glance.header.api_version, header.api_version);
            prop_assert_eq!(glance.header.kind, header.kind);
            prop_assert_eq!(glance.header.metadata, header.metadata);
            prop_assert!(header.items.is_none());
            Ok(())
        });
        run.unwrap();
        assert!(taken.get() > 100, "only {} of 4000 texts were plain", taken.get());
    }
}
