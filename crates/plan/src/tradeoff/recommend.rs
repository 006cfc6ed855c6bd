//! Which variant is recommended, and why.

use facts::count;
use schemars::JsonSchema;
use serde::Serialize;

use super::{measured::Measured, quota::ROOM, reach::Reach, variant::Variant};

/// The variant that is recommended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// Which; absent where none fits the quotas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// Why, in a few sentences.
    pub reason: String,
}

/// Of the variants that use no more than [`ROOM`] hundredths of any quota that counts things, and need no wildcard, the one
/// whose roles that clusters know reach least, each by itself, with the widest for all; of those, the one with the fewest
/// IAM roles; of those, the first. That no hub role is compared is no mistake: in each variant the controller's reaches all.
pub(super) fn best(all: &[Measured]) -> Option<&Measured> {
    let fitting = all.iter().filter(|one| one.variant != Variant::AsWritten && one.misfits.is_empty());
    fitting.min_by_key(|one| (one.blast.known_to_clusters.reach, one.objects.iam_roles, one.variant))
}

impl Recommendation {
    pub(super) fn of(all: &[Measured]) -> Self {
        match best(all) {
            Some(best) => Self { variant: Some(best.variant), reason: reason(best, all) },
            None => Self {
                variant: None,
                reason: format!("no variant stays within {ROOM} % of every quota without a wildcard"),
            },
        }
    }
}

fn reason(best: &Measured, all: &[Measured]) -> String {
    let reach = best.blast.known_to_clusters.reach;
    let others: Vec<&Measured> =
        all.iter().filter(|one| one.variant != best.variant && one.variant != Variant::AsWritten).collect();
    let mut text = format!(
        "whoever steals one of the roles that clusters know gets into {} at most, the least of all that stay within {ROOM} % of every quota",
        count(reach.clusters, "cluster")
    );
    let equal = |one: &&&Measured| one.misfits.is_empty() && one.blast.known_to_clusters.reach == reach;
    let equals: Vec<&str> = others.iter().filter(equal).map(|one| one.variant.name()).collect();
    if !equals.is_empty() {
        text.push_str(&format!(
            "; {} reach{} as much and need{} as many IAM roles or more",
            equals.join(" and "),
            if equals.len() == 1 { "es" } else { "" },
            if equals.len() == 1 { "s" } else { "" },
        ));
    }
    let same_clusters = |one: &&&Measured| {
        let other = one.blast.known_to_clusters.reach;
        one.misfits.is_empty() && other != reach && other.clusters == reach.clusters
    };
    for other in others.iter().filter(same_clusters) {
        let more = beyond(other.blast.known_to_clusters.reach, reach);
        text.push_str(&format!("; {} would give it {more}", other.variant.name()));
    }
    for other in others.iter().filter(|one| one.blast.known_to_clusters.reach < reach) {
        let why = other.misfits.join(", ");
        text.push_str(&format!("; {} would be narrower, but doesn't fit ({why})", other.variant.name()));
    }
    text
}

/// Where one reach is wider than another in as many clusters: the first difference, which decides.
fn beyond(wide: Reach, narrow: Reach) -> String {
    if wide.clusters_with_all_secrets != narrow.clusters_with_all_secrets {
        let more = wide.clusters_with_all_secrets.abs_diff(narrow.clusters_with_all_secrets);
        format!("all Secrets of {} more", count(more, "cluster"))
    } else if wide.secret_namespaces != narrow.secret_namespaces {
        let more = wide.secret_namespaces.abs_diff(narrow.secret_namespaces);
        format!("the Secrets of {} more", count(more, "namespace"))
    } else if wide.clusters_with_wide_writes != narrow.clusters_with_wide_writes {
        let more = wide.clusters_with_wide_writes.abs_diff(narrow.clusters_with_wide_writes);
        format!("writes that no namespace limits on {} more", count(more, "cluster"))
    } else {
        let more = wide.written_namespaces.abs_diff(narrow.written_namespaces);
        format!("writes in {} more", count(more, "namespace"))
    }
}
