//! YAML and JSON with the place of every value.

use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::Value;

use super::json;

/// Where something stands in its file, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Spot,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Null,
    /// A text, or a number or truth value as it is written.
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// What only a template engine knows: `!Ref`, `Fn::Sub`, what Terraform computes.
    Unknown,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes: it may be a number.
    Plain,
    Quoted,
    /// A literal block, whose lines follow its first one.
    Block,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) at: Spot,
    pub(crate) text: String,
}

/// A document has no more values than this, aliases expanded.
pub(super) const MOST: usize = 4_000_000;

impl Node {
    /// Reads one document that begins on a line of its file. None if it is neither YAML nor JSON.
    pub(crate) fn parse(text: &str, first_line: u32) -> Option<Self> {
        Self::read(text, first_line, &mut false)
    }

    /// The same, and whether it has an alias.
    pub(super) fn read(text: &str, first_line: u32, has_alias: &mut bool) -> Option<Self> {
        json::read(text, first_line).or_else(|| Self::read_as_yaml(text, first_line, has_alias))
    }

    pub(super) fn read_as_yaml(text: &str, first_line: u32, has_alias: &mut bool) -> Option<Self> {
        let parser = Parser::new_from_str_with_options(text, manifest::parser_options());
        let mut reader = Reader {
            parser,
            before: first_line.saturating_sub(1),
            anchors: Vec::new(),
            nodes: 0,
            has_alias: false,
        };
        let root = reader.document();
        *has_alias |= reader.has_alias;
        root
    }

    /// The value of a key: the last, as Go's decoders have it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }

    /// The value at the end of a row of keys.
    pub(crate) fn at_path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(crate) fn key(&self, key: &str) -> Option<&Key> {
        self.entries().iter().rev().find(|(name, _)| name.text == key).map(|(name, _)| name)
    }

    pub(crate) fn entries(&self) -> &[(Key, Self)] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the one value where a list may be left out.
    pub(crate) fn each(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            Content::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(self.text(), Some("true" | "True" | "TRUE"))
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.content, Content::Unknown)
    }

    /// Whether it, or anything in it, isn't known.
    pub(crate) fn has_unknown(&self) -> bool {
        match &self.content {
            Content::Unknown => true,
            Content::List(items) => items.iter().any(Self::has_unknown),
            Content::Map(entries) => entries.iter().any(|(_, value)| value.has_unknown()),
            _ => false,
        }
    }

    /// As plain JSON; what isn't known as `null`.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Null | Content::Unknown => Value::Null,
            Content::Scalar { text, style: Style::Quoted | Style::Block } => Value::String(text.clone()),
            Content::Scalar { text, style: Style::Plain } => match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                // An account id may begin with a zero: 012345678901 is no number.
                number => match number.parse::<i64>() {
                    Ok(parsed) if parsed.to_string() == number => Value::from(parsed),
                    _ => Value::String(number.to_owned()),
                },
            },
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Map(entries) => {
                let fields = entries.iter().map(|(key, value)| (key.text.clone(), value.to_value()));
                Value::Object(fields.collect())
            }
        }
    }

    /// Gives everything in it another place: it was found inside of a text.
    pub(crate) fn moved(&mut self, to: &impl Fn(Spot) -> Spot) {
        self.at = to(self.at);
        match &mut self.content {
            Content::List(items) => items.iter_mut().for_each(|item| item.moved(to)),
            Content::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.at = to(key.at);
                value.moved(to);
            }),
            _ => {}
        }
    }
}

