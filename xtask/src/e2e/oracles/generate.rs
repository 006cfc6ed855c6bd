//! Words and patterns by chance, weighted to odd corners.

use std::{ops::Range, sync::Arc};

use anyhow::{Context, Result, anyhow};
use facts::Problem;
use fastrand::Rng;
use manifest::Object;
use serde_json::{Map, Value, json};

pub(super) const SERVERS: [&str; 4] =
    ["https://prod.example.com", "https://dev.example.com", argocd::IN_CLUSTER_SERVER, "https://a"];
pub(super) const NAMESPACES: [&str; 6] = ["web", "web-1", "kube-system", "a", "ab", ""];

/// Of which patterns are put together where none is taken that people would write. A star in braces isn't among them, nor
/// a brace without its end: there github.com/gobwas/glob v0.2.3 misses texts that its own syntax matches, or panics
/// (`{web*,web}` doesn't match `web-1`, and panics at `web`), and Oarlock follows the syntax.
const PIECES: [&str; 20] = [
    "*", "*", "**", "?", "a", "b", "web", "https://", "/", "[a-c]", "[!a]", "[^a]", "[abc]", "[c-a]", "[",
    "]", "{a,b}", ",", "\\", "\\*",
];

/// A pattern: often one of those that are likely to match, sometimes odd, sometimes denying.
pub(super) fn pattern(rng: &mut Rng, likely: &[&str]) -> String {
    let pattern = match rng.u8(..8) {
        0 => list(rng, 0..5, |rng| pick(rng, &PIECES)).concat(),
        1 => "*".to_owned(),
        2 => {
            let word = pick(rng, likely);
            let cut = word.char_indices().map(|(at, _)| at).nth(rng.usize(..6)).unwrap_or(word.len());
            format!("{}*", word.get(..cut).unwrap_or_default())
        }
        3 => alternatives(rng, likely),
        _ => pick(rng, likely).to_owned(),
    };
    if rng.u8(..6) == 0 { format!("!{pattern}") } else { pattern }
}

/// Alternatives, of which one may be alternatives again, with a text before or after it.
fn alternatives(rng: &mut Rng, likely: &[&str]) -> String {
    let first = pick(rng, likely);
    let second = match rng.u8(..4) {
        0 => format!("{}{}", alternatives(rng, likely), pick(rng, &["", "-1"])),
        1 => format!("{}{}", pick(rng, &["", "https://", "a"]), alternatives(rng, likely)),
        _ => pick(rng, likely).to_owned(),
    };
    if rng.bool() { format!("{{{first},{second}}}") } else { format!("{{{second},{first}}}") }
}

/// An object whose fields are sometimes absent, sometimes null.
pub(super) fn fields<const N: usize>(rng: &mut Rng, fields: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        match rng.u8(..16) {
            0 => {}
            1 => drop(object.insert(name.to_owned(), Value::Null)),
            _ => drop(object.insert(name.to_owned(), value)),
        }
    }
    Value::Object(object)
}

/// An object of Argo CD.
pub(super) fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": { "name": name, "namespace": "argocd" },
        "spec": spec,
    })
}

/// Reads an object as Oarlock reads files.
pub(super) fn read<T>(object: &Value, parse: impl Fn(&Object<'_>) -> Result<T, Problem>) -> Result<T> {
    let text = object.to_string();
    let mut parsed = None;
    manifest::read(&Arc::from("generated.json"), text.as_bytes(), &mut |object| {
        parsed = Some(object.and_then(|object| parse(&object)));
    });
    parsed.context("no object")?.map_err(|problem| anyhow!("{problem:?} in {text}"))
}

pub(super) fn list<T>(rng: &mut Rng, how_many: Range<usize>, mut one: impl FnMut(&mut Rng) -> T) -> Vec<T> {
    (0..rng.usize(how_many)).map(|_| one(rng)).collect()
}

pub(super) fn pick<T: Copy + Default>(rng: &mut Rng, all: &[T]) -> T {
    rng.choice(all).copied().unwrap_or_default()
}
