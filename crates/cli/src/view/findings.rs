//! Findings and gaps, for people, on stderr.

use facts::{Finding, Gap, Severity};

use crate::output::say as line;

/// Says what people should look at, and what couldn't be worked out.
pub(crate) fn say(findings: &[Finding], unknown: &[Gap]) {
    let text = text(findings, unknown);
    if !text.is_empty() {
        line(&format!("\n{}", text.trim_end()));
    }
}

/// The same as text.
pub(crate) fn text(findings: &[Finding], unknown: &[Gap]) -> String {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.cmp(b)));
    let mut text: String = sorted.into_iter().map(finding).collect();
    text.extend(unknown.iter().map(gap));
    text
}

fn finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = format!("{severity}[{}]: {}\n", finding.id, finding.message);
    let places = finding.places.iter().take(3).map(|place| format!("  --> {place}\n"));
    text.extend(places);
    if finding.places.len() > 3 {
        text.push_str(&format!("  --> and {} more places\n", finding.places.len() - 3));
    }
    text.extend(finding.help.iter().map(|help| format!("  help: {help}\n")));
    text
}

fn gap(gap: &Gap) -> String {
    let fill = gap.fill.iter().map(|fill| format!("  fill: {fill}\n"));
    format!("unknown: {gap}\n{}", fill.collect::<String>())
}
