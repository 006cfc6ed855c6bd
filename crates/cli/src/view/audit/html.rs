//! One file for people who weren't there: no scripts, nothing from elsewhere, readable on screen and on paper.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use checks::audit::{About, AuditFinding, Check, Report};
use facts::{Severity, count};
use inventory::Inventory;

use super::{access, shown, summary, word};
use crate::{printable, view::markup::escaped};

const STYLE: &str = include_str!("html.css");

/// So many findings of one check are shown with their lines.
const SHOWN: usize = 200;

/// So many lines stand before and after the one of a finding.
const AROUND: usize = 2;

/// A line that is longer isn't shown whole.
const LONGEST: usize = 300;

/// What was looked at.
pub(crate) struct Seen<'s> {
    /// Texts of files by name.
    pub(crate) sources: &'s BTreeMap<&'s str, &'s str>,
    /// The inventory.
    pub(crate) inventory: Option<&'s Inventory>,
}

pub(crate) fn html(report: &Report, checks: &[&Check], seen: &Seen<'_>, today: &str) -> String {
    let sources = seen.sources;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Audit</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>Audit</h1>\n<p>{}</p>\n<p class=\"quiet\">{}, by oarlock {}</p>\n</header>\n<main>\n",
        escaped(&summary(report)),
        escaped(today),
        env!("CARGO_PKG_VERSION"),
    );
    tiles(&mut page, report);
    matrix(&mut page, report, checks);
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        findings(&mut page, report, checks, sources, severity);
    }
    if let Some(inventory) = seen.inventory {
        access::section(&mut page, inventory, report);
    }
    left_alone(&mut page, report);
    skipped(&mut page, report);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn tiles(page: &mut String, report: &Report) {
    let all = [
        ("errors", report.count(Severity::Error), "error"),
        ("warnings", report.count(Severity::Warning), "warning"),
        ("notes", report.count(Severity::Note), "note"),
        ("left alone", report.suppressed.len(), "quiet"),
        ("could not look", report.skipped.len(), "quiet"),
    ];
    page.push_str("<ul class=\"tiles\">\n");
    for (name, number, class) in all {
        let _ = writeln!(page, "<li class=\"{class}\"><b>{number}</b> {name}</li>");
    }
    page.push_str("</ul>\n");
}

