//! What a check is: its page, how much a finding of it matters, and the function that looks.

use std::fmt::Display;

use facts::{Finding, Gap, Place, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use super::{fix::Fix, report::AuditFinding, subject::Scene};

/// How sure it is that a finding is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may be meant so.
    Possible,
    /// Only something unusual makes it right.
    Likely,
    /// It follows from what is documented.
    Certain,
}

/// Whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Who answers for who may do what.
    Security,
    /// Who keeps Argo CD and the clusters running: something doesn't work, or will stop working.
    Operations,
}

/// What a check is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub(crate) module: &'static str,
    pub(crate) page: &'static str,
    /// How much a finding of it matters, unless the finding says otherwise.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whom it concerns.
    pub audience: Audience,
}

/// One check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What it is about.
    pub about: &'static About,
    pub(crate) look: fn(&Scene<'_>, &mut Sink),
}

/// What a finding of a check says, by its facts. The message is how they are displayed.
pub(crate) trait Facts: Display {
    /// What can be done, the smallest change first.
    fn help(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where it differs from the check's own.
    fn severity(&self) -> Option<Severity> {
        None
    }
}

/// Declares what a check is about: the doc comment is the page that people read, and its `finds`,
/// `fixed` and `clean` blocks are tests.
macro_rules! about {
    ($(#[doc = $line:literal])+ $severity:ident, $confidence:ident, $audience:ident) => {
        $(#[doc = $line])+
        pub(crate) const ABOUT: $crate::audit::check::About = $crate::audit::check::About {
            module: module_path!(),
            page: concat!($($line, "\n"),+),
            severity: facts::Severity::$severity,
            confidence: $crate::audit::check::Confidence::$confidence,
            audience: $crate::audit::check::Audience::$audience,
        };
    };
}
pub(crate) use about;

impl About {
    /// Its name: that of its file.
    pub fn id(&self) -> String {
        self.module.rsplit("::").next().unwrap_or_default().replace('_', "-")
    }

    /// The family that it belongs to: the folder of its file.
    pub fn family(&self) -> &'static str {
        self.module.rsplit("::").nth(1).unwrap_or_default()
    }

    /// One sentence: the first paragraph of its page.
    pub fn title(&self) -> String {
        let lines = self.lines().take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// Its page below the title, as Markdown.
    pub fn body(&self) -> String {
        let lines = self.lines().skip_while(|line| !line.is_empty()).skip(1);
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// Its page as `docs/checks` has it.
    pub fn markdown(&self) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let confidence = match self.confidence {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        };
        let audience = match self.audience {
            Audience::Security => "security",
            Audience::Operations => "operations",
        };
        let mut page = format!(
            "# {}\n\n{}\n\n{} | {severity} | {confidence} | {audience}\n--- | --- | --- | ---\n\n",
            self.id(),
            self.title(),
            self.family(),
        );
        for line in self.body().trim().lines() {
            let block = line.strip_prefix("```").filter(|words| !words.is_empty());
            match block.map(|words| words.split_whitespace().collect::<Vec<_>>()).as_deref() {
                Some([language, "finds", ..]) => page.push_str(&format!("Is found:\n\n```{language}\n")),
                Some([language, "fixed", ..]) => {
                    page.push_str(&format!("Becomes with `--fix`:\n\n```{language}\n"))
                }
                Some([language, "clean", ..]) => page.push_str(&format!("Is fine:\n\n```{language}\n")),
                _ => page.extend([line, "\n"]),
            }
        }
        page
    }

    fn lines(&self) -> impl Iterator<Item = &'static str> {
        self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
    }
}

/// Takes what one check finds in one scene.
#[derive(Debug)]
pub(crate) struct Sink {
    about: &'static About,
    cluster: Option<String>,
    pub(super) findings: Vec<AuditFinding>,
    pub(super) skipped: Vec<Gap>,
}

impl Sink {
    pub(super) fn new(about: &'static About, cluster: Option<String>) -> Self {
        Self { about, cluster, findings: Vec::new(), skipped: Vec::new() }
    }

    /// Something is as the check describes.
    pub(crate) fn found(&mut self, place: impl Into<Option<Place>>, facts: &impl Facts) {
        self.mended(place, facts, None);
    }

    /// Something is as the check describes, and an edit of the file may mend it.
    pub(crate) fn mended(&mut self, place: impl Into<Option<Place>>, facts: &impl Facts, fix: Option<Fix>) {
        let severity = facts.severity().unwrap_or(self.about.severity);
        let mut finding = Finding::new(self.about.id(), severity, facts.to_string());
        finding.places.extend(place.into());
        finding.clusters.extend(self.cluster.clone());
        finding.help = facts.help();
        self.findings.push(AuditFinding { fix, ..AuditFinding::new(finding, self.about) });
    }

    /// It can't be said: something isn't known.
    pub(crate) fn skip(&mut self, gap: &Gap) {
        if !self.skipped.contains(gap) {
            self.skipped.push(gap.clone());
        }
    }
}
