//! The items of `List`s: each is an object of its own, and is decoded from its own piece of the document.

use std::{
    fmt,
    marker::PhantomData,
    ops::Range,
    sync::{Arc, OnceLock},
};

use facts::Problem;
use granit_parser::{Event, Parser};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Error, Spanned};

use crate::{
    glance::Glance,
    header::{Ignored, Root},
    located::small,
    problem::Source,
    yaml,
};

/// One item as the first pass sees it; its own `items` are those of a nested list.
pub(crate) type Item = Spanned<Root<Items>>;

/// The value of an object's `items`.
#[derive(Debug)]
pub(crate) enum Items {
    /// Elements of a list.
    Elements(Vec<Item>),
    /// Something else, which makes the object no list.
    Other,
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items, A::Error> {
                let mut elements = Vec::new();
                while let Some(item) = seq.next_element()? {
                    elements.push(item);
                }
                Ok(Items::Elements(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items, A::Error> {
                while map.next_entry::<String, Ignored>()?.is_some() {}
                Ok(Items::Other)
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Items, E> {
                // Go prints a list without elements as `items: null`.
                Ok(Items::Elements(Vec::new()))
            }

            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Items, E> {
                Ok(Items::Other)
            }

            fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Items, E> {
                Ok(Items::Other)
            }

            fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Items, E> {
                Ok(Items::Other)
            }

            fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Items, E> {
                Ok(Items::Other)
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Items, E> {
                Ok(Items::Other)
            }
        }
        deserializer.deserialize_any(ItemsVisitor)
    }
}

/// A document that holds a list. Shared by its items.
#[derive(Debug)]
pub(crate) struct List<'a> {
    pub(crate) text: &'a str,
    /// The line of the file on which the text begins, from 1.
    pub(crate) line: u32,
    /// Where in the text each item stands, sorted; found out when the first item is decoded.
    pieces: OnceLock<Vec<Piece>>,
}

#[derive(Debug)]
struct Piece {
    bytes: Range<usize>,
    line: u32,
    /// Characters before the item on its line.
    indent: usize,
    /// Whether it is an element, as items are.
    in_sequence: bool,
}

impl<'a> List<'a> {
    pub(crate) fn new(text: &'a str, line: u32) -> Self {
        Self { text, line, pieces: OnceLock::new() }
    }

    /// A list of which a glance has seen where the items are.
    pub(crate) fn seen(text: &'a str, line: u32, items: &[Glance]) -> Self {
        let pieces = items.iter().map(|item| Piece {
            bytes: item.bytes.clone(),
            line: small(item.line as u64),
            indent: item.column.saturating_sub(1),
            in_sequence: true,
        });
        Self { text, line, pieces: OnceLock::from(pieces.collect::<Vec<_>>()) }
    }

    /// Decodes the item that begins at a byte of the text; `path` leads to it through the lists.
    ///
    /// The item's own piece is enough, so that reading a list of n items costs n. Only an alias to an anchor
    /// outside of the piece needs the whole document, which nothing that lists objects prints.
    pub(crate) fn decode<T: DeserializeOwned>(
        &self,
        file: &Arc<str>,
        start: Option<usize>,
        path: &[usize],
    ) -> Result<T, Problem> {
        let whole = || {
            let source = Source { file, text: self.text, line: self.line };
            self.decode_in_place(path).map_err(|error| source.problem(&error))
        };
        let Some((text, line)) = start.and_then(|start| self.piece(start)) else { return whole() };
        yaml::deserialize(&text, line, |de| T::deserialize(de)).or_else(|error| match error {
            Error::UnknownAnchor { .. } => whole(),
            error => Err(Source { file, text: &text, line }.problem(&error)),
        })
    }

    /// The text of the item that begins at a byte, and the line of the file on which it begins.
    fn piece(&self, start: usize) -> Option<(String, u32)> {
        // A directive may change what a tag means; it stands outside of the piece.
        if self.text.starts_with('%') {
            return None;
        }
        let pieces = self.pieces.get_or_init(|| pieces(self.text));
        let at = pieces.binary_search_by_key(&start, |piece| piece.bytes.start).ok()?;
        let piece = pieces.get(at)?;
        let text = self.text.get(piece.bytes.clone())?;
        // Blank where the item's first line began differently, so that its lines align and columns stay true.
        Some((format!("{:indent$}{text}", "", indent = piece.indent), self.line + piece.line - 1))
    }

    fn decode_in_place<T: DeserializeOwned>(&self, path: &[usize]) -> Result<T, Error> {
        yaml::deserialize(self.text, self.line, |de| Descent { path, of: PhantomData }.deserialize(de))
    }
}

/// Where the items of all lists of a document begin and end: the mappings in sequences.
fn pieces(text: &str) -> Vec<Piece> {
    let mut open: Vec<(Piece, bool)> = Vec::new();
    let mut pieces = Vec::new();
    for (event, span) in Parser::new_from_str_with_options(text, yaml::parser_options()).map_while(Result::ok)
    {
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let in_sequence = open.last().is_some_and(|(_, in_mapping)| !in_mapping);
                let start = span.start.byte_offset().unwrap_or_default();
                let line = small(span.start.line() as u64);
                let piece = Piece { bytes: start..start, line, indent: span.start.col(), in_sequence };
                open.push((piece, matches!(event, Event::MappingStart(..))));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let (Some((mut piece, is_mapping)), Some(end)) = (open.pop(), span.end.byte_offset()) else {
                    continue;
                };
                piece.bytes.end = end;
                if is_mapping && piece.in_sequence {
                    pieces.push(piece);
                }
            }
            _ => {}
        }
    }
    pieces.sort_by_key(|piece| piece.bytes.start);
    pieces
}

/// Finds one item in a document and decodes it, passing over everything else.
struct Descent<'p, T> {
    path: &'p [usize],
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Descent<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        match self.path {
            [] => T::deserialize(deserializer),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Descent<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "items" {
                found = Some(map.next_value_seed(Element { path: self.path, of: PhantomData })?);
            } else {
                map.next_value::<Ignored>()?;
            }
        }
        found.ok_or_else(|| A::Error::missing_field("items"))
    }
}

struct Element<'p, T> {
    path: &'p [usize],
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Element<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Element<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let (index, inner) = self.path.split_first().ok_or_else(|| A::Error::custom("an empty path"))?;
        for _ in 0..*index {
            seq.next_element::<Ignored>()?;
        }
        let descent = Descent { path: inner, of: PhantomData };
        let found =
            seq.next_element_seed(descent)?.ok_or_else(|| A::Error::invalid_length(*index, &"the item"))?;
        while seq.next_element::<Ignored>()?.is_some() {}
        Ok(found)
    }
}
