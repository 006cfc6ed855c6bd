//! Which texts tell a set of patterns apart: the patterns as automata that read the same text side by side.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use fixedbitset::FixedBitSet;

use super::Beyond;
use crate::piece::Piece;

/// A pattern of texts.
pub(crate) type Pieces = Vec<Piece>;

/// Every text.
pub(crate) fn any() -> Pieces {
    vec![Piece::Any(None)]
}

/// Texts of two parts with a colon between them, which are not empty.
pub(crate) fn action() -> Pieces {
    let part = [Piece::One(Some(':')), Piece::Any(Some(':'))];
    [&part[..], &[Piece::Char(':')], &part].concat()
}

/// ARNs: of a partition, a service, and something in it.
pub(crate) fn arn() -> Pieces {
    let any = || vec![Piece::Any(Some(':'))];
    let some = || vec![Piece::One(Some(':')), Piece::Any(Some(':'))];
    let fields: [Pieces; 5] = ["arn".chars().map(Piece::Char).collect(), some(), some(), any(), any()];
    let fields = fields.into_iter().flat_map(|field| [field, vec![Piece::Char(':')]].concat());
    fields.chain([Piece::One(None), Piece::Any(None)]).collect()
}

/// Whether a text is of this form.
pub(crate) fn is_like(pieces: &Pieces, text: &str) -> bool {
    let automaton = Automaton::new(&[], pieces);
    let end = text.chars().fold(automaton.start(), |places, c| automaton.step(&places, c));
    automaton.is_universal(&end)
}

/// Of each way in which a text can be of some of these forms and not of the others, the shortest such text.
/// All of them are of the form of `universe`. No more than `most` states of all automata together are looked at.
pub(crate) fn samples(patterns: &[Pieces], universe: &Pieces, most: usize) -> Result<Vec<String>, Beyond> {
    let automaton = Automaton::new(patterns, universe);
    let mut texts = Vec::new();
    let mut seen = HashSet::new();
    let mut walk = Walk::from(automaton.start());
    while let Some((at, places)) = walk.next() {
        if automaton.is_universal(&places) && seen.insert(automaton.accepted(&places)) {
            texts.push(walk.text(at));
        }
        for c in automaton.letters(&places)? {
            let next = automaton.step(&places, c);
            if automaton.is_within_universe(&next) {
                walk.reach(at, c, next, most)?;
            }
        }
    }
    Ok(texts)
}

/// Where each of the patterns may stand, all in one list of places; those of the universe come last.
type Places = Vec<u32>;

struct Automaton {
    /// Of all patterns, one after the other; none ends one.
    pieces: Vec<Option<Piece>>,
    /// The place where each pattern begins.
    starts: Vec<u32>,
    /// The number of the pattern that ends at a place.
    ends: HashMap<u32, usize>,
    /// Where the universe begins.
    universe: u32,
}

impl Automaton {
    fn new(patterns: &[Pieces], universe: &Pieces) -> Self {
        let mut pieces = Vec::new();
        let (mut starts, mut ends) = (Vec::new(), HashMap::new());
        for (number, pattern) in patterns.iter().chain([universe]).enumerate() {
            starts.push(index(pieces.len()));
            pieces.extend(pattern.iter().copied().map(Some));
            ends.insert(index(pieces.len()), number);
            pieces.push(None);
        }
        let universe = starts.last().copied().unwrap_or_default();
        Self { pieces, starts, ends, universe }
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
        if self.at(place).is_some_and(Piece::repeats) {
            self.arrive(place + 1, places);
        }
    }

    fn at(&self, place: u32) -> Option<Piece> {
        self.pieces.get(place as usize).copied().flatten()
    }

    fn step(&self, places: &Places, c: char) -> Places {
        let mut next = Places::new();
        for place in places {
            if let Some(piece) = self.at(*place).filter(|piece| piece.takes(c)) {
                self.arrive(if piece.repeats() { *place } else { place + 1 }, &mut next);
            }
        }
        sorted(next)
    }

    /// One character of each sort that patterns tell apart next: those that they ask for, in all their cases where case is ignored,
    /// and one that stands for all others.
    fn letters(&self, places: &Places) -> Result<BTreeSet<char>, Beyond> {
        let mut letters = BTreeSet::new();
        for place in places {
            match self.at(*place) {
                Some(Piece::Char(own)) => _ = letters.insert(own),
                Some(Piece::Letter(own)) => {
                    // The cases of ASCII are these: the Kelvin sign is a capital k as well.
                    letters.extend([own.to_ascii_lowercase(), own.to_ascii_uppercase()]);
                    letters.extend(own.eq_ignore_ascii_case(&'k').then_some('\u{212a}'));
                    if !own.is_ascii() {
                        return Err(Beyond("the cases of a letter that isn't ASCII"));
                    }
                }
                Some(Piece::One(but) | Piece::Any(but)) => letters.extend(but),
                None => {}
            }
        }
        let familiar = ('a'..='x').rev().chain('0'..='9');
        letters.extend(familiar.chain('\u{e000}'..='\u{f8ff}').find(|c| !letters.contains(c)));
        Ok(letters)
    }

    fn is_within_universe(&self, places: &Places) -> bool {
        places.last().is_some_and(|last| *last >= self.universe)
    }

    fn is_universal(&self, places: &Places) -> bool {
        places.last().is_some_and(|last| *last as usize + 1 == self.pieces.len())
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
    waiting: VecDeque<(usize, Places)>,
    known: HashSet<Places>,
}

impl Walk {
    fn from(start: Places) -> Self {
        Self { steps: vec![(0, ' ')], waiting: [(0, start.clone())].into(), known: [start].into() }
    }

    fn next(&mut self) -> Option<(usize, Places)> {
        self.waiting.pop_front()
    }

    fn reach(&mut self, from: usize, c: char, places: Places, most: usize) -> Result<(), Beyond> {
        if self.known.contains(&places) {
            return Ok(());
        }
        if self.steps.len() >= most {
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
