//! Diagnoses, for people and for programs.

use std::fmt::Write as _;

use checks::diagnosis::{Diagnosed, Diagnoses, Parts};
use facts::{Place, count};
use schemars::JsonSchema;
use serde::Serialize;

use super::{API_VERSION, wrap::paragraph};

/// So many places of one error are named.
const PLACES: usize = 3;
/// So many characters of an error's text are shown; JSON has all of it.
const LENGTH: usize = 600;

/// What `oarlock diagnose -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Diagnosis")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'d> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Diagnosis`
    #[schemars(extend("const" = "Diagnosis"))]
    kind: &'static str,
    /// How many messages the input has.
    messages: usize,
    /// The errors that are known, each once.
    errors: Vec<JsonError<'d>>,
    /// The errors that no signature has, each once.
    unrecognised: Vec<JsonUnrecognised<'d>>,
}

/// A known error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DiagnosedError")]
#[serde(rename_all = "camelCase")]
struct JsonError<'d> {
    /// The name of its signature, for example `cache-list-forbidden`.
    signature: &'static str,
    /// What it means.
    title: &'static str,
    /// How often it is there.
    count: usize,
    /// Where.
    places: &'d [Place],
    /// One of its texts.
    text: &'d str,
    /// Its named parts, and what stands beside it: `verb`, `resource`, `user`, `role`, `server`, …
    parts: &'d Parts,
    /// The Applications that it was seen with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applications: Vec<&'d str>,
    /// The hops that may have failed, the likeliest first; as in `AccessCheck`.
    hops: Vec<&'static str>,
    /// What may be the cause, the likeliest first.
    causes: Vec<String>,
    /// What tells one cause from another.
    evidence: Vec<String>,
    /// What mends it.
    fix: Vec<String>,
    /// Where this is written.
    sources: &'static [&'static str],
}

/// An error that isn't known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnrecognisedError")]
#[serde(rename_all = "camelCase")]
struct JsonUnrecognised<'d> {
    /// Its text.
    text: &'d str,
    /// How often it is there.
    count: usize,
    /// Where.
    places: &'d [Place],
}

pub(crate) fn json(diagnoses: &Diagnoses) -> Json<'_> {
    Json {
        api_version: API_VERSION,
        kind: "Diagnosis",
        messages: diagnoses.messages,
        errors: diagnoses.errors.iter().map(JsonError::of).collect(),
        unrecognised: diagnoses
            .unrecognised
            .iter()
            .map(|own| JsonUnrecognised { text: &own.text, count: own.count, places: &own.places })
            .collect(),
    }
}

impl<'d> JsonError<'d> {
    fn of(error: &'d Diagnosed) -> Self {
        let signature = error.signature;
        Self {
            signature: signature.id,
            title: signature.title,
            count: error.count,
            places: &error.places,
            text: &error.text,
            parts: &error.parts,
            applications: error.applications.iter().map(String::as_str).collect(),
            hops: signature.hops.iter().map(|at| at.as_str()).collect(),
            causes: error.filled(signature.causes),
            evidence: error.filled(signature.evidence),
            fix: error.filled(signature.fix),
            sources: signature.sources,
        }
    }
}

/// All of it as text.
pub(crate) fn text(diagnoses: &Diagnoses, width: usize) -> String {
    let mut text = String::new();
    for error in &diagnoses.errors {
        add_error(&mut text, error, width);
        text.push('\n');
    }
    for own in &diagnoses.unrecognised {
        let _ = writeln!(text, "not recognised, {}{}", times(own.count), at(&own.places));
        text.push_str(&paragraph(&shortened(&own.text), "  ", "  ", width));
        text.push('\n');
    }
    let (known, unknown) = (diagnoses.errors.len(), diagnoses.unrecognised.len());
    let _ = writeln!(
        text,
        "{} in {}, {unknown} not recognised",
        count(known, "error"),
        count(diagnoses.messages, "message")
    );
    text
}

fn add_error(text: &mut String, error: &Diagnosed, width: usize) {
    let signature = error.signature;
    text.push_str(&paragraph(&format!("{}: {}", signature.id, signature.title), "", "  ", width));
    let _ = writeln!(text, "  {}{}", times(error.count), at(&error.places));
    text.push_str(&paragraph(&shortened(&error.text), "  | ", "  | ", width));
    let hops: Vec<&str> = signature.hops.iter().map(|at| at.as_str()).collect();
    let _ = writeln!(text, "  hop: {}", hops.join(", or "));
    if !error.applications.is_empty() {
        let names: Vec<&str> = error.applications.iter().take(PLACES).map(String::as_str).collect();
        let more = error.applications.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(text, "  seen with: {}{more}", names.join(", "));
    }
    for (label, sentences) in
        [("cause", signature.causes), ("look at", signature.evidence), ("fix", signature.fix)]
    {
        add_list(text, label, &error.filled(sentences), width);
    }
    text.push_str(&paragraph(&format!("sources: {}", signature.sources.join("; ")), "  ", "    ", width));
}

fn add_list(text: &mut String, label: &str, sentences: &[String], width: usize) {
    match sentences {
        [one] => text.push_str(&paragraph(&format!("{label}: {one}"), "  ", "    ", width)),
        several => {
            let _ = writeln!(text, "  {label}:");
            for sentence in several {
                text.push_str(&paragraph(sentence, "    - ", "      ", width));
            }
        }
    }
}

fn times(count: usize) -> String {
    if count == 1 { String::new() } else { format!("{count} times, ") }
}

fn at(places: &[Place]) -> String {
    let named: Vec<String> = places.iter().take(PLACES).map(ToString::to_string).collect();
    match places.len().saturating_sub(named.len()) {
        0 => format!("at {}", named.join(", ")),
        more => format!("at {} and {more} more", named.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    let flat = text.replace('\n', " ");
    match flat.char_indices().nth(LENGTH) {
        None => flat,
        Some((end, _)) => format!("{} …", flat.get(..end).unwrap_or(&flat)),
    }
}
