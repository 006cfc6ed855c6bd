//! One object.

use checks::audit::Report;
use facts::Severity;
use schemars::JsonSchema;
use serde::Serialize;

use crate::view::API_VERSION;

/// What `oarlock audit -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Audit")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'r> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Audit`
    #[schemars(extend("const" = "Audit"))]
    kind: &'static str,
    /// How many findings there are of each severity.
    summary: Summary,
    /// What came of it.
    #[serde(flatten)]
    report: &'r Report,
}

/// How many findings there are of each severity, and how many were left alone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditSummary")]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Errors.
    errors: usize,
    /// Warnings.
    warnings: usize,
    /// Notes.
    notes: usize,
    /// Left alone.
    suppressed: usize,
    /// Checks that could not look everywhere.
    skipped: usize,
}

impl<'r> Json<'r> {
    pub(crate) fn of(report: &'r Report) -> Self {
        let summary = Summary {
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            notes: report.count(Severity::Note),
            suppressed: report.suppressed.len(),
            skipped: report.skipped.len(),
        };
        Self { api_version: API_VERSION, kind: "Audit", summary, report }
    }
}
