//! Findings and gaps, for people.

use facts::{Finding, Gap, Severity, count};

use super::wrap::paragraph;
use crate::output::{Stream, say as line, width};

/// How many places of a finding are shown.
const PLACES: usize = 3;

/// How many clusters or Applications are named; the others are counted.
const NAMED: usize = 5;

/// Says on stderr what people should look at, and what couldn't be worked out.
pub(crate) fn say(findings: &[Finding], unknown: &[Gap]) {
    let text = text(findings, unknown, width(Stream::Stderr));
    if !text.is_empty() {
        line(&format!("\n{}", text.trim_end()));
    }
}

/// The same as text, the worst first.
pub(crate) fn text(findings: &[Finding], unknown: &[Gap], width: usize) -> String {
    let mut sorted: Vec<_> = findings.iter().collect();
    // Findings that call for the same steps stand together, so that these are said once, below the last.
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then((&a.id, &a.help, a).cmp(&(&b.id, &b.help, b))));
    let mut text = String::new();
    for (index, finding) in sorted.iter().enumerate() {
        text.push_str(&told(finding, width));
        let next = sorted.get(index + 1).filter(|next| next.id == finding.id);
        let own = finding.help.iter().filter(|help| next.is_none_or(|next| !next.help.contains(help)));
        text.extend(own.map(|help| paragraph(help, "  help: ", "        ", width)));
    }
    text.extend(unknown.iter().map(|unknown| gap(unknown, width)));
    text
}

fn told(finding: &Finding, width: usize) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let on = match named(&finding.clusters, "cluster") {
        clusters if clusters.is_empty() => String::new(),
        clusters => format!("on {clusters}: "),
    };
    let head = format!("{severity}[{}]: {on}{}", finding.id, finding.message);
    let mut text = paragraph(&head, "", "  ", width);
    if !finding.applications.is_empty() {
        let plural = if finding.applications.len() == 1 { "" } else { "s" };
        let names = format!("for Application{plural} {}", named(&finding.applications, "Application"));
        text.push_str(&paragraph(&names, "  ", "    ", width));
    }
    text.extend(finding.places.iter().take(PLACES).map(|place| format!("  --> {place}\n")));
    match finding.places.len().saturating_sub(PLACES) {
        0 => {}
        more => text.push_str(&format!("  --> and {}\n", count(more, "more place"))),
    }
    text
}

fn named(names: &[String], what: &str) -> String {
    match names.split_at_checked(NAMED) {
        Some((named, rest)) if rest.len() > 1 => {
            format!("{} and {}", named.join(", "), count(rest.len(), &format!("more {what}")))
        }
        _ => names.join(", "),
    }
}

/// A fill without backticks is a command, to be copied as it stands.
fn gap(gap: &Gap, width: usize) -> String {
    let mut text = paragraph(&gap.to_string(), "unknown: ", "  ", width);
    match &gap.fill {
        Some(fill) if fill.contains('`') => text.push_str(&paragraph(fill, "  fill: ", "        ", width)),
        fill => text.extend(fill.iter().map(|fill| format!("  fill: {fill}\n"))),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(message: &str) -> Finding {
        Finding::new("x", Severity::Warning, message)
    }

    #[test]
    fn clusters_applications_and_places_stand_where_people_look() {
        let finding =
            finding("the matter").on("a").on("b").of(["one", "two"]).at(facts::Place::file("f.yaml"));
        let text = text(&[finding.with_help("do this")], &[], 100);
        assert_eq!(
            text,
            "warning[x]: on a, b: the matter\n  for Applications one, two\n  --> f.yaml\n  help: do this\n"
        );
    }

    #[test]
    fn many_clusters_are_counted() {
        let on = |clusters: usize| (0..clusters).fold(finding("m"), |finding, n| finding.on(format!("c{n}")));
        let said = |clusters| text(&[on(clusters)], &[], 100);
        assert_eq!(said(9), "warning[x]: on c0, c1, c2, c3, c4 and 4 more clusters: m\n");
        assert_eq!(said(6), "warning[x]: on c0, c1, c2, c3, c4, c5: m\n");
    }

    #[test]
    fn what_calls_for_the_same_steps_says_them_once() {
        let of = |name| finding(name).with_help(format!("look at {name}")).with_help("do");
        let text = text(&[of("a"), of("b")], &[], 100);
        assert_eq!(text, "warning[x]: a\n  help: look at a\nwarning[x]: b\n  help: look at b\n  help: do\n");
    }

    #[test]
    fn a_command_is_never_broken() {
        let gap =
            Gap::new("w", "c").filled_by("aws eks describe-cluster --name somewhere --region eu-west-1");
        let text = text(&[], &[gap], 40);
        assert!(
            text.contains("  fill: aws eks describe-cluster --name somewhere --region eu-west-1\n"),
            "{text}"
        );
    }
}
