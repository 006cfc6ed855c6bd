//! Edits as a patch: the unified format of `diff -u` and `patch`.

use std::fmt::Write as _;

use checks::audit::Edited;
use similar::TextDiff;

pub(crate) fn diff(files: &[Edited]) -> String {
    let mut text = String::new();
    for file in files {
        // Lines of a Secret are nobody's to read, and no edit is about one: only what changes is shown of its file.
        let around = if file.before.contains("Secret") { 0 } else { 3 };
        let lines = TextDiff::from_lines(&file.before, &file.after);
        let mut patch = lines.unified_diff();
        let _ = write!(text, "{}", patch.context_radius(around).header(&file.name, &file.name));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(before: &str, after: &str) -> String {
        let (before, after) = (before.to_owned(), after.to_owned());
        diff(&[Edited { name: "a.yaml".into(), before, after, mended: 1 }])
    }

    #[test]
    fn a_patch_has_the_lines_around_unless_they_may_be_a_secrets() {
        assert_eq!(
            patch("a\nb\nc\n", "a\nB\nc\n"),
            "--- a.yaml\n+++ a.yaml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
        );
        assert_eq!(
            patch("kind: Secret\nb\nc\n", "kind: Secret\nB\nc\n"),
            "--- a.yaml\n+++ a.yaml\n@@ -2 +2 @@\n-b\n+B\n"
        );
    }
}
