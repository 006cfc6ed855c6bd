//! Error texts with their diagnoses, and texts that have none.

use std::{collections::BTreeMap, fs, path::Path};

use oarlock_checks::diagnosis::{Diagnosed, Diagnoses, SIGNATURES, messages};
use serde::Deserialize;

/// One error text and what has to come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) signature: String,
    /// The likeliest.
    hop: String,
    /// Words of one of the causes.
    cause: String,
    /// Some of the parts.
    #[serde(default)]
    parts: BTreeMap<String, String>,
}

/// A text in which there is no error that is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Negative {
    pub(crate) text: String,
    /// Whether it is an error all the same.
    unrecognised: bool,
}

fn parsed<T: serde::de::DeserializeOwned>(path: &Path) -> Vec<T> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned().into();
    manifest::parse(&name, &fs::read(path).unwrap()).unwrap_or_else(|problem| panic!("{problem:?}"))
}

pub(crate) fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnosis")
}

pub(crate) fn cases() -> Vec<Case> {
    let mut files: Vec<_> =
        fs::read_dir(folder().join("cases")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| parsed(file)).collect()
}

pub(crate) fn negatives() -> Vec<Negative> {
    parsed(&folder().join("negatives.yaml"))
}

/// What is wrong with what came of a case.
fn complaints(case: &Case, errors: &[Diagnosed]) -> Option<String> {
    let [only] = errors else {
        let found: Vec<&str> = errors.iter().map(|error| error.signature.id).collect();
        return Some(format!("found {found:?}"));
    };
    if only.signature.id != case.signature {
        return Some(format!("found {}", only.signature.id));
    }
    let causes = only.filled(only.signature.causes);
    if !causes.iter().any(|cause| cause.contains(&case.cause)) {
        return Some(format!("no cause has `{}`: {causes:?}", case.cause));
    }
    if only.signature.hops[0].as_str() != case.hop {
        return Some(format!("the first hop is {}", only.signature.hops[0]));
    }
    let wrong = case.parts.iter().find(|(name, value)| only.part(name) != Some(value.as_str()));
    wrong.map(|(name, value)| format!("part {name}: {:?}, not `{value}`", only.part(name)))
}

#[test]
fn every_case_is_found_and_nothing_else_is() {
    let cases = cases();
    let (mut found, mut false_positives) = (0_usize, 0_usize);
    let mut wrong = Vec::new();
    for case in &cases {
        let diagnoses = Diagnoses::of(&messages("case", &case.text));
        let right =
            diagnoses.errors.iter().filter(|error| error.signature.id == case.signature).count().min(1);
        found += right;
        false_positives += diagnoses.errors.len() - right;
        let rest = diagnoses.unrecognised.first().map(|rest| format!("not recognised: {}", rest.text));
        wrong.extend(
            complaints(case, &diagnoses.errors)
                .or(rest)
                .map(|why| format!("{}: {}\n    {why}", case.signature, case.text)),
        );
    }
    let negatives = negatives();
    for negative in &negatives {
        let diagnoses = Diagnoses::of(&messages("negative", &negative.text));
        false_positives += diagnoses.errors.len();
        let ids: Vec<&str> = diagnoses.errors.iter().map(|error| error.signature.id).collect();
        let unrecognised = !diagnoses.unrecognised.is_empty();
        if !ids.is_empty() || unrecognised != negative.unrecognised {
            wrong.push(format!("{}\n    found {ids:?}, unrecognised: {unrecognised}", negative.text));
        }
    }
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    println!(
        "{} cases, {} texts without a known error: recall {:.1} %, precision {:.1} %",
        cases.len(),
        negatives.len(),
        percent(found, cases.len()),
        percent(found, found + false_positives)
    );
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((found, false_positives), (cases.len(), 0));
    assert!(cases.len() >= 150, "{} cases", cases.len());
}

#[test]
fn every_signature_has_a_case() {
    let cases = cases();
    let without: Vec<&str> = SIGNATURES
        .iter()
        .map(|signature| signature.id)
        .filter(|id| cases.iter().all(|case| case.signature != *id))
        .collect();
    assert!(without.is_empty(), "{without:?}");
    assert!(SIGNATURES.len() >= 50);
}

#[test]
fn the_documentation_has_every_signature() {
    let page = include_str!("../../../../docs/diagnose.md");
    for signature in SIGNATURES {
        let hops: Vec<&str> = signature.hops.iter().map(|at| at.as_str()).collect();
        let row = format!("| `{}` | {} | {} |", signature.id, signature.title, hops.join(", "));
        assert!(page.contains(&row), "docs/diagnose.md lacks `{row}`");
    }
}
