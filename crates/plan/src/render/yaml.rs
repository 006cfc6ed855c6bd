//! YAML that a reader of YAML 1.1 (kubectl, CloudFormation) and one of 1.2 take alike.

use serde_json::Value;

/// `value` as a block document, ending with a line feed.
///
/// The library quotes what YAML 1.1 would take for a boolean, a number, a date or a merge key. Long lines are never
/// folded, since a folded ARN or rule is hard to search for.
pub(super) fn document(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let mut out = serde_saphyr::to_string_with_options(value, options)
        // Every JSON text is YAML too: correct in any case, only less pleasant to read.
        .unwrap_or_else(|_| format!("{value:#}"));
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What YAML 1.1 readers take for something else than text.
    const AMBIGUOUS: &[&str] = &[
        "",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "N",
        "true",
        "False",
        "null",
        "Null",
        "~",
        "0123",
        "012345678901",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "1e3",
        "+1",
        "-1",
        ".5",
        "1.",
        "12:30:45",
        "2012-10-17",
        "2001-12-14t21:59:43.10-05:00",
        "<<",
        "=",
        ".inf",
        ".NaN",
        "*",
        "&a",
        "!x",
        "%x",
        "@x",
        "`x",
        "- a",
        "? a",
        "a: b",
        "a #b",
        "---",
        "...",
        " a",
        "a ",
        "#",
        "[a",
        "{a",
        "a:",
    ];

    fn reread(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn quotes_every_value_that_yaml_11_would_not_read_as_text() {
        for text in AMBIGUOUS {
            let yaml = document(&json!({"k": text, "list": [text]}));
            let line = yaml.lines().next().unwrap();
            assert!(line.starts_with("k: \"") || line.starts_with("k: '"), "{line}");
            assert_eq!(reread(&yaml), json!({"k": text, "list": [text]}));
        }
    }

    #[test]
    fn quotes_every_key_that_yaml_11_would_not_read_as_text() {
        for text in AMBIGUOUS {
            let yaml = document(&json!({ *text: 1 }));
            assert!(yaml.starts_with(['"', '\'']), "{yaml}");
            assert_eq!(reread(&yaml), json!({ *text: 1 }));
        }
    }

    #[test]
    fn never_folds_a_long_line() {
        let words = "word ".repeat(100);
        assert_eq!(document(&json!({"k": words.trim()})).lines().count(), 1);
    }

    #[test]
    fn keeps_the_lines_of_a_text() {
        assert_eq!(document(&json!({"k": "- a: b\n  c\n"})), "k: |\n  - a: b\n    c\n");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            prop::sample::select(AMBIGUOUS).prop_map(str::to_owned),
            any::<String>(),
            prop::collection::vec(
                prop::sample::select(vec![" ", "\n", "a", "#", ": ", "-", "\t", "'", "\"", "\\"]),
                0..8
            )
            .prop_map(|parts| parts.concat()),
        ];
        let leaf = prop_oneof![
            text.clone().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in any_value()) {
            let wrapped = json!({ "value": value });
            prop_assert_eq!(reread(&document(&wrapped)), wrapped);
        }
    }
}
