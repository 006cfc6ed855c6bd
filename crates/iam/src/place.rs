//! Where in its text an element of a document stands. Found when somebody asks: most documents have nothing to point at.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::json::Node;

/// The way to an element from the document's root, for example `Statement[1].Condition.StringEquals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

/// The way to an element while its document is read. Most documents have nothing to point at, so that it becomes a [`Path`] only
/// where something is said of the element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trail<'t> {
    outer: Option<&'t Trail<'t>>,
    last: Last<'t>,
}

#[derive(Clone, Copy, Debug)]
enum Last<'t> {
    Root,
    Key(&'t str),
    Index(usize),
}

impl<'t> Trail<'t> {
    pub(crate) fn root() -> Self {
        Self { outer: None, last: Last::Root }
    }

    pub(crate) fn key(&'t self, key: &'t str) -> Self {
        Self { outer: Some(self), last: Last::Key(key) }
    }

    pub(crate) fn index(&'t self, index: usize) -> Self {
        Self { outer: Some(self), last: Last::Index(index) }
    }

    pub(crate) fn to_path(self) -> Path {
        let outer = self.outer.map_or_else(Path::root, |outer| outer.to_path());
        match self.last {
            Last::Root => outer,
            Last::Key(key) => outer.key(key),
            Last::Index(index) => outer.index(index),
        }
    }
}

impl Path {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether it is the document itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// A statement, by its number from 0. A document's single statement may stand without a list around it.
    pub fn statement(number: usize) -> Self {
        Self::root().key("Statement").index(number)
    }

    /// A field of this element.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// An item of this element; of a single value the first is the value itself.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The item of this list that is a text, in a document's text; the list itself where it isn't there, or where one value stands
    /// instead of a list.
    pub(crate) fn item(&self, value: &str, text: &str) -> Self {
        let list = self.nearest(text).and_then(|list| serde_json::from_str(list.get()).ok());
        let Some(Node::List(items)) = list else { return self.clone() };
        let is = |item: &Node<'_>| matches!(item, Node::Text(item) if item == value);
        items.iter().position(is).map_or_else(|| self.clone(), |at| self.index(at))
    }

    /// Line and column, both from 1 and in characters, of the element's first character in the document's text; of the nearest
    /// element around it where it isn't there; none if the text is no JSON.
    pub fn locate(&self, text: &str) -> Option<(u32, u32)> {
        let element = self.nearest(text)?;
        let offset = element.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        let before = text.get(..offset)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next()?.chars().count() + 1;
        Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }

    /// The element in a document's text, or the nearest one around it.
    fn nearest<'t>(&self, text: &'t str) -> Option<&'t RawValue> {
        let mut element: &RawValue = serde_json::from_str(text).ok()?;
        for step in &self.0 {
            match inside(element, step) {
                Some(inner) => element = inner,
                None => break,
            }
        }
        Some(element)
    }
}

fn inside<'t>(element: &'t RawValue, step: &Step) -> Option<&'t RawValue> {
    match step {
        Step::Key(key) => serde_json::from_str::<Fields<'t>>(element.get()).ok()?.last(key),
        Step::Index(0) if !element.get().starts_with('[') => Some(element),
        Step::Index(index) => {
            serde_json::from_str::<Vec<&RawValue>>(element.get()).ok()?.get(*index).copied()
        }
    }
}

/// The fields of an object in the order of the text.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Fields<'t> {
    /// The last of that name: of repeated fields the later ones are wrong.
    fn last(self, name: &str) -> Option<&'t RawValue> {
        self.0.into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Fields<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_root() {
            return f.write_str("the document");
        }
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if number == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