impl Default for Node {
    fn default() -> Self {
        Self { at: Spot::default(), content: Content::Null }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// So many lines of the file stand before the text.
    before: u32,
    anchors: Vec<(usize, Node)>,
    nodes: usize,
    has_alias: bool,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Node> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return Some(Node::default()),
                (event, at) => {
                    let node = self.node(event, at)?;
                    let ends = matches!(self.next()?.0, Event::DocumentEnd);
                    return ends.then_some(node);
                }
            }
        }
    }

    fn next(&mut self) -> Option<(Event<'a>, Spot)> {
        let (event, span) = self.parser.next_event()?.ok()?;
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let line = small(span.start.line()).saturating_add(self.before);
        Some((event, Spot { line, column: small(span.start.col()).saturating_add(1) }))
    }

    fn node(&mut self, event: Event<'a>, at: Spot) -> Option<Node> {
        self.nodes += 1;
        if self.nodes > MOST {
            return None;
        }
        let (anchor, content) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, is_own(tag.as_deref()))),
            Event::SequenceStart(_, anchor, tag) => {
                let own = is_own(tag.as_deref());
                let list = self.list()?;
                (anchor, if own { Content::Unknown } else { Content::List(list) })
            }
            Event::MappingStart(_, anchor, tag) => {
                let own = is_own(tag.as_deref());
                let map = self.map()?;
                (anchor, if own { Content::Unknown } else { intrinsic(map) })
            }
            Event::Alias(anchor) => {
                self.has_alias = true;
                let (_, node) = self.anchors.iter().rev().find(|(id, _)| *id == anchor)?;
                let node = node.clone();
                self.nodes += size(&node);
                return Some(Node { at, content: node.content });
            }
            _ => return None,
        };
        let node = Node { at, content };
        if anchor != 0 {
            self.anchors.push((anchor, node.clone()));
        }
        Some(node)
    }

    fn list(&mut self) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, at) => items.push(self.node(event, at)?),
            }
        }
    }

    fn map(&mut self) -> Option<Vec<(Key, Node)>> {
        let (mut entries, mut merged) = (Vec::new(), Vec::new());
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                merged.extend(entries);
                return Some(merged);
            }
            let key = self.node(event, at)?.text()?.to_owned();
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at)?;
            if key == "<<" {
                merged.extend(value.each().iter().rev().flat_map(|of| of.entries().to_vec()));
            } else {
                entries.push((Key { at, text: key }, value));
            }
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.content {
        Content::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Content::Map(entries) => 1 + entries.iter().map(|(_, value)| size(value)).sum::<usize>(),
        _ => 1,
    }
}

/// Whether a tag is none of YAML's own: `!Ref`, `!GetAtt` and the like (CloudFormation User Guide, "Intrinsic function reference").
fn is_own(tag: Option<&granit_parser::Tag>) -> bool {
    tag.is_some_and(|tag| !tag.to_string().contains("yaml.org,2002"))
}

fn scalar(text: &str, style: ScalarStyle, is_own: bool) -> Content {
    let plain = matches!(style, ScalarStyle::Plain);
    match text {
        // `!Sub` without anything to substitute is its text.
        _ if is_own => Content::Unknown,
        "" | "~" | "null" | "Null" | "NULL" if plain => Content::Null,
        _ => Content::Scalar { text: text.to_owned(), style: style_of(style) },
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::Literal => Style::Block,
        _ => Style::Quoted,
    }
}

/// CloudFormation's functions in their long form.
pub(super) fn intrinsic(entries: Vec<(Key, Node)>) -> Content {
    match &*entries {
        [(key, _)] if key.text == "Ref" || key.text.starts_with("Fn::") => Content::Unknown,
        _ => Content::Map(entries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(node: Option<&Node>) -> (u32, u32) {
        node.map(|node| (node.at.line, node.at.column)).unwrap()
    }

    #[test]
    fn json_with_tabs_and_yaml_have_places() {
        let json = Node::parse("{\n\t\"a\": [\"x\",\n\t\t{\"b\": 012}]\n}", 1).unwrap();
        assert_eq!(spot(json.get("a").unwrap().items().first()), (2, 8));
        let yaml = Node::parse("a:\n  b: 'c'\n", 11).unwrap();
        assert_eq!(spot(yaml.at_path(&["a", "b"])), (12, 6));
    }

    #[test]
    fn what_a_template_computes_is_not_known() {
        let yaml = Node::parse("a: !Ref X\nb: !GetAtt [Y, Z]\nc: {Fn::Sub: \"${D}\"}\nd: &e [1]\nf: *e\n", 1)
            .unwrap();
        assert!(["a", "b", "c"].iter().all(|key| yaml.get(key).unwrap().is_unknown()));
        assert_eq!(yaml.get("f").unwrap().items().len(), 1);
    }

    #[test]
    fn a_document_that_ends_too_early_is_none() {
        assert!(Node::parse("{\"a\": [", 1).is_none());
        assert!(Node::parse("a: {{ .Values.x }}\n", 1).is_none());
    }
}
