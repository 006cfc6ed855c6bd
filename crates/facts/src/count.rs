/// A number of things, as people write it: `1 cluster`, `3 clusters`, `2 policies`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let said = [0, 1, 2].map(|number| count(number, "chained cluster"));
        assert_eq!(said, ["0 chained clusters", "1 chained cluster", "2 chained clusters"]);
        assert_eq!(count(2, "policy"), "2 policies");
        assert_eq!(count(2, "way"), "2 ways");
    }
}
