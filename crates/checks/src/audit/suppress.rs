//! What somebody said to leave alone: comments beside the finding, lines of an ignore file, a baseline.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Finding, Place, Problem, Severity};
use jiff::civil::Date;
use rayon::prelude::*;

use super::{
    CHECKS, Inputs, Report, Suppressed,
    check::{About, Audience, Confidence},
    report::AuditFinding,
    subject::glob_exactly,
};

/// The mark of a comment.
const MARK: &str = "oarlock: ignore[";

/// What somebody said to leave alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The check.
    pub id: String,
    /// The file, by its name or a pattern of names; none for everywhere.
    pub file: Option<String>,
    /// The cluster, in the same way.
    pub cluster: Option<String>,
    /// A text that the message must contain; none for any.
    pub about: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Where it was said.
    pub said: Place,
    /// Whether only findings on the same line, or on the one after it, are meant.
    pub beside: bool,
}

/// Findings about suppressions themselves.
const EXPIRED: About = About {
    module: "audit::suppressions::suppression_expired",
    page: "",
    severity: Severity::Warning,
    confidence: Confidence::Certain,
    audience: Audience::Security,
};
const UNKNOWN: About = About { module: "audit::suppressions::suppression_of_unknown_check", ..EXPIRED };
const WITHOUT_REASON: About = About { module: "audit::suppressions::suppression_without_reason", ..EXPIRED };

/// Takes out what is to be left alone. What has expired counts no more, and is a finding itself; so is what names nothing, or gives no reason.
pub(super) fn suppress(inputs: &Inputs<'_>, report: &mut Report) {
    let mut ignored: Vec<Ignored> = inputs.ignored.to_vec();
    let files = inputs.files.iter().map(|file| (&file.name, &file.bytes));
    let of_inventory = inputs.inventory.map(|(_, files)| files).unwrap_or_default();
    let files = files.chain(of_inventory.iter().map(|file| (&file.name, &file.bytes)));
    let files: Vec<_> = files.collect();
    let comments = files.into_par_iter().flat_map_iter(|(name, bytes)| comments(name, bytes));
    let (reasoned, unreasoned): (Vec<_>, Vec<_>) = comments.partition(|ignored| !ignored.reason.is_empty());
    ignored.extend(reasoned);
    let mut by_check: BTreeMap<&str, Vec<&Ignored>> = BTreeMap::new();
    for each in &ignored {
        by_check.entry(&each.id).or_default().push(each);
    }
    let mut expired = BTreeSet::new();
    for found in std::mem::take(&mut report.findings) {
        let of_check = by_check.get(&*found.finding.id).into_iter().flatten();
        let matching: Vec<&&Ignored> = of_check.filter(|ignored| ignored.is_about(&found)).collect();
        let valid = matching.iter().find(|ignored| ignored.until.is_none_or(|until| until >= inputs.today));
        match valid {
            Some(by) => report.suppressed.push(Suppressed {
                found,
                reason: by.reason.clone(),
                until: by.until.map(|date| date.to_string()),
                said: by.said.clone(),
            }),
            None => {
                expired.extend(
                    matching.iter().map(|ignored| (ignored.said.clone(), ignored.id.clone(), ignored.until)),
                );
                report.findings.push(found);
            }
        }
    }
    report.findings.extend(expired.into_iter().map(|(said, id, until)| has_expired(said, &id, until)));
    let unknown = ignored.iter().filter(|ignored| !is_check(&ignored.id));
    report.findings.extend(unknown.map(is_of_unknown_check));
    report.findings.extend(unreasoned.iter().map(is_without_reason));
}

fn has_expired(said: Place, id: &str, until: Option<Date>) -> AuditFinding {
    let until = until.map(|until| until.to_string()).unwrap_or_default();
    let message = format!("what was to be left alone of `{id}` until {until} counts again");
    let finding = Finding::new(EXPIRED.id(), EXPIRED.severity, message);
    AuditFinding::new(finding.at(said).with_help("mend it, or give a new date with a new reason"), &EXPIRED)
}

fn is_of_unknown_check(ignored: &Ignored) -> AuditFinding {
    let message = format!("there is no check `{}`: nothing is left alone by it", ignored.id);
    let help = match nearest(&ignored.id) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`oarlock audit --list` prints them all".to_owned(),
    };
    let finding = Finding::new(UNKNOWN.id(), UNKNOWN.severity, message);
    AuditFinding::new(finding.at(ignored.said.clone()).with_help(help), &UNKNOWN)
}

fn is_without_reason(ignored: &Ignored) -> AuditFinding {
    let message = format!("nothing says why `{}` is to be left alone: it isn't", ignored.id);
    let finding = Finding::new(WITHOUT_REASON.id(), WITHOUT_REASON.severity, message);
    let help = "write the reason behind the brackets, or take the comment out";
    AuditFinding::new(finding.at(ignored.said.clone()).with_help(help), &WITHOUT_REASON)
}

fn is_check(id: &str) -> bool {
    CHECKS.iter().any(|check| check.about.id() == id)
}

