//! Edits of people's own files that mend a finding.
//!
//! A fix takes something away, or changes nothing but what can't work, or spells right what the file names already; it never lets in
//! anybody, and never gives anything, that the file doesn't name. Where a text doesn't stand in the file letter by letter as it was read
//! (escapes, block scalars, what a template makes) there is no fix.

mod mend;
mod source;

use facts::Place;
use schemars::JsonSchema;
use serde::Serialize;

pub use mend::{Edited, Mended, mend};
pub(crate) use source::{Source, Sources};

/// An edit that mends a finding: what stands between two places of a file becomes another text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// The first character that goes; that before which the text is put, if none goes.
    pub place: Place,
    /// The line of the first character that stays, from 1.
    pub end_line: u32,
    /// Its column, from 1.
    pub end_column: u32,
    /// What stands there instead.
    pub text: String,
    #[serde(skip)]
    start: usize,
    #[serde(skip)]
    end: usize,
}

/// A text with fixes in it, and which of them: of two that overlap the first counts.
fn applied<'f>(text: &str, mut fixes: Vec<&'f Fix>) -> (String, Vec<&'f Fix>) {
    fixes.sort_by_key(|fix| (fix.start, fix.end));
    let (mut edited, mut done) = (String::with_capacity(text.len()), Vec::<&Fix>::new());
    let mut reached = 0;
    for fix in fixes {
        let again = done.last().is_some_and(|last| *last == fix);
        let beside = done.last().is_some_and(|last| last.start == fix.start);
        if !again && (fix.start < reached || beside) {
            continue;
        }
        if !again {
            edited.push_str(text.get(reached..fix.start).unwrap_or_default());
            edited.push_str(&fix.text);
            reached = fix.end;
        }
        done.push(fix);
    }
    edited.push_str(text.get(reached..).unwrap_or_default());
    (edited, done)
}

/// Whether a word is another with one letter wrong, missing, too many, or two changed places: then it can only be that other one.
pub(crate) fn is_misspelt(word: &str, right: &str) -> bool {
    let (word, right) = (word.to_ascii_lowercase(), right.to_ascii_lowercase());
    let (word, right): (Vec<char>, Vec<char>) = (word.chars().collect(), right.chars().collect());
    let ahead = word.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let behind = word.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (longer, shorter) = (word.len().max(right.len()), word.len().min(right.len()));
    match longer - shorter {
        // The same in upper and lower case: AWS takes both, and it is no mistake.
        0 if ahead == longer => false,
        0 if ahead + behind + 1 >= longer => true,
        0 => {
            let swapped = word.get(ahead) == right.get(ahead + 1) && word.get(ahead + 1) == right.get(ahead);
            swapped && ahead + behind + 2 >= longer
        }
        1 => ahead + behind >= shorter,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn fix(start: usize, end: usize, text: &str) -> Fix {
        let place = Place::new(Arc::from("a"), 1, 1);
        Fix { place, end_line: 1, end_column: 1, text: text.to_owned(), start, end }
    }

    #[test]
    fn of_two_fixes_that_overlap_the_first_counts() {
        let all = [fix(2, 4, "XY"), fix(0, 1, ""), fix(3, 5, "Z"), fix(2, 4, "XY"), fix(5, 5, "!")];
        let (text, done) = applied("abcdef", all.iter().collect());
        assert_eq!(text, "bXYe!f");
        assert_eq!(done.len(), 4);
    }

    #[test]
    fn one_wrong_letter_is_a_misspelling_and_two_are_a_guess() {
        let right = "eks:DescribeCluster";
        for word in
            ["eks:DescribeClusters", "eks:DescribeClster", "eks:DescribeClustor", "eks:DescirbeCluster"]
        {
            assert!(is_misspelt(word, right), "{word}");
        }
        for word in ["eks:describecluster", "eks:DescribeClusterss", "eks:DeleteCluster", "eks:DscribeClustr"]
        {
            assert!(!is_misspelt(word, right), "{word}");
        }
    }
}
