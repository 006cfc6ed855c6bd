//! The findings of a plan: what several clusters or Applications share is said once.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use facts::{Finding, Place, Severity};

use crate::ClusterNeeds;

/// The findings of the clusters' needs, each with its cluster.
pub(crate) fn of(clusters: &[ClusterNeeds]) -> impl Iterator<Item = Finding> {
    clusters.iter().flat_map(|cluster| cluster.findings.iter().map(|f| f.clone().on(&cluster.name)))
}

/// Findings that say the same, as one with all their clusters, Applications and places; the worst first.
pub(crate) fn joined(findings: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
    let mut all: BTreeMap<Said, About> = BTreeMap::new();
    for finding in findings {
        let Finding { id, severity, message, clusters, applications, places, help } = finding;
        let about = all.entry((Reverse(severity), id, message, help)).or_default();
        about.clusters.extend(clusters);
        about.applications.extend(applications);
        about.places.extend(places);
    }
    let finding = |((Reverse(severity), id, message, help), about): (Said, About)| Finding {
        id,
        severity,
        message,
        clusters: about.clusters.into_iter().collect(),
        applications: about.applications.into_iter().collect(),
        places: about.places.into_iter().collect(),
        help,
    };
    all.into_iter().map(finding).collect()
}

type Said = (Reverse<Severity>, std::borrow::Cow<'static, str>, String, Vec<String>);

#[derive(Default)]
struct About {
    clusters: BTreeSet<String>,
    applications: BTreeSet<String>,
    places: BTreeSet<Place>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(message: &str, severity: Severity) -> Finding {
        Finding::new("x", severity, message)
    }

    #[test]
    fn what_clusters_share_is_said_once_and_the_worst_first() {
        let shared = || finding("shared", Severity::Warning);
        let own = finding("own", Severity::Error).on("b");
        let all = joined([shared().on("b"), shared().on("a"), shared().on("a"), own.clone()]);
        assert_eq!(all, [own, shared().on("a").on("b")]);
    }

    #[test]
    fn applications_and_places_are_gathered() {
        let note = || finding("goes elsewhere", Severity::Note);
        let (a, b) = (Place::file("a.yaml"), Place::file("b.yaml"));
        let all =
            joined([note().on("z").of(["two"]).at(b.clone()), note().on("y").of(["one"]).at(a.clone())]);
        assert_eq!(all, [note().on("y").on("z").of(["one", "two"]).at(a).at(b)]);
    }

    #[test]
    fn findings_that_call_for_other_steps_stay_apart() {
        let all = joined([
            finding("m", Severity::Note).on("a").with_help("this"),
            finding("m", Severity::Note).on("b").with_help("that"),
        ]);
        assert_eq!(all.len(), 2);
    }
}
