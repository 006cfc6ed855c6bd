//! Namespace patterns of access scopes.

/// Whether a namespace matches a pattern in which `*` stands for any text, as in `dev-*`
/// (EKS User Guide, "Associate access policies with access entries").
pub(super) fn matches(pattern: &str, namespace: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == namespace };
    let Some(mut text) = namespace.strip_prefix(start) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        // The leftmost place is as good as any other: what follows it only has more room.
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_the_empty_one_included() {
        for (pattern, namespace, expected) in [
            ("dev-*", "dev-a", true),
            ("dev-*", "dev-", true),
            ("dev-*", "dev", false),
            ("*-dev", "a-dev", true),
            ("*", "kube-system", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("team", "team", true),
            ("team", "teams", false),
        ] {
            assert_eq!(matches(pattern, namespace), expected, "{pattern} on {namespace}");
        }
    }
}
