//! Which texts tell a set of patterns apart: the patterns as automata that read the same text side by side.

use std::collections::{BTreeSet, HashMap, HashSet};

use fixedbitset::FixedBitSet;

use super::Beyond;
use crate::{
    arn_pattern::ArnPattern,
    context::{Context, Lookup},
    pattern::{Pattern, Token},
};

/// How many states the automata may have together: more would take seconds.
const STATES: usize = 200_000;

/// A pattern of texts without variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Glob {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Exactly(char),
    IgnoringCase(char),
    /// One character; in a field of an ARN no colon.
    One {
        in_field: bool,
    },
    /// Any text; in a field of an ARN without colon.
    Any {
        in_field: bool,
    },
}

impl Glob {
    /// Exactly this text, in whatever case.
    pub(super) fn ignoring_case(text: &str) -> Self {
        Self { steps: text.chars().map(Step::IgnoringCase).collect() }
    }

    /// Texts of two parts with a colon between them, which are not empty.
    pub(super) fn action() -> Self {
        let part = [Step::One { in_field: true }, Step::Any { in_field: true }];
        Self { steps: [&part[..], &[Step::Exactly(':')], &part].concat() }
    }

    /// ARNs: of a partition, a service, and something in it.
    pub(super) fn arn() -> Self {
        let any = || vec![Step::Any { in_field: true }];
        let some = || vec![Step::One { in_field: true }, Step::Any { in_field: true }];
        let fields = ["arn".chars().map(Step::Exactly).collect(), some(), some(), any(), any()];
        let mut steps: Vec<Step> = fields
            .into_iter()
            .flat_map(|field: Vec<Step>| [field, vec![Step::Exactly(':')]].concat())
            .collect();
        steps.extend([Step::One { in_field: false }, Step::Any { in_field: false }]);
        Self { steps }
    }

    /// With the values that its variables have in a request; as any text where no request is given. None if one has none.
    pub(super) fn of_text(pattern: &Pattern, values: Option<&Context>) -> Option<Self> {
        let mut glob = Self::default();
        glob.append(pattern, values, false)?;
        Some(glob)
    }

    /// Likewise, field by field.
    pub(super) fn of_arn(pattern: &ArnPattern, values: Option<&Context>) -> Option<Self> {
        let mut glob = Self::default();
        match pattern {
            ArnPattern::All => glob.steps.push(Step::Any { in_field: false }),
            ArnPattern::Fields(fields) => {
                for (number, field) in fields.iter().enumerate() {
                    if number > 0 {
                        glob.steps.push(Step::Exactly(':'));
                    }
                    glob.append(field, values, number < 5)?;
                }
            }
        }
        Some(glob)
    }

    /// Whether a text is of this form.
    pub(super) fn is_like(&self, text: &str) -> bool {
        let automaton = Automaton::new(&[], self);
        let end = text.chars().fold(automaton.start(), |places, c| automaton.step(&places, c));
        automaton.is_universal(&end)
    }

    fn append(&mut self, pattern: &Pattern, values: Option<&Context>, in_field: bool) -> Option<()> {
        let letter = if pattern.ignores_case() { Step::IgnoringCase } else { Step::Exactly };
        for token in pattern.tokens() {
            match token {
                Token::Text(text) => self.steps.extend(text.chars().map(letter)),
                Token::Any => self.steps.push(Step::Any { in_field }),
                Token::One => self.steps.push(Step::One { in_field }),
                Token::Variable { key, default } => {
                    let value = match values.map(|values| values.get(key)) {
                        None => {
                            self.steps.push(Step::Any { in_field });
                            continue;
                        }
                        Some(Lookup::One(value)) => value,
                        Some(_) => default.as_deref()?,
                    };
                    self.steps.extend(value.chars().map(letter));
                }
            }
        }
        Some(())
    }
}

impl Step {
    fn takes(self, c: char) -> bool {
        match self {
            Self::Exactly(own) => own == c,
            Self::IgnoringCase(own) => own == c || own.to_lowercase().eq(c.to_lowercase()),
            Self::One { in_field } | Self::Any { in_field } => !(in_field && c == ':'),
        }
    }
}

/// Of each way in which a text can be of some of these forms and not of the others, the shortest such text.
/// All of them are of the form of `universe`.
pub(super) fn samples(globs: &[Glob], universe: &Glob) -> Result<Vec<String>, Beyond> {
    let automaton = Automaton::new(globs, universe);
    let mut texts = Vec::new();
    let mut seen = HashSet::new();
    let mut walk = Walk::from(automaton.start());
    while let Some((at, places)) = walk.next() {
        if automaton.is_universal(&places) && seen.insert(automaton.accepted(&places)) {
            texts.push(walk.text(at));
        }
        for c in automaton.letters(&places) {
            let next = automaton.step(&places, c);
            if automaton.is_within_universe(&next) {
                walk.reach(at, c, next)?;
            }
        }
    }
    Ok(texts)
}

