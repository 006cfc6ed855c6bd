//! Whatever text comes in, something comes out; and the order of messages means nothing.

use std::collections::BTreeSet;

use oarlock_checks::diagnosis::{Diagnoses, messages};
use proptest::prelude::*;

use crate::cases::{cases, negatives};

/// Lines of all cases that are one line, and of what is no error.
fn lines() -> Vec<String> {
    let texts = cases().into_iter().map(|case| case.text).chain(negatives().into_iter().map(|own| own.text));
    texts.filter(|text| !text.contains('\n') && !text.is_empty()).collect()
}

fn found(text: &str) -> (BTreeSet<(String, String)>, usize) {
    let diagnoses = Diagnoses::of(&messages("-", text));
    let of = |error: &oarlock_checks::diagnosis::Diagnosed| {
        (error.signature.id.to_owned(), format!("{:?} {}", error.parts, error.count))
    };
    (diagnoses.errors.iter().map(of).collect(), diagnoses.unrecognised.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_too_much(text in ".{0,400}") {
        let _ = found(&text);
    }

    #[test]
    fn no_mess_is_too_much(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        junk in prop::collection::vec("[{}\\[\\]\"\\\\:,a-zA-Z =\\n\\u{1b}é-]{0,40}", 6),
        cut in any::<prop::sample::Index>(),
    ) {
        let lines = lines();
        let mess: String = picked.iter().zip(junk).map(|(index, junk)| format!("{junk}{}\n", index.get(&lines))).collect();
        let ends: Vec<usize> = mess.char_indices().map(|(at, _)| at).collect();
        let _ = found(&mess[..*cut.get(&ends)]);
        let _ = found(&mess);
    }

    #[test]
    fn the_order_of_messages_means_nothing(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let all = lines();
        let mut lines: Vec<&String> = picked.iter().map(|index| index.get(&all)).collect();
        let before: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let by = seed.index(lines.len());
        lines.rotate_left(by);
        lines.reverse();
        let after: String = lines.iter().map(|line| format!("{line}\n")).collect();
        prop_assert_eq!(found(&before), found(&after));
    }
}

#[test]
fn a_text_of_brackets_takes_no_time() {
    for text in
        ["{".repeat(20_000), "[\n".repeat(20_000), "apiVersion:\n".repeat(5_000), "a: {\n".repeat(5_000)]
    {
        assert_eq!(found(&text).0.len(), 0);
    }
}
