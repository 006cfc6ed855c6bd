//! Texts, of which each matches other patterns: found by going through all patterns at once, character by character.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{Context, operator::Operand, pattern::Lacking, piece::Piece};

/// So many places in patterns are gone through.
const MOST_PLACES: usize = 256;

/// One operand's pattern.
type Pieces = Vec<Piece>;

/// Where a text is in each pattern: before which of its pieces.
type Places = Vec<BTreeSet<usize>>;

/// Texts such that every text matches just those operands that one of these does. None if a variable isn't known, or there are too many.
pub(super) fn one_of_each_class(operands: &[&Operand], context: &Context) -> Option<Vec<String>> {
    let mut patterns = Vec::new();
    for operand in operands {
        match operand.pieces(context) {
            Ok(pieces) => patterns.push(pieces),
            Err(Lacking::Value) => {}
            Err(Lacking::Knowledge) => return None,
        }
    }
    if let Some(texts) = literals(&patterns) {
        return Some(texts);
    }
    let alphabet = alphabet(&patterns)?;
    let start: Places = patterns.iter().map(|pieces| closed(pieces, [0].into())).collect();
    let mut texts: BTreeMap<Places, String> = [(start.clone(), String::new())].into();
    let mut left: VecDeque<Places> = [start].into();
    while let Some(places) = left.pop_front() {
        let text = texts.get(&places).cloned().unwrap_or_default();
        for character in &alphabet {
            let next = step(&patterns, &places, *character);
            if texts.contains_key(&next) {
                continue;
            }
            if texts.len() >= MOST_PLACES {
                return None;
            }
            texts.insert(next.clone(), format!("{text}{character}"));
            left.push_back(next);
        }
    }
    let mut by_class: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    for (places, text) in texts {
        let ends = patterns.iter().zip(&places).map(|(pieces, at)| at.contains(&pieces.len()));
        by_class.entry(ends.collect()).or_insert(text);
    }
    Some(by_class.into_values().collect())
}

/// Of patterns that each match one text: those texts, and another one.
fn literals(patterns: &[Pieces]) -> Option<Vec<String>> {
    let literal = |piece: &Piece| if let Piece::Char(own) = piece { Some(*own) } else { None };
    let text = |pieces: &Pieces| pieces.iter().map(literal).collect::<Option<String>>();
    let mut texts = patterns.iter().map(text).collect::<Option<Vec<_>>>()?;
    let longer = texts.iter().map(String::len).max().unwrap_or_default() + 1;
    texts.push("x".repeat(longer));
    Some(texts)
}

/// Where a text is after one more character.
fn step(patterns: &[Pieces], places: &Places, character: char) -> Places {
    let after = |pieces: &Pieces, at: &BTreeSet<usize>| {
        let here = at.iter().filter_map(|at| Some((*at, *pieces.get(*at)?)));
        let met = here.filter(|(_, piece)| piece.takes(character));
        closed(pieces, met.map(|(at, piece)| if piece.repeats() { at } else { at + 1 }).collect())
    };
    patterns.iter().zip(places).map(|(pieces, at)| after(pieces, at)).collect()
}

/// What repeats may be nothing.
fn closed(pieces: &Pieces, mut at: BTreeSet<usize>) -> BTreeSet<usize> {
    for (number, piece) in pieces.iter().enumerate() {
        if piece.repeats() && at.contains(&number) {
            at.insert(number + 1);
        }
    }
    at
}

/// One character of each sort that patterns tell apart: all that they have, their other cases where case is ignored, and one that none
/// of them has. None if that isn't known for sure.
fn alphabet(patterns: &[Pieces]) -> Option<BTreeSet<char>> {
    let mut all = BTreeSet::new();
    for piece in patterns.iter().flatten() {
        match piece {
            Piece::Char(own) => drop(all.insert(*own)),
            // The cases of ASCII are these: the Kelvin sign is a capital k as well.
            Piece::Letter(own) if own.is_ascii() => {
                all.extend([own.to_ascii_lowercase(), own.to_ascii_uppercase()]);
                all.extend(own.eq_ignore_ascii_case(&'k').then_some('\u{212a}'));
            }
            Piece::Letter(_) => return None,
            Piece::One(but) | Piece::Any(but) => all.extend(but),
        }
    }
    let other = ('\u{e000}'..='\u{f8ff}').find(|other| !all.contains(other))?;
    all.insert(other);
    Some(all)
}