/// Where how much of what was found: clusters by families.
fn matrix(page: &mut String, report: &Report, checks: &[&Check]) {
    let family =
        |id: &str| checks.iter().find(|check| check.about.id() == id).map(|check| check.about.family());
    let mut cells: BTreeMap<(&str, &str), (usize, Severity)> = BTreeMap::new();
    for found in &report.findings {
        let finding = &found.finding;
        let cluster = finding.clusters.first().map_or("", String::as_str);
        let Some(family) = family(&finding.id) else { continue };
        let cell = cells.entry((cluster, family)).or_insert((0, finding.severity));
        *cell = (cell.0 + 1, cell.1.max(finding.severity));
    }
    let clusters: BTreeSet<&str> = cells.keys().map(|(cluster, _)| *cluster).collect();
    let families: BTreeSet<&str> = cells.keys().map(|(_, family)| *family).collect();
    if clusters.iter().all(|cluster| cluster.is_empty()) {
        return;
    }
    page.push_str("<h2>Where</h2>\n<div class=\"wide\"><table class=\"matrix\">\n<tr><th></th>");
    families.iter().for_each(|family| {
        let _ = write!(page, "<th>{}</th>", escaped(family));
    });
    page.push_str("</tr>\n");
    for cluster in clusters {
        let title = if cluster.is_empty() { "accounts and files" } else { cluster };
        let _ = write!(page, "<tr><th>{}</th>", escaped(title));
        for family in &families {
            let _ = match cells.get(&(cluster, *family)) {
                Some((number, worst)) => write!(page, "<td class=\"{}\">{number}</td>", word(*worst)),
                None => write!(page, "<td></td>"),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div>\n");
}

fn findings(
    page: &mut String,
    report: &Report,
    checks: &[&Check],
    sources: &BTreeMap<&str, &str>,
    severity: Severity,
) {
    let mut by_check: BTreeMap<&str, Vec<&AuditFinding>> = BTreeMap::new();
    for found in report.findings.iter().filter(|found| found.finding.severity == severity) {
        by_check.entry(&found.finding.id).or_default().push(found);
    }
    if by_check.is_empty() {
        return;
    }
    let title = match severity {
        Severity::Error => "Errors",
        Severity::Warning => "Warnings",
        Severity::Note => "Notes",
    };
    let _ = writeln!(page, "<h2>{title}</h2>");
    for (id, found) in by_check {
        let about = checks.iter().map(|check| check.about).find(|about| about.id() == id);
        let _ =
            writeln!(page, "<section class=\"{}\">\n<h3><code>{}</code></h3>", word(severity), escaped(id));
        if let Some(about) = about {
            explained(page, about);
        }
        found.iter().take(SHOWN).for_each(|found| one(page, found, sources));
        if found.len() > SHOWN {
            let _ = writeln!(page, "<p>… and {}</p>", count(found.len() - SHOWN, "more"));
        }
        page.push_str("</section>\n");
    }
}

/// The page of a check without its examples.
fn explained(page: &mut String, about: &About) {
    let _ = writeln!(page, "<p>{}</p>", marked(&about.title()));
    let body = about.body();
    let mut is_code = false;
    let prose = body.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    let prose = prose.collect::<Vec<_>>().join("\n");
    page.push_str("<details><summary>Why</summary>\n");
    for paragraph in prose.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let _ = writeln!(page, "<p>{}</p>", marked(paragraph));
    }
    page.push_str("</details>\n");
}

fn one(page: &mut String, found: &AuditFinding, sources: &BTreeMap<&str, &str>) {
    let finding = &found.finding;
    let on = finding.clusters.first().map(|cluster| format!("on `{cluster}`: ")).unwrap_or_default();
    let _ = writeln!(page, "<article>\n<p>{}</p>", marked(&format!("{on}{}", finding.message)));
    if let Some(place) = found.place() {
        let _ = writeln!(page, "<p class=\"place\">{}</p>", escaped(&place.to_string()));
        if let Some(text) = shown(sources, place) {
            excerpt(page, text, usize::try_from(place.line).unwrap_or_default());
        }
    }
    for help in &finding.help {
        let _ = writeln!(page, "<p class=\"help\">{}</p>", marked(help));
    }
    page.push_str("</article>\n");
}

fn excerpt(page: &mut String, text: &str, line: usize) {
    let Some(index) = line.checked_sub(1) else { return };
    let first = index.saturating_sub(AROUND);
    page.push_str("<pre>");
    for (number, shown) in (first + 1..).zip(text.lines().skip(first).take(index - first + 1 + AROUND)) {
        let cut: String = shown.chars().take(LONGEST).collect();
        let body = format!("{number:>5}  {}", escaped(&printable::line(&cut)));
        let _ = if number == line { writeln!(page, "<mark>{body}</mark>") } else { writeln!(page, "{body}") };
    }
    page.push_str("</pre>\n");
}

fn left_alone(page: &mut String, report: &Report) {
    if report.suppressed.is_empty() {
        return;
    }
    page.push_str(
        "<h2>Left alone</h2>\n<table>\n<tr><th>check</th><th>what</th><th>why</th><th>until</th></tr>\n",
    );
    for suppressed in &report.suppressed {
        let finding = &suppressed.found.finding;
        let until = suppressed.until.as_deref().unwrap_or("");
        let (id, why) = (escaped(&finding.id), marked(&suppressed.reason));
        let _ = writeln!(
            page,
            "<tr><td><code>{id}</code></td><td>{}</td><td>{why}</td><td>{}</td></tr>",
            marked(&finding.message),
            escaped(until)
        );
    }
    page.push_str("</table>\n");
}

fn skipped(page: &mut String, report: &Report) {
    if report.skipped.is_empty() && report.unread.is_empty() {
        return;
    }
    page.push_str("<h2>Not looked at</h2>\n<ul>\n");
    for skipped in &report.skipped {
        let fill = skipped.missing.fill.as_ref().map(|fill| format!("<br><code>{}</code>", escaped(fill)));
        let what = marked(&skipped.missing.to_string());
        let _ = writeln!(
            page,
            "<li><code>{}</code>: {what}{}</li>",
            escaped(&skipped.id),
            fill.unwrap_or_default()
        );
    }
    for place in &report.unread {
        let _ = writeln!(page, "<li>{}: neither YAML nor JSON</li>", escaped(&place.to_string()));
    }
    page.push_str("</ul>\n");
}

/// Text with what stands in backticks as code.
pub(super) fn marked(text: &str) -> String {
    let text = printable::text(text);
    let parts = text.split('`').enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_people_wrote_is_no_markup() {
        assert_eq!(marked("a `<b>` & \"c\""), "a <code>&lt;b&gt;</code> &amp; &quot;c&quot;");
    }

    #[test]
    fn the_line_of_a_finding_is_marked_among_its_neighbours() {
        let mut page = String::new();
        excerpt(&mut page, "a\nb\nc\nd\ne\nf\n", 4);
        assert_eq!(page, "<pre>    2  b\n    3  c\n<mark>    4  d</mark>\n    5  e\n    6  f\n</pre>\n");
    }
}
