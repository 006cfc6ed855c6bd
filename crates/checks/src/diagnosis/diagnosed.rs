//! All errors of an input, each once.

use std::collections::{BTreeMap, BTreeSet};

use facts::Place;

use super::{
    message::Message,
    pattern::{Parts, filled},
    recognise::{Recognised, recognise},
    signature::{Rank, Signature},
};

/// What came of an input.
#[derive(Clone, Debug, Default)]
pub struct Diagnoses {
    /// How many messages there are.
    pub messages: usize,
    /// The errors, by signature and parts.
    pub errors: Vec<Diagnosed>,
    /// Messages that are errors of no signature.
    pub unrecognised: Vec<Unrecognised>,
}

/// One error, as often as it is there.
#[derive(Clone, Debug)]
pub struct Diagnosed {
    /// What is known about it.
    pub signature: &'static Signature,
    /// Its named parts.
    pub parts: Parts,
    /// The least of its texts.
    pub text: String,
    /// How often it is there.
    pub count: usize,
    /// Where, in their order.
    pub places: Vec<Place>,
    /// The Applications beside it.
    pub applications: BTreeSet<String>,
    /// Of an error that only says that something is wrong: the signatures of errors in the same input that say what, at one of
    /// its hops. A plugin's own error stands in another line than the exit code that it ends with.
    pub behind: BTreeSet<&'static str>,
}

/// An error text that no signature has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unrecognised {
    /// The text.
    pub text: String,
    /// How often it is there.
    pub count: usize,
    /// Where, in their order.
    pub places: Vec<Place>,
}

/// Parts that don't make another error of it.
const BESIDE: [&str; 2] = ["application", "destination"];

impl Diagnoses {
    /// The errors of messages. Their order doesn't matter.
    pub fn of(messages: &[Message]) -> Self {
        let mut errors: BTreeMap<(&str, Parts), Diagnosed> = BTreeMap::new();
        let mut unrecognised: BTreeMap<String, Unrecognised> = BTreeMap::new();
        for message in messages {
            let found = recognise(message);
            if found.is_empty() && message.is_error() {
                let own = unrecognised.entry(without_numbers(&message.text)).or_default();
                own.add(message);
            }
            for recognised in found {
                let key = (recognised.signature.id, distinct(&recognised.parts));
                let new = Diagnosed::of(&recognised, message);
                match errors.get_mut(&key) {
                    Some(known) => known.merge(new),
                    None => drop(errors.insert(key, new)),
                }
            }
        }
        let mut errors: Vec<Diagnosed> = errors.into_values().collect();
        errors.iter_mut().for_each(|error| in_order(&mut error.places));
        unmask(&mut errors);
        let mut unrecognised: Vec<Unrecognised> = unrecognised.into_values().collect();
        unrecognised.iter_mut().for_each(|own| in_order(&mut own.places));
        Self { messages: messages.len(), errors, unrecognised }
    }
}

impl Unrecognised {
    fn add(&mut self, message: &Message) {
        if self.count == 0 || message.text < self.text {
            self.text.clone_from(&message.text);
        }
        self.count += 1;
        self.places.push(message.place.clone());
    }
}

/// Times, ids of requests and counters don't make another text of it.
fn without_numbers(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    characters.dedup_by(|a, b| *a == '0' && *b == '0');
    characters.into_iter().collect()
}

fn in_order(places: &mut Vec<Place>) {
    places.sort();
    places.dedup();
}

/// Says of each symptom what may be behind it.
fn unmask(errors: &mut [Diagnosed]) {
    let causes: Vec<(&'static Signature, Option<String>)> = errors
        .iter()
        .filter(|error| error.signature.rank == Rank::Cause)
        .map(|error| (error.signature, error.parts.get("server").cloned()))
        .collect();
    for symptom in errors.iter_mut().filter(|error| error.signature.rank == Rank::Symptom) {
        let own = symptom.part("server").map(str::to_owned);
        let fits = |(cause, server): &&(&'static Signature, Option<String>)| {
            let same = server.is_none() || own.is_none() || *server == own;
            same && cause.hops.first().is_some_and(|at| symptom.signature.hops.contains(at))
        };
        let behind: BTreeSet<&'static str> = causes.iter().filter(fits).map(|(cause, _)| cause.id).collect();
        symptom.behind = behind;
    }
}

impl Diagnosed {
    fn of(recognised: &Recognised, message: &Message) -> Self {
        Self {
            signature: recognised.signature,
            parts: recognised.parts.clone(),
            text: message.text.clone(),
            count: 1,
            places: vec![message.place.clone()],
            applications: recognised.parts.get("application").cloned().into_iter().collect(),
            behind: BTreeSet::new(),
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.places.extend(other.places);
        self.applications.extend(other.applications);
        if (&other.text, &other.parts) < (&self.text, &self.parts) {
            (self.text, self.parts) = (other.text, other.parts);
        }
    }

    /// A part.
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.get(name).map(String::as_str)
    }

    /// Sentences of its signature, with its parts.
    pub fn filled(&self, sentences: &[&str]) -> Vec<String> {
        sentences.iter().map(|sentence| filled(sentence, &self.parts)).collect()
    }
}

/// The parts that make it another error: sessions of a role are the same caller.
fn distinct(parts: &Parts) -> Parts {
    let own = parts.iter().filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), without_session(value).to_owned())).collect()
}

/// A session's ARN, or the name of its user, without the session.
pub(crate) fn without_session(arn: &str) -> &str {
    let session = arn.starts_with("arn:").then(|| arn.split_once(":assumed-role/")).flatten();
    let Some((_, rest)) = session else { return arn };
    let Some((role, _)) = rest.split_once('/') else { return arn };
    let end = arn.len() - rest.len() + role.len();
    arn.get(..end).unwrap_or(arn)
}

/// The role's name in a session's ARN, or in a role's own.
pub(crate) fn role_of(arn: &str) -> Option<&str> {
    let own = without_session(arn);
    let name = own.split_once(":assumed-role/").or_else(|| own.split_once(":role/"))?.1;
    name.rsplit('/').next().filter(|name| !name.is_empty())
}
