//! ARNs with wildcards, field by field.

/// An ARN that ends early with the fields that are missing, which stand for everything (IAM User Guide, "Identify AWS
/// resources with Amazon Resource Names (ARNs)").
pub(super) fn padded(pattern: &str) -> String {
    let fields = fields(pattern).len();
    let is_arn = pattern.starts_with("arn:");
    if is_arn {
        format!("{pattern}{}", ":*".repeat(6_usize.saturating_sub(fields)))
    } else {
        pattern.to_owned()
    }
}

/// Whether an ARN is of a form without variables. A wildcard of the first five fields stays in its field.
pub(super) fn is_like(arn: &str, pattern: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (arn, pattern) = (fields(arn), fields(pattern));
    arn.len() == 6
        && pattern.len() == 6
        && arn.iter().zip(&pattern).all(|(field, pattern)| glob(field, pattern))
}

/// The six fields of an ARN. A colon in `${…}` separates nothing.
pub(super) fn fields(text: &str) -> Vec<&str> {
    let (mut fields, mut from, mut inside) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '{' => inside = text.get(..at).is_some_and(|before| before.ends_with('$')),
            '}' => inside = false,
            ':' if !inside && fields.len() < 5 => {
                fields.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    fields.extend(text.get(from..));
    fields
}

/// Whether a text is of a form without variables.
pub(super) fn glob(text: &str, pattern: &str) -> bool {
    bytes(text.as_bytes(), pattern.as_bytes())
}

fn bytes(text: &[u8], pattern: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', later)), None) => bytes(text, later),
        (Some((b'*', later)), Some((_, rest))) => bytes(text, later) || bytes(rest, pattern),
        (Some((b'?', later)), Some((_, rest))) => bytes(rest, later),
        (Some((wanted, later)), Some((seen, rest))) => wanted == seen && bytes(rest, later),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stays_in_its_field_and_reaches_over_all_of_the_last_one() {
        assert!(is_like("arn:aws:lambda:us-east-1:1:function:fn:live", "arn:*:lambda:us-*-?:1:function:*"));
        assert!(!is_like("arn:aws:sqs:us-east-1:1:orders", "arn:aws:sqs:*:orders"));
    }

    #[test]
    fn a_colon_in_a_variable_separates_no_fields() {
        assert_eq!(
            fields("arn:aws:s3:::${aws:username}:x"),
            ["arn", "aws", "s3", "", "", "${aws:username}:x"]
        );
        assert_eq!(padded("arn:aws:iam::${aws:PrincipalAccount}"), "arn:aws:iam::${aws:PrincipalAccount}:*");
    }
}
