//! Findings and gaps, for people, on stderr.

use facts::{Finding, Gap, Place, Severity};

use crate::output::say as line;

/// How many places of a finding are shown.
const PLACES: usize = 3;

/// Says what people should look at, and what couldn't be worked out.
pub(crate) fn say(findings: &[Finding], unknown: &[Gap]) {
    let text = text(findings, unknown);
    if !text.is_empty() {
        line(&format!("\n{}", text.trim_end()));
    }
}

/// The same as text: the worst first, each said once for all clusters that have it.
pub(crate) fn text(findings: &[Finding], unknown: &[Gap]) -> String {
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.id.cmp(&b.id)).then(a.cmp(b)));
    sorted.into_iter().for_each(|finding| take(&mut told, finding));
    // Findings that call for the same steps stand together, so that these are said once.
    told.sort_by(|a, b| b.severity.cmp(&a.severity).then((&a.id, &a.help).cmp(&(&b.id, &b.help))));
    let mut text = String::new();
    for (index, one) in told.iter().enumerate() {
        text.push_str(&self::told(one));
        let next = told.get(index + 1);
        if next.is_none_or(|next| (next.id, next.help) != (one.id, one.help)) {
            text.extend(one.help.iter().map(|help| format!("  help: {help}\n")));
        }
    }
    text.extend(unknown.iter().map(gap));
    text
}

/// A finding with all clusters and places that it was seen on.
struct Told<'f> {
    severity: Severity,
    id: &'f str,
    clusters: Vec<&'f str>,
    message: &'f str,
    places: Vec<&'f Place>,
    help: &'f [String],
}

fn take<'f>(told: &mut Vec<Told<'f>>, finding: &'f Finding) {
    let (cluster, message) = cluster(&finding.message);
    let same = |told: &Told<'f>| {
        cluster.is_some() && told.id == finding.id && told.message == message && told.help == finding.help
    };
    let index = match told.iter().position(same) {
        Some(index) => index,
        None => {
            let Finding { severity, id, help, .. } = finding;
            told.push(Told {
                severity: *severity,
                id,
                clusters: Vec::new(),
                message,
                places: Vec::new(),
                help,
            });
            told.len() - 1
        }
    };
    let Some(told) = told.get_mut(index) else { return };
    told.clusters.extend(cluster);
    told.places.extend(&finding.places);
    told.places.sort();
    told.places.dedup();
}

/// The cluster that a message starts with: `on prod: …`.
fn cluster(message: &str) -> (Option<&str>, &str) {
    let split = message.strip_prefix("on ").and_then(|rest| rest.split_once(": "));
    match split {
        Some((cluster, rest)) if !cluster.contains(' ') => (Some(cluster), rest),
        _ => (None, message),
    }
}

fn told(told: &Told<'_>) -> String {
    let severity = match told.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let on =
        if told.clusters.is_empty() { String::new() } else { format!("on {}: ", told.clusters.join(", ")) };
    let mut text = format!("{severity}[{}]: {on}{}\n", told.id, told.message);
    text.extend(told.places.iter().take(PLACES).map(|place| format!("  --> {place}\n")));
    if told.places.len() > PLACES {
        text.push_str(&format!("  --> and {} more places\n", told.places.len() - PLACES));
    }
    text
}

fn gap(gap: &Gap) -> String {
    let fill = gap.fill.iter().map(|fill| format!("  fill: {fill}\n"));
    format!("unknown: {gap}\n{}", fill.collect::<String>())
}
