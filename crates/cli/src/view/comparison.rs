//! What one set of manifests makes Argo CD need, compared with another.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Identity, Need, Needs, Undecided};
use facts::{Finding, Gap, count};
use rbac::PermissionSet;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    API_VERSION, needs,
    row::{Row, rows},
    table,
};
use crate::output::{Stream, width};

/// Two sets of needs, as sets of requests: what is needed anew, and what can go. `oarlock needs --against -o json`
/// prints it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NeedsComparison")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `NeedsComparison`
    #[schemars(extend("const" = "NeedsComparison"))]
    kind: &'static str,
    /// Whether everything could be worked out on both sides, and nothing waits for a choice.
    complete: bool,
    /// Needs of the new manifests that the permissions of the old ones, as a set, don't cover.
    added: Vec<Need>,
    /// Needs of the old manifests that those of the new ones don't cover.
    removed: Vec<Need>,
    /// Findings that the old manifests don't have.
    findings: Vec<Finding>,
    /// RBAC objects on either side for which somebody has to choose first: what they take is not compared.
    undecided: Vec<Undecided>,
    /// What could not be worked out on either side.
    unknown: Vec<Gap>,
}

impl Comparison {
    pub(crate) fn new(old: &Needs, new: &Needs) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "NeedsComparison",
            complete: old.is_complete() && new.is_complete(),
            added: not_covered(&new.needs, &old.needs),
            removed: not_covered(&old.needs, &new.needs),
            findings: new
                .findings
                .iter()
                .filter(|finding| !old.findings.contains(finding))
                .cloned()
                .collect(),
            undecided: undecided(old, new),
            unknown: old
                .unknown
                .iter()
                .chain(&new.unknown)
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        }
    }

    /// Whether both sides are complete: nothing is unknown or waits for a choice.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// What could not be worked out on either side.
    pub(crate) fn unknown(&self) -> &[Gap] {
        &self.unknown
    }

    pub(crate) fn is_different(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }

    /// `+` for what is needed anew, `-` for what can go.
    pub(crate) fn table(&self) -> String {
        if !self.is_different() {
            return "no difference: the same permissions as before\n".to_owned();
        }
        let cells = self.cells(str::to_owned, str::to_owned);
        let table = table::fitted(&head(), [1, 2, 3], cells, width(Stream::Stdout));
        format!("{table}\n{}\n", self.summary())
    }

    /// For a comment on a pull request.
    pub(crate) fn markdown(&self) -> String {
        if !self.is_different() {
            return "**Argo CD needs the same permissions as before.**\n".to_owned();
        }
        let cells = self.cells(|sign| format!("**{sign}**"), |text| format!("`{text}`"));
        format!("**{}**\n\n{}", self.summary(), table::markdown(&head(), cells))
    }

    fn cells(&self, sign: fn(&str) -> String, code: fn(&str) -> String) -> Vec<Vec<String>> {
        let row = |(mark, row): (&str, Row)| {
            let mut cells = vec![sign(mark)];
            cells.extend(needs::cells(&row, "", code));
            cells
        };
        self.signed().into_iter().map(row).collect()
    }

    fn signed(&self) -> Vec<(&'static str, Row)> {
        let added = rows(&self.added).into_iter().map(|row| ("+", row));
        added.chain(rows(&self.removed).into_iter().map(|row| ("-", row))).collect()
    }

    fn summary(&self) -> String {
        let permissions = |needs: &[Need]| count(needs.len(), "permission");
        // What left the manifests is still read, reconciled or pruned by the sync that brings the change.
        let after = if self.removed.is_empty() { "" } else { " once the change is synced" };
        format!(
            "Argo CD needs {} more, and {} can go{after}.",
            permissions(&self.added),
            permissions(&self.removed)
        )
    }
}

fn head() -> Vec<&'static str> {
    std::iter::once("").chain(needs::HEAD).collect()
}

/// Objects that wait on both sides are named once, as in the new manifests.
fn undecided(old: &Needs, new: &Needs) -> Vec<Undecided> {
    let in_new = |old: &&Undecided| new.undecided.iter().any(|new| new.object == old.object);
    new.undecided.iter().chain(old.undecided.iter().filter(|old| !in_new(old))).cloned().collect()
}

/// The needs that the other side's permissions, taken as a set, don't cover for the same identity.
fn not_covered(wanted: &[Need], other: &[Need]) -> Vec<Need> {
    let mut held: BTreeMap<&Identity, PermissionSet> = BTreeMap::new();
    for need in other {
        held.entry(&need.identity).or_default().insert(need.permission.clone());
    }
    let covered = |need: &&Need| held.get(&need.identity).is_some_and(|set| set.contains(&need.permission));
    wanted.iter().filter(|need| !covered(need)).cloned().collect()
}