/// The check whose name is nearest to a name that none has.
pub fn nearest(id: &str) -> Option<String> {
    let all: Vec<String> = CHECKS.iter().map(|check| check.about.id()).collect();
    manifest::nearest(id, all.iter().map(String::as_str)).map(str::to_owned)
}

impl Ignored {
    fn is_about(&self, found: &AuditFinding) -> bool {
        let finding = &found.finding;
        let on = |pattern: &String| finding.clusters.iter().any(|cluster| glob_exactly(pattern, cluster));
        self.id == finding.id
            && self.is_at(found.place())
            && self.cluster.as_ref().is_none_or(on)
            && self.about.as_ref().is_none_or(|text| finding.message.contains(text))
    }

    fn is_at(&self, place: Option<&Place>) -> bool {
        let Some(place) = place else { return !self.beside && self.file.is_none() };
        if self.beside {
            let lines = [self.said.line, self.said.line + 1];
            return self.said.file == place.file && lines.contains(&place.line);
        }
        let is = |pattern: &String| **pattern == *place.file || glob_exactly(pattern, &place.file);
        self.file.as_ref().is_none_or(is)
    }
}

/// A file's comments that leave something alone; the reason of some is empty.
fn comments(name: &std::sync::Arc<str>, bytes: &[u8]) -> Vec<Ignored> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    if !text.contains(MARK) {
        return Vec::new();
    }
    let lines = (1..).zip(text.lines());
    let found = lines.filter_map(|(line, text)| {
        let (before, after) = text.split_once(MARK)?;
        before.trim_end().ends_with(['#', '/', '-']).then_some(())?;
        let (id, rest) = after.split_once(']')?;
        let rest = rest.trim().trim_end_matches("-->").trim();
        let (until, reason) = until(rest);
        let column = u32::try_from(before.chars().count() + 1).unwrap_or_default();
        let said = Place::new(std::sync::Arc::clone(name), line, column);
        let id = id.trim().to_owned();
        Some(Ignored { id, file: None, cluster: None, about: None, reason, until, said, beside: true })
    });
    found.collect()
}

/// `until=YYYY-MM-DD`, and what comes after it. A date that is none is one that has passed.
fn until(text: &str) -> (Option<Date>, String) {
    match text.strip_prefix("until=") {
        Some(rest) => {
            let (date, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            (Some(date.parse().unwrap_or(Date::MIN)), reason.trim().to_owned())
        }
        None => (None, text.to_owned()),
    }
}

/// Reads an ignore file: one line each, `<id> [file=PATH] [cluster=NAME] [about="TEXT"]
/// [until=YYYY-MM-DD] reason`; `#` begins a comment.
///
/// # Errors
/// A line without a reason, or with a date that is none.
pub fn ignore_file(name: &std::sync::Arc<str>, text: &str) -> Result<Vec<Ignored>, Vec<Problem>> {
    let (mut ignored, mut problems) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let said = Place::new(std::sync::Arc::clone(name), line, 1);
        match ignore_line(text, &said) {
            Ok(read) => ignored.push(read),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(ignored) } else { Err(problems) }
}

fn ignore_line(text: &str, said: &Place) -> Result<Ignored, Problem> {
    let (id, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    while let Some((key, value, after)) = field(rest) {
        fields.insert(key, value.to_owned());
        rest = after;
    }
    let until = fields.remove("until").map(|date| date.parse::<Date>().map_err(|_| date)).transpose();
    let until = until.map_err(|date| {
        Problem::new(said.clone(), format!("`{date}` is no date")).with_help("write it as `2030-01-31`")
    })?;
    if rest.trim().is_empty() {
        let problem = Problem::new(said.clone(), format!("nothing says why `{id}` is left alone"));
        return Err(problem.with_help("end the line with the reason"));
    }
    Ok(Ignored {
        id: id.to_owned(),
        file: fields.remove("file"),
        cluster: fields.remove("cluster"),
        about: fields.remove("about"),
        reason: rest.trim().to_owned(),
        until,
        said: said.clone(),
        beside: false,
    })
}

/// A `key=value` at the start, the value perhaps in quotes.
fn field(text: &str) -> Option<(&'static str, &str, &str)> {
    let text = text.trim_start();
    let key = ["file", "cluster", "about", "until"]
        .into_iter()
        .find(|key| text.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')))?;
    let rest = text.get(key.len() + 1..)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(value, after)| (key, value, after)),
        None => {
            let (value, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            Some((key, value, after))
        }
    }
}

/// Moves findings that an earlier report has to those that are left alone: as often as it has them.
pub fn apply_baseline(report: &mut Report, fingerprints: impl IntoIterator<Item = String>, said: &Place) {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for fingerprint in fingerprints {
        *left.entry(fingerprint).or_default() += 1;
    }
    for found in std::mem::take(&mut report.findings) {
        match left.get_mut(&found.fingerprint).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                let reason = "in the baseline".to_owned();
                report.suppressed.push(Suppressed { found, reason, until: None, said: said.clone() });
            }
            None => report.findings.push(found),
        }
    }
    report.sort();
}