/// Every text.
pub(super) fn any_text() -> Glob {
    Glob { steps: vec![Step::Any { in_field: false }] }
}

/// Where each of the patterns may stand, all in one list of places; those of the universe come last.
type Places = Vec<u32>;

struct Automaton {
    /// Of all patterns, one after the other; none ends one.
    steps: Vec<Option<Step>>,
    /// The place where each pattern begins.
    starts: Vec<u32>,
    /// The number of the pattern that ends at a place.
    ends: HashMap<u32, usize>,
    /// Where the universe begins.
    universe: u32,
}

impl Automaton {
    fn new(globs: &[Glob], universe: &Glob) -> Self {
        let mut steps = Vec::new();
        let (mut starts, mut ends) = (Vec::new(), HashMap::new());
        for (number, glob) in globs.iter().chain([universe]).enumerate() {
            starts.push(index(steps.len()));
            steps.extend(glob.steps.iter().copied().map(Some));
            ends.insert(index(steps.len()), number);
            steps.push(None);
        }
        let universe = starts.last().copied().unwrap_or_default();
        Self { steps, starts, ends, universe }
    }

    fn start(&self) -> Places {
        let mut places = Places::new();
        for start in &self.starts {
            self.arrive(*start, &mut places);
        }
        sorted(places)
    }

    /// What may be empty may also be passed.
    fn arrive(&self, place: u32, places: &mut Places) {
        places.push(place);
        if let Some(Step::Any { .. }) = self.at(place) {
            self.arrive(place + 1, places);
        }
    }

    fn at(&self, place: u32) -> Option<Step> {
        self.steps.get(place as usize).copied().flatten()
    }

    fn step(&self, places: &Places, c: char) -> Places {
        let mut next = Places::new();
        for place in places {
            match self.at(*place) {
                Some(step @ Step::Any { .. }) if step.takes(c) => self.arrive(*place, &mut next),
                Some(step) if step.takes(c) && !matches!(step, Step::Any { .. }) => {
                    self.arrive(place + 1, &mut next);
                }
                _ => {}
            }
        }
        sorted(next)
    }

    /// The characters that patterns ask for next, and one that stands for all others.
    fn letters(&self, places: &Places) -> BTreeSet<char> {
        let mut letters = BTreeSet::new();
        for place in places {
            match self.at(*place) {
                Some(Step::Exactly(own)) => _ = letters.insert(own),
                Some(Step::IgnoringCase(own)) => {
                    letters.extend(own.to_lowercase());
                    letters.extend(own.to_uppercase());
                    letters.insert(own);
                }
                Some(Step::One { in_field: true } | Step::Any { in_field: true }) => {
                    letters.insert(':');
                }
                Some(Step::One { .. } | Step::Any { .. }) | None => {}
            }
        }
        let other =
            ('a'..='z').rev().skip(2).chain('0'..='9').chain('\u{e0}'..).find(|c| !letters.contains(c));
        letters.extend(other);
        letters
    }

    fn is_within_universe(&self, places: &Places) -> bool {
        places.last().is_some_and(|last| *last >= self.universe)
    }

    fn is_universal(&self, places: &Places) -> bool {
        places.last().is_some_and(|last| *last as usize + 1 == self.steps.len())
    }

    fn accepted(&self, places: &Places) -> FixedBitSet {
        let mut accepted = FixedBitSet::with_capacity(self.starts.len());
        for number in places.iter().filter_map(|place| self.ends.get(place)) {
            accepted.insert(*number);
        }
        accepted
    }
}

/// A walk through all states that can be reached, the nearest first, which remembers how it got to each.
struct Walk {
    /// How each state was reached: from which one, by which character.
    steps: Vec<(usize, char)>,
    waiting: std::collections::VecDeque<(usize, Places)>,
    known: HashSet<Places>,
}

impl Walk {
    fn from(start: Places) -> Self {
        Self { steps: vec![(0, ' ')], waiting: [(0, start.clone())].into(), known: [start].into() }
    }

    fn next(&mut self) -> Option<(usize, Places)> {
        self.waiting.pop_front()
    }

    fn reach(&mut self, from: usize, c: char, places: Places) -> Result<(), Beyond> {
        if self.known.contains(&places) {
            return Ok(());
        }
        if self.steps.len() >= STATES {
            return Err(Beyond("the patterns overlap in too many ways"));
        }
        self.known.insert(places.clone());
        self.waiting.push_back((self.steps.len(), places));
        self.steps.push((from, c));
        Ok(())
    }

    fn text(&self, mut at: usize) -> String {
        let mut reversed = Vec::new();
        while let Some((from, c)) = self.steps.get(at).filter(|_| at > 0) {
            reversed.push(*c);
            at = *from;
        }
        reversed.into_iter().rev().collect()
    }
}

fn sorted(mut places: Places) -> Places {
    places.sort_unstable();
    places.dedup();
    places
}

#[expect(clippy::cast_possible_truncation, reason = "no policy has as many characters")]
fn index(place: usize) -> u32 {
    place as u32
}
