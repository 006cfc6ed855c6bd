//! For people: each finding with the line that it is about.

use std::{collections::BTreeMap, fmt::Write as _};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use checks::audit::{AuditFinding, Report, Skipped};
use facts::{Gap, Severity, count};

use super::{shown, summary};
use crate::{diagnostic::span, output::colour_on_stdout, printable, view::wrap::paragraph};

/// So many of what could not be looked at are shown.
const SKIPPED: usize = 5;

/// So many findings of one check with one message are shown with their lines.
const ALIKE: usize = 3;

pub(crate) fn text(report: &Report, sources: &BTreeMap<&str, &str>) -> String {
    let renderer = if colour_on_stdout() { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    let mut alike: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for found in &report.findings {
        let seen = alike.entry((&found.finding.id, &found.finding.message)).or_default();
        *seen += 1;
        if *seen <= ALIKE {
            let _ = writeln!(text, "{}\n", render(found, sources, &renderer));
        }
    }
    for ((id, message), seen) in alike.iter().filter(|(_, seen)| **seen > ALIKE) {
        let more = count(seen - ALIKE, "more place");
        let _ = writeln!(text, "{id}: and in {more}: {}\n", printable::line(message));
    }
    text.push_str(&skipped(&report.skipped));
    if !report.unread.is_empty() {
        let (documents, first) = (count(report.unread.len(), "document"), report.unread.first());
        let first = first.map(ToString::to_string).unwrap_or_default();
        let line = format!("{documents} that are neither YAML nor JSON were not read, the first at {first}");
        text.push_str(&paragraph(&line, "note: ", "  ", 100));
    }
    let _ = writeln!(text, "{}", summary(report));
    text
}

fn render(found: &AuditFinding, sources: &BTreeMap<&str, &str>, renderer: &Renderer) -> String {
    let finding = &found.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let on = finding.clusters.first().map(|cluster| format!("on `{cluster}`: ")).unwrap_or_default();
    let message = printable::text(&format!("{on}{}", finding.message)).into_owned();
    let mut group = Group::with_title(level.primary_title(message).id(finding.id.as_ref()));
    if let Some(place) = found.place() {
        let source = shown(sources, place);
        let window = source.and_then(|text| window(text, place.line));
        let span = window.as_ref().and_then(|(text, before)| span(text, place.line - before, place.column));
        match (window, span) {
            (Some((text, before)), Some(span)) => {
                let snippet =
                    Snippet::source(printable::text(text).into_owned()).path(place.file.to_string());
                let first = usize::try_from(before).unwrap_or_default() + 1;
                let annotation = AnnotationKind::Primary.span(span);
                group = group.element(snippet.line_start(first).annotation(annotation));
            }
            _ => group = group.element(Origin::path(place.to_string())),
        }
    }
    for help in &finding.help {
        group = group.element(Level::HELP.message(printable::text(help).into_owned()));
    }
    renderer.render(&[group])
}

/// The line of a finding alone, and how many stand before it: a large file isn't walked through again for each finding. One that can't be shown
/// as it stands, or that is as long as a whole file, isn't shown.
fn window(text: &str, line: u32) -> Option<(&str, u32)> {
    let before = line.checked_sub(1)?;
    let shown = text.lines().nth(usize::try_from(before).ok()?)?;
    let fits = shown.len() <= 400 && matches!(printable::text(shown), std::borrow::Cow::Borrowed(_));
    fits.then_some((shown, before))
}

fn skipped(all: &[Skipped]) -> String {
    let mut by_gap: BTreeMap<&Gap, Vec<&str>> = BTreeMap::new();
    for Skipped { id, missing } in all {
        by_gap.entry(missing).or_default().push(id);
    }
    let mut text = String::new();
    for (gap, ids) in by_gap.iter().take(SKIPPED) {
        let line = format!("{gap}: {} could not look ({})", count(ids.len(), "check"), ids.join(", "));
        text.push_str(&paragraph(&line, "skipped: ", "  ", 100));
        if let Some(fill) = &gap.fill {
            let _ = writeln!(text, "  fill: {fill}");
        }
    }
    match by_gap.len().saturating_sub(SKIPPED) {
        0 => {}
        more => {
            let _ =
                writeln!(text, "skipped: {} that isn't known (`-o json` has all)", count(more, "more thing"));
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}
