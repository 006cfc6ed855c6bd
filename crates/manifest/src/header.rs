//! The part of an object that is read of every object: who it is.
//!
//! The whole document is parsed, so that nothing malformed passes, but no tree of it is built.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use crate::Metadata;

/// What a document, or an item of a list, turned out to be.
#[derive(Debug)]
pub(crate) enum Root<Items> {
    /// Nothing: an empty document, comments alone, `null`.
    Empty,
    /// A mapping, as every object is.
    Mapping(Box<Header<Items>>),
    /// Something that no object is: `a list`, `a text`, …
    Other(&'static str),
}

/// Who an object is, and the items of a list as the format tells them.
#[derive(Debug)]
pub(crate) struct Header<Items> {
    pub(crate) api_version: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) items: Option<Items>,
}

impl<'de, Items: Deserialize<'de>> Deserialize<'de> for Root<Items> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RootVisitor(PhantomData))
    }
}

struct RootVisitor<Items>(PhantomData<Items>);

impl<'de, Items: Deserialize<'de>> Visitor<'de> for RootVisitor<Items> {
    type Value = Root<Items>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut header = Header { api_version: None, kind: None, metadata: Metadata::default(), items: None };
        while let Some(key) = map.next_key()? {
            match key {
                Key::ApiVersion => header.api_version = map.next_value()?,
                Key::Kind => header.kind = map.next_value()?,
                Key::Metadata => header.metadata = map.next_value::<Option<_>>()?.unwrap_or_default(),
                Key::Items => header.items = Some(map.next_value()?),
                _ => {
                    map.next_value::<Ignored>()?;
                }
            }
        }
        Ok(Root::Mapping(Box::new(header)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<Ignored>()?.is_some() {}
        Ok(Root::Other("a list"))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Root::Empty)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Root::Other("a text"))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Root::Other("a truth value"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Root::Other("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Root::Other("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Root::Other("a number"))
    }
}

/// The keys that matter, at the top and in `metadata`.
enum Key {
    ApiVersion,
    Kind,
    Metadata,
    Items,
    Name,
    GenerateName,
    Namespace,
    Labels,
    Annotations,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "apiVersion" => Key::ApiVersion,
                    "kind" => Key::Kind,
                    "metadata" => Key::Metadata,
                    "items" => Key::Items,
                    "name" => Key::Name,
                    "generateName" => Key::GenerateName,
                    "namespace" => Key::Namespace,
                    "labels" => Key::Labels,
                    "annotations" => Key::Annotations,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MetadataVisitor;
        impl<'de> Visitor<'de> for MetadataVisitor {
            type Value = Metadata;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
                let mut metadata = Metadata::default();
                // Go's decoders, and so kubectl, take an empty text for none.
                let given = |text: Option<String>| text.filter(|text| !text.is_empty());
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Name => metadata.name = given(map.next_value()?),
                        Key::GenerateName => metadata.generate_name = given(map.next_value()?),
                        Key::Namespace => metadata.namespace = given(map.next_value()?),
                        Key::Labels => metadata.labels = texts(&mut map)?,
                        Key::Annotations => metadata.annotations = texts(&mut map)?,
                        _ => {
                            map.next_value::<Ignored>()?;
                        }
                    }
                }
                Ok(metadata)
            }
        }
        deserializer.deserialize_map(MetadataVisitor)
    }
}

/// Texts by key; `null` for all of them is none, `null` for one is the empty text, as Go's decoders read it.
fn texts<'de, A: MapAccess<'de>>(map: &mut A) -> Result<BTreeMap<String, String>, A::Error> {
    let texts: Option<BTreeMap<String, Option<String>>> = map.next_value()?;
    Ok(texts.into_iter().flatten().map(|(key, text)| (key, text.unwrap_or_default())).collect())
}

/// Any value, parsed and dropped. Unlike serde's `IgnoredAny` it refuses keys that are no text: JSON has none, so neither
/// kubectl nor Argo CD reads them, and they are what `{{ .Values.x }}` of a Helm template parses as.
pub(crate) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_ignored_any(IgnoredVisitor)
    }
}

struct IgnoredVisitor;

impl<'de> Visitor<'de> for IgnoredVisitor {
    type Value = Ignored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ignored, A::Error> {
        while map.next_key::<AnyKey>()?.is_some() {
            map.next_value::<Ignored>()?;
        }
        Ok(Ignored)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Ignored, A::Error> {
        while seq.next_element::<Ignored>()?.is_some() {}
        Ok(Ignored)
    }

    fn visit_unit<E: Error>(self) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Ignored, E> {
        Ok(Ignored)
    }
}

struct AnyKey;

impl<'de> Deserialize<'de> for AnyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyKeyVisitor;
        impl Visitor<'_> for AnyKeyVisitor {
            type Value = AnyKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text as key")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<AnyKey, E> {
                Ok(AnyKey)
            }
        }
        deserializer.deserialize_str(AnyKeyVisitor)
    }
}
