//! SARIF 2.1.0, within what GitHub's code scanning takes (GitHub Docs, "SARIF support for code scanning"; "SARIF results exceed one or more
//! limits").

use checks::audit::{About, AuditFinding, Check, Confidence, Fix, Report, Suppressed};
use facts::{Place, Severity};
use serde_json::{Value, json};

use super::word;

/// More results of a run aren't shown; the worst come first.
const RESULTS: usize = 5_000;

/// So many characters of a text are shown.
const CHARACTERS: usize = 1_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(crate) fn sarif(report: &Report, checks: &[&Check]) -> Value {
    let rules: Vec<Value> = checks.iter().map(|check| rule(check.about)).collect();
    let ids: Vec<String> = checks.iter().map(|check| check.about.id()).collect();
    let results: Vec<Value> =
        report.findings.iter().take(RESULTS).map(|found| result(found, &ids, None)).collect();
    let room = RESULTS.saturating_sub(results.len());
    let suppressed = report.suppressed.iter().take(room);
    let suppressed = suppressed.map(|Suppressed { found, reason, .. }| result(found, &ids, Some(reason)));
    let all: Vec<Value> = results.iter().cloned().chain(suppressed).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "oarlock",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/oarlock/oarlock",
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": all,
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report),
            }],
        }],
    })
}

fn rule(about: &About) -> Value {
    let (title, body) = (about.title(), about.body());
    json!({
        "id": about.id(),
        "name": about.id(),
        "shortDescription": {"text": shortened(&title)},
        "fullDescription": {"text": shortened(&first_paragraph(&body))},
        "help": {"text": shortened(&first_paragraph(&body)), "markdown": body},
        "defaultConfiguration": {"level": word(about.severity)},
        "properties": {
            "tags": [about.family(), if about.audience == checks::audit::Audience::Security { "security" } else { "operations" }],
            "precision": precision(about.confidence),
            "problem.severity": problem_severity(about.severity),
            "security-severity": score(about),
        },
    })
}

fn result(found: &AuditFinding, ids: &[String], suppressed: Option<&String>) -> Value {
    let finding = &found.finding;
    let mut text = finding.message.clone();
    if let Some(help) = finding.help.first() {
        text = format!("{text}. Help: {help}");
    }
    let mut result = json!({
        "ruleId": finding.id,
        "level": word(finding.severity),
        "message": {"text": shortened(&text)},
        "locations": found.place().map(location).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {"oarlock/v1": found.fingerprint},
    });
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(index) = ids.iter().position(|id| **id == *finding.id) {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    if let Some(edit) = &found.fix {
        fields.insert("fixes".to_owned(), json!([fix(edit, finding.help.first())]));
    }
    if let Some(reason) = suppressed {
        fields.insert("suppressions".to_owned(), json!([{"kind": "external", "justification": reason}]));
    }
    result
}

/// One replacement in one file.
fn fix(fix: &Fix, help: Option<&String>) -> Value {
    let region = json!({
        "startLine": fix.place.line,
        "startColumn": fix.place.column,
        "endLine": fix.end_line,
        "endColumn": fix.end_column,
    });
    let text = help.map_or_else(|| "as `oarlock audit --fix` does".to_owned(), |help| shortened(help));
    json!({
        "description": {"text": text},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(&fix.place.file)},
            "replacements": [{"deletedRegion": region, "insertedContent": {"text": fix.text}}],
        }],
    })
}

fn location(place: &Place) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if let Some(fields) = physical.as_object_mut().filter(|_| place.line > 0) {
        let region = match place.column {
            0 => json!({"startLine": place.line}),
            column => json!({"startLine": place.line, "startColumn": column}),
        };
        fields.insert("region".to_owned(), region);
    }
    json!({"physicalLocation": physical})
}

/// What wasn't looked at, as the run itself says it.
fn notifications(report: &Report) -> Vec<Value> {
    let skipped = report.skipped.iter().take(100).map(|skipped| {
        json!({
            "level": "note",
            "message": {"text": shortened(&format!("{} could not look: {}", skipped.id, skipped.missing))},
        })
    });
    skipped.collect()
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::Likely => "high",
        Confidence::Possible => "medium",
    }
}

/// GitHub shows it as high from 7.0 on, as medium from 4.0 on.
fn score(about: &About) -> &'static str {
    match about.severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Note => "2.0",
    }
}

fn first_paragraph(body: &str) -> String {
    body.trim().split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS - 1) {
        Some((at, _)) if text.chars().count() > CHARACTERS => {
            format!("{}…", text.get(..at).unwrap_or_default())
        }
        _ => text.to_owned(),
    }
}

/// A path as a URI reference (RFC 3986, section 4.2): what isn't allowed in one becomes percent signs.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let relative = path.trim_start_matches("./").replace('\\', "/");
    let encoded: String = relative
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if encoded.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("./a b/c:d.yaml"), "a%20b/c%3Ad.yaml");
        assert_eq!(uri("/srv/x.json"), "file:///srv/x.json");
    }

    #[test]
    fn texts_end_where_github_ends_them() {
        assert_eq!(shortened(&"ä".repeat(CHARACTERS + 1)).chars().count(), CHARACTERS);
        assert_eq!(shortened("short"), "short");
    }
}
