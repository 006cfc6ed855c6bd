//! For comments on pull requests.

use std::fmt::Write as _;

use checks::audit::{AuditFinding, Report};
use facts::count;

use super::{summary, word};

/// A comment on GitHub has room for 65,536 characters.
const FINDINGS: usize = 100;

pub(crate) fn markdown(report: &Report) -> String {
    let mut text = format!("## Audit: {}\n", summary(report));
    if !report.findings.is_empty() {
        text.push_str("\n| | check | what | where |\n|---|---|---|---|\n");
    }
    report.findings.iter().take(FINDINGS).for_each(|found| row(&mut text, found));
    match report.findings.len().saturating_sub(FINDINGS) {
        0 => {}
        more => {
            let _ = writeln!(text, "\n… and {}", count(more, "more finding"));
        }
    }
    if !report.suppressed.is_empty() {
        let left = count(report.suppressed.len(), "finding");
        let _ = writeln!(text, "\n<details><summary>{left} left alone</summary>\n");
        for suppressed in report.suppressed.iter().take(FINDINGS) {
            let finding = &suppressed.found.finding;
            let until = suppressed.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
            let (message, reason) = (cell(&finding.message), cell(&suppressed.reason));
            let _ = writeln!(text, "- `{}` {message}: {reason}{until}", finding.id);
        }
        text.push_str("\n</details>\n");
    }
    if !report.skipped.is_empty() {
        let times = count(report.skipped.len(), "time");
        let _ = writeln!(text, "\n<details><summary>A check could not look {times}</summary>\n");
        for skipped in report.skipped.iter().take(FINDINGS) {
            let _ = writeln!(text, "- `{}`: {}", skipped.id, cell(&skipped.missing.to_string()));
        }
        text.push_str("\n</details>\n");
    }
    text
}

fn row(text: &mut String, found: &AuditFinding) {
    let finding = &found.finding;
    let place = found.place().map(|place| format!("`{place}`")).unwrap_or_default();
    let on = finding.clusters.first().map(|cluster| format!("on `{cluster}`: ")).unwrap_or_default();
    let help = finding.help.first().map(|help| format!("<br>{}", cell(help))).unwrap_or_default();
    let severity = word(finding.severity);
    let _ =
        writeln!(text, "| {severity} | `{}` | {on}{}{help} | {place} |", finding.id, cell(&finding.message));
}

/// Text in a cell of a table: outside of backticks nothing is markup.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    let mut is_code = false;
    for c in text.chars() {
        match c {
            '`' => {
                is_code = !is_code;
                escaped.push(c);
            }
            '|' => escaped.push_str("\\|"),
            '\n' | '\r' => escaped.push(' '),
            '<' if !is_code => escaped.push_str("&lt;"),
            '*' | '_' | '[' | ']' if !is_code => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn nothing_in_a_cell_is_markup() {
        assert_eq!(cell("a|b <i> *x* `*` \n"), "a\\|b &lt;i> \\*x\\* `*`  ");
    }
}
