//! What came of an audit.

use facts::{Finding, Gap, Place, Severity};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    check::{About, Audience, Confidence},
    fix::Fix,
};

/// A finding of a check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFinding {
    /// What is the matter, and where.
    #[serde(flatten)]
    pub finding: Finding,
    /// How sure it is that it is one.
    pub confidence: Confidence,
    /// Whom it concerns.
    pub audience: Audience,
    /// The same for the same finding of another run, wherever in its file it stands.
    pub fingerprint: String,
    /// An edit of the file that mends it, where one is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

impl AuditFinding {
    pub(super) fn new(finding: Finding, about: &About) -> Self {
        let mut hash = Sha256::new();
        let file = finding.places.first().map(|place| place.file.to_string()).unwrap_or_default();
        for part in [&*finding.id, &file, &finding.message] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let fingerprint = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { finding, confidence: about.confidence, audience: about.audience, fingerprint, fix: None }
    }

    /// Where it was seen first.
    pub fn place(&self) -> Option<&Place> {
        self.finding.places.first()
    }
}

/// A finding that somebody said to leave alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suppressed {
    /// The finding.
    #[serde(flatten)]
    pub found: AuditFinding,
    /// Why, in the words of whoever said so; of a baseline `in the baseline`.
    pub reason: String,
    /// Until when, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where it was said.
    pub said: Place,
}

/// A check that could not look everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// The check.
    pub id: String,
    /// What it would have to know.
    pub missing: Gap,
}

/// What came of an audit. What isn't known is never clean: it is skipped, and counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The worst first.
    pub findings: Vec<AuditFinding>,
    /// What somebody said to leave alone, or what a baseline has.
    pub suppressed: Vec<Suppressed>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
    /// Documents that are neither YAML nor JSON, such as templates that weren't rendered.
    pub unread: Vec<Place>,
    /// How many files were read.
    pub files: usize,
    /// How many documents and commands were found in them.
    pub documents: usize,
    /// How many checks looked.
    pub checks: usize,
}

impl Report {
    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|found| found.finding.severity == severity).count()
    }

    /// The worst severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|found| found.finding.severity).max()
    }

    pub(super) fn sort(&mut self) {
        let key = |found: &AuditFinding| {
            (std::cmp::Reverse(found.finding.severity), found.place().cloned(), found.clone())
        };
        self.findings.sort_by_cached_key(key);
        // An account's policy is in the list of policies and beside each of its versions; one finding is enough.
        self.findings.dedup();
        self.suppressed.sort();
        self.skipped.sort();
        self.skipped.dedup();
        self.unread.sort();
    }
}

/// The day on which an audit is made.
pub type Today = Date;
