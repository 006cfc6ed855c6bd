//! An audit, for people and programs.

mod access;
pub(crate) mod diff;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

use std::{collections::BTreeMap, fmt::Write as _};

use checks::audit::{Check, Report};
use facts::{Place, Severity, count};

use crate::diagnostic::is_of_secret;

/// The text of a file whose line a finding is about, unless the line is of a Secret: it may hold what nobody shall read.
fn shown<'s>(sources: &BTreeMap<&str, &'s str>, place: &Place) -> Option<&'s str> {
    let text = *sources.get(&*place.file)?;
    if !text.contains("Secret") {
        return Some(text);
    }
    let is_article = [".md", ".markdown"].iter().any(|ending| place.file.ends_with(ending));
    let is_secret = match is_article {
        // Documents of an article end where their blocks do.
        true => {
            let (block, line) = block(text, place.line);
            is_of_secret(&block, line)
        }
        false => is_of_secret(text, place.line),
    };
    (!is_secret).then_some(text)
}

/// The block of an article around a line, and which of its lines that is.
fn block(text: &str, line: u32) -> (String, u32) {
    let index = usize::try_from(line).unwrap_or_default().saturating_sub(1);
    let is_fence = |line: &str| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
    let fence = text.lines().take(index).collect::<Vec<_>>().iter().rposition(|line| is_fence(line));
    let first = fence.map_or(0, |fence| fence + 1);
    let inside = text.lines().skip(first).enumerate();
    let lines = inside.take_while(|(number, line)| first + number <= index || !is_fence(line));
    let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
    (lines.join("\n"), u32::try_from(index - first).unwrap_or_default() + 1)
}

/// The checks, family by family.
pub(crate) fn list(checks: &[&Check]) -> String {
    let mut text = String::new();
    let mut family = "";
    for about in checks.iter().map(|check| check.about) {
        if about.family() != family {
            family = about.family();
            let _ = writeln!(text, "{}{family}", if text.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(text, "  {:<34} {:<8} {}", about.id(), word(about.severity), about.title());
    }
    text
}

pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// One line: how many there are of what.
pub(crate) fn summary(report: &Report) -> String {
    let of = |severity| count(report.count(severity), word(severity));
    let mut text = match report.findings.len() {
        0 => "no findings".to_owned(),
        _ => {
            let all = [Severity::Error, Severity::Warning, Severity::Note];
            let some: Vec<String> = all.into_iter().filter(|s| report.count(*s) > 0).map(of).collect();
            some.join(", ")
        }
    };
    let _ = write!(text, " in {} by {}", count(report.files, "file"), count(report.checks, "check"));
    let mendable = report.findings.iter().filter(|found| found.fix.is_some()).count();
    let others = [
        (report.suppressed.len(), "left alone"),
        (report.skipped.len(), "skipped"),
        (mendable, "can be mended by `--fix`"),
    ];
    for (number, what) in others {
        if number > 0 {
            let _ = write!(text, "; {number} {what}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_secret_in_an_article_are_not_shown_and_those_of_other_blocks_are() {
        let article = "```yaml\nkind: Service\n---\ndata: {a: b}\nkind: Secret\n```\n\n```json\n{}\n```\n";
        let sources = BTreeMap::from([("a.md", article)]);
        let is_shown = |line| shown(&sources, &Place::new("a.md".into(), line, 1)).is_some();
        assert_eq!((1..=10).filter(|line| !is_shown(*line)).collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
