//! One line of CSV as Go's `encoding/csv` reads it with `TrimLeadingSpace`: a comma between fields, quotes around a
//! field that has one in it.

/// Why a line isn't CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    /// `a"b`
    #[error("a quote stands in the middle of a field")]
    BareQuote,
    /// `"a" b` or `"a`
    #[error("a quoted field does not end with its quote")]
    Unclosed,
}

/// The fields of one line. Space before a field is dropped, space after it is part of it.
pub(crate) fn fields(line: &str) -> Result<Vec<String>, CsvError> {
    let mut fields = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let text = text.trim_start();
        let (field, after) = match text.strip_prefix('"') {
            Some(text) => quoted(text)?,
            None => bare(text)?,
        };
        fields.push(field);
        rest = after;
    }
    Ok(fields)
}

type Field<'a> = (String, Option<&'a str>);

fn bare(text: &str) -> Result<Field<'_>, CsvError> {
    let (field, after) = match text.split_once(',') {
        Some((field, after)) => (field, Some(after)),
        None => (text, None),
    };
    if field.contains('"') { Err(CsvError::BareQuote) } else { Ok((field.to_owned(), after)) }
}

/// What follows an opening quote. Two quotes are one that is part of the field.
fn quoted(mut text: &str) -> Result<Field<'_>, CsvError> {
    let mut field = String::new();
    loop {
        let (part, after) = text.split_once('"').ok_or(CsvError::Unclosed)?;
        field.push_str(part);
        if after.is_empty() {
            return Ok((field, None));
        } else if let Some(after) = after.strip_prefix(',') {
            return Ok((field, Some(after)));
        }
        text = after.strip_prefix('"').ok_or(CsvError::Unclosed)?;
        field.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        assert_eq!(fields(line).unwrap(), expected, "{line}");
    }

    #[test]
    fn space_before_a_field_is_dropped_and_space_after_it_stays() {
        check("g,  ann , role:admin", &["g", "ann ", "role:admin"]);
        check("p,\u{a0}x,,", &["p", "x", "", ""]);
        check("", &[""]);
    }

    #[test]
    fn quotes_keep_commas_spaces_and_quotes() {
        check(r#"g, "CN=a, OU=b", role:x"#, &["g", "CN=a, OU=b", "role:x"]);
        check(r#"g, " a ", "b""c""#, &["g", " a ", "b\"c"]);
        check(r#""""#, &[""]);
    }

    #[test]
    fn a_quote_out_of_place_is_an_error() {
        assert_eq!(fields(r#"g, a"b, c"#), Err(CsvError::BareQuote));
        assert_eq!(fields(r#"g, "a" , c"#), Err(CsvError::Unclosed));
        assert_eq!(fields(r#"g, "a, c"#), Err(CsvError::Unclosed));
        assert_eq!(fields(r#"g, ""#), Err(CsvError::Unclosed));
    }
}
