//! An audit, for people and programs.

mod access;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

use std::fmt::Write as _;

use checks::audit::{Check, Report};
use facts::{Severity, count};

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
    for (number, what) in [(report.suppressed.len(), "left alone"), (report.skipped.len(), "skipped")] {
        if number > 0 {
            let _ = write!(text, "; {number} {what}");
        }
    }
    text
}
