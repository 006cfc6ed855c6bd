//! For CI: a suite a family, a case a finding; a check that found nothing passed, one that could look nowhere was skipped.

use checks::audit::{About, AuditFinding, Check, Report};
use facts::Severity;

use crate::view::junit::{Case, Outcome, Suite};

/// Findings from `least` on fail.
pub(crate) fn suites(report: &Report, checks: &[&Check], least: Severity) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    for about in checks.iter().map(|check| check.about) {
        let name = format!("audit/{}", about.family());
        if suites.last().is_none_or(|suite| suite.name != name) {
            suites.push(Suite { name, cases: Vec::new() });
        }
        if let Some(suite) = suites.last_mut() {
            suite.cases.extend(cases(report, about, least));
        }
    }
    let expired: Vec<Case> = report
        .findings
        .iter()
        .filter(|found| checks.iter().all(|check| *check.about.id() != *found.finding.id))
        .map(|found| failed(found, least))
        .collect();
    if !expired.is_empty() {
        suites.push(Suite { name: "audit/suppressions".to_owned(), cases: expired });
    }
    suites
}

fn cases(report: &Report, about: &About, least: Severity) -> Vec<Case> {
    let id = about.id();
    let found: Vec<Case> = report
        .findings
        .iter()
        .filter(|found| found.finding.id == id)
        .map(|found| failed(found, least))
        .collect();
    if !found.is_empty() {
        return found;
    }
    let skipped = report.skipped.iter().find(|skipped| skipped.id == id);
    let outcome = match skipped {
        Some(skipped) => Outcome::Skipped { message: skipped.missing.to_string() },
        None => Outcome::Passed,
    };
    vec![Case { name: about.title(), classname: id, outcome }]
}

fn failed(found: &AuditFinding, least: Severity) -> Case {
    let finding = &found.finding;
    let place = found.place().map(ToString::to_string).unwrap_or_default();
    let help: String = finding.help.iter().map(|help| format!("\nhelp: {help}")).collect();
    let outcome = if finding.severity >= least {
        Outcome::Failed {
            message: finding.message.clone(),
            text: format!("{place}: {}{help}", finding.message),
        }
    } else {
        Outcome::Passed
    };
    Case { name: format!("{place}: {}", finding.message), classname: finding.id.to_string(), outcome }
}
