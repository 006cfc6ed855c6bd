//! The word that somebody most probably meant.

/// The candidate that somebody most probably meant, if any is near enough to be worth naming.
///
/// Near enough means: the same but for case, or at most a third of its letters typed wrongly, left out or swapped.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= wanted.chars().count().max(candidate.chars().count()) / 3
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_nearest_word_and_none_that_is_far() {
        let fields = ["namespace", "namespaces", "name", "topology"];
        assert_eq!(nearest("namespcae", fields), Some("namespace"));
        assert_eq!(nearest("Topology", fields), Some("topology"));
        assert_eq!(nearest("kind", fields), None);
    }
}
