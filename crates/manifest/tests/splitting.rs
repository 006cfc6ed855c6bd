//! Splitting before parsing sees the same documents as the library that parses the whole stream.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("---\n"),
        Just("--- # why\n"),
        Just("---\t\n"),
        Just("...\n"),
        Just("# comment --- ...\n"),
        Just("\n"),
        Just("apiVersion: v1\nkind: A\n"),
        Just("apiVersion: v1\nkind: B\ntext: |\n  ---\n  ...\nmore: \"a\n  --- b\"\n"),
        Just("apiVersion: v1\nkind: C\nlist:\n- ---a\n- ....\n"),
    ];
    // Mappings one after the other without a marker would have keys twice.
    prop::collection::vec(piece, 0..12).prop_map(|pieces| {
        let mut text = String::new();
        let mut open = false;
        for piece in pieces {
            if piece.starts_with("api") {
                text.push_str(if open { "---\n" } else { "" });
                open = true;
            } else if piece.starts_with("---") || piece.starts_with("...") {
                open = false;
            }
            text.push_str(piece);
        }
        text
    })
}

proptest! {
    #[test]
    fn finds_the_documents_that_the_library_finds(text in pieces(), crlf in any::<bool>()) {
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let mut bytes = text.as_bytes();
        let theirs: Result<Vec<String>, _> = serde_saphyr::read::<_, serde_json::Value>(&mut bytes)
            .map(|value| value.map(|value| value["kind"].to_string()))
            .collect();
        let mut ours = Vec::new();
        oarlock_manifest::read(&Arc::from("x.yaml"), text.as_bytes(), &mut |object| {
            ours.push(object.map(|object| {
                let line = text.lines().nth(object.place.line as usize - 1).unwrap();
                assert!(line.contains("apiVersion"), "{line}");
                format!("\"{}\"", object.kind)
            }));
        });
        let ours: Result<Vec<String>, _> = ours.into_iter().collect();
        match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => prop_assert_eq!(theirs, ours),
            // The library gives the whole stream up where one document is malformed.
            (theirs, ours) => prop_assert_eq!(theirs.is_err(), ours.is_err(), "{:?} {:?}", theirs, ours),
        }
    }
}
