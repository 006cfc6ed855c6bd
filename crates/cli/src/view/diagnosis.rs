//! Diagnoses, for people and for programs.

use std::{collections::BTreeSet, fmt::Write as _};

use access::{Hop, Passes};
use checks::diagnosis::{Answer, Change, Diagnosed, Diagnoses, Form, Parts, Repair};
use facts::{Gap, Place, count};
use schemars::JsonSchema;
use serde::Serialize;

use super::{API_VERSION, hops, wrap::paragraph};

/// So many places of one error are named.
const PLACES: usize = 3;
/// So many errors that aren't known are shown.
const SHOWN: usize = 10;
/// So many characters of an error's text are shown; JSON has all of it.
const LENGTH: usize = 600;

/// What was found out about an error beyond its text.
pub(crate) struct Looked {
    /// By an inventory.
    pub(crate) answer: Option<Answer>,
    /// By the text alone.
    pub(crate) alone: Option<Repair>,
}

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
    /// Of an error that only says that something is wrong: the signatures of errors in the same input that may say what.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    behind: &'d BTreeSet<&'static str>,
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
    /// What the inventory says; absent where there is none, or where it has nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<JsonAnswer>,
    /// Without an inventory, the repair that the text alone tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<JsonRepair>,
}

/// What an inventory says about an error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DiagnosisByInventory")]
#[serde(rename_all = "camelCase")]
struct JsonAnswer {
    /// What was asked.
    question: String,
    /// `yes`, `no` or `unknown`, as far as the inventory knows
    answer: &'static str,
    /// The hop at which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    hop: Option<&'static str>,
    /// In their order, up to the one at which it ends.
    hops: Vec<Hop>,
    /// What would have to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// The smallest change that repairs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<JsonRepair>,
}

/// A repair, tried.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DiagnosisRepair")]
#[serde(rename_all = "camelCase")]
struct JsonRepair {
    /// In the order in which they are needed.
    changes: Vec<JsonChange>,
    /// How it goes with them: `yes`, `no` or `unknown`.
    answer: &'static str,
    /// The hops then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hops: Vec<Hop>,
    /// What they allow besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beyond: Vec<String>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DiagnosisChange")]
#[serde(rename_all = "camelCase")]
struct JsonChange {
    /// What it is.
    title: String,
    /// As `--fix` wants it.
    text: String,
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

pub(crate) fn json<'d>(diagnoses: &'d Diagnoses, looked: &[Looked], form: Form) -> Json<'d> {
    Json {
        api_version: API_VERSION,
        kind: "Diagnosis",
        messages: diagnoses.messages,
        errors: diagnoses
            .errors
            .iter()
            .zip(looked)
            .map(|(error, own)| JsonError::of(error, own, form))
            .collect(),
        unrecognised: diagnoses
            .unrecognised
            .iter()
            .map(|own| JsonUnrecognised { text: &own.text, count: own.count, places: &own.places })
            .collect(),
    }
}

impl<'d> JsonError<'d> {
    fn of(error: &'d Diagnosed, looked: &Looked, form: Form) -> Self {
        let signature = error.signature;
        Self {
            signature: signature.id,
            title: signature.title,
            count: error.count,
            places: &error.places,
            text: &error.text,
            parts: &error.parts,
            applications: error.applications.iter().map(String::as_str).collect(),
            behind: &error.behind,
            hops: signature.hops.iter().map(|at| at.as_str()).collect(),
            causes: error.filled(signature.causes),
            evidence: error.filled(signature.evidence),
            fix: error.filled(signature.fix),
            sources: signature.sources,
            inventory: looked.answer.as_ref().map(|own| JsonAnswer::of(own, form)),
            repair: looked.alone.as_ref().map(|own| JsonRepair::of(own, form)),
        }
    }
}

impl JsonAnswer {
    fn of(answer: &Answer, form: Form) -> Self {
        let missing =
            if let Passes::Unknown { missing } = &answer.passes { missing.clone() } else { Vec::new() };
        Self {
            question: answer.question.clone(),
            answer: hops::word(&answer.passes),
            hop: answer.failing().map(|hop| hop.at.as_str()),
            hops: answer.hops.to_vec(),
            missing,
            repair: answer.repair.as_ref().map(|own| JsonRepair::of(own, form)),
        }
    }
}

impl JsonRepair {
    fn of(repair: &Repair, form: Form) -> Self {
        let change = |own: &Change| JsonChange { title: own.title(), text: own.text(form, &repair.names) };
        Self {
            changes: repair.changes.iter().map(change).collect(),
            answer: hops::word(&repair.passes),
            hops: repair.hops.to_vec(),
            beyond: repair.beyond.clone(),
        }
    }
}

/// All of it as text.
pub(crate) fn text(diagnoses: &Diagnoses, looked: &[Looked], form: Form, width: usize) -> String {
    let mut text = String::new();
    for (error, own) in diagnoses.errors.iter().zip(looked) {
        add_error(&mut text, error, own, width);
        add_looked(&mut text, own, form, width);
        text.push('\n');
    }
    for own in diagnoses.unrecognised.iter().take(SHOWN) {
        let _ = writeln!(text, "not recognised, {}{}", times(own.count), at(&own.places));
        text.push_str(&paragraph(&shortened(&own.text), "  ", "  ", width));
        text.push('\n');
    }
    if let Some(more) = diagnoses.unrecognised.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "and {more} other texts that aren't recognised: `-o json` has them all\n");
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

fn add_error(text: &mut String, error: &Diagnosed, looked: &Looked, width: usize) {
    let signature = error.signature;
    text.push_str(&paragraph(&format!("{}: {}", signature.id, signature.title), "", "  ", width));
    let _ = writeln!(text, "  {}{}", times(error.count), at(&error.places));
    text.push_str(&paragraph(&shortened(&error.text), "  | ", "  | ", width));
    let told = looked.answer.as_ref().filter(|answer| answer.passes == Passes::No).and_then(Answer::failing);
    let hops: Vec<&str> = signature.hops.iter().map(|at| at.as_str()).collect();
    let _ = writeln!(text, "  hop: {}", told.map_or_else(|| hops.join(", or "), |hop| hop.at.to_string()));
    if !error.applications.is_empty() {
        let names: Vec<&str> = error.applications.iter().take(PLACES).map(String::as_str).collect();
        let more = error.applications.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(text, "  seen with: {}{more}", names.join(", "));
    }
    if !error.behind.is_empty() {
        let named: Vec<&str> = error.behind.iter().copied().collect();
        let _ = writeln!(text, "  behind it, in the same input: {}", named.join(", "));
    }
    // The one cause that an inventory tells is better than all that there may be.
    match told {
        Some(hop) => add_list(text, "cause", std::slice::from_ref(&hop.by), width),
        None => {
            add_list(text, "cause", &error.filled(signature.causes), width);
            add_list(text, "look at", &error.filled(signature.evidence), width);
        }
    }
    if looked.answer.as_ref().is_none_or(|answer| answer.repair.is_none()) {
        add_list(text, "fix", &error.filled(signature.fix), width);
    }
    text.push_str(&paragraph(&format!("sources: {}", signature.sources.join("; ")), "  ", "    ", width));
}

/// What an inventory says, and what repairs it.
fn add_looked(text: &mut String, looked: &Looked, form: Form, width: usize) {
    if let Some(answer) = &looked.answer {
        let word = match &answer.passes {
            Passes::Yes => {
                "yes, nothing in it stands in the way: the error is older or younger than the inventory, the pods are older than their role, or somebody else met it"
            }
            Passes::No => "no",
            Passes::Unknown { .. } => "that isn't known",
        };
        text.push_str(&paragraph(
            &format!("in the inventory, {}: {word}", answer.question),
            "  ",
            "    ",
            width,
        ));
        let mut hops = String::new();
        answer.hops.iter().for_each(|hop| hops::add(&mut hops, hop));
        if let (true, Passes::Unknown { missing }) = (answer.hops.is_empty(), &answer.passes) {
            hops::add_ending(&mut hops, missing, None);
        }
        indent(text, &hops, "  ");
    }
    let repair = looked.answer.as_ref().and_then(|answer| answer.repair.as_ref()).or(looked.alone.as_ref());
    if let Some(repair) = repair {
        add_repair(text, repair, form, width);
    }
}

fn add_repair(text: &mut String, repair: &Repair, form: Form, width: usize) {
    for (index, change) in repair.changes.iter().enumerate() {
        let which = match repair.changes.len() {
            1 => String::new(),
            all => format!(", {} of {all}", index + 1),
        };
        let title = format!("smallest change{which}: {}", change.title());
        text.push_str(&paragraph(&title, "  ", "    ", width));
        text.push('\n');
        indent(text, &change.text(form, &repair.names), "      ");
        text.push('\n');
    }
    let with = if repair.changes.len() == 1 { "with it" } else { "with them" };
    match &repair.passes {
        Passes::Yes => text.push_str(&format!("  checked: {with} it is allowed\n")),
        Passes::No => {
            let ends = repair.hops.iter().find(|hop| hop.passes == Passes::No);
            let ends = ends.map(|hop| format!("{}: {}", hop.at, hop.by)).unwrap_or_default();
            text.push_str(&paragraph(
                &format!("checked: {with} it ends further on, at {ends}"),
                "  ",
                "    ",
                width,
            ));
        }
        Passes::Unknown { missing } => {
            let _ = writeln!(text, "  checked: {with} nothing that is known stands in the way");
            hops::add_ending(text, missing, None);
        }
    }
    if !repair.beyond.is_empty() {
        add_list(text, "what else it allows", &repair.beyond, width);
    }
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

fn indent(text: &mut String, lines: &str, by: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "{by}{line}");
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
