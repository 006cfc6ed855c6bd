//! The findings of all clusters: what several of them share is said once.

use std::{cmp::Reverse, collections::BTreeMap};

use facts::Finding;

use crate::ClusterNeeds;

/// How many clusters a finding names; the others are counted.
const NAMED: usize = 5;

/// The findings of the clusters, each once, with the clusters that it is about.
pub(crate) fn across(clusters: &[ClusterNeeds]) -> Vec<Finding> {
    let mut shared: BTreeMap<(Reverse<facts::Severity>, &Finding), Vec<&str>> = BTreeMap::new();
    for cluster in clusters {
        for finding in &cluster.needs.findings {
            let on = shared.entry((Reverse(finding.severity), finding)).or_default();
            if !on.contains(&cluster.name.as_str()) {
                on.push(&cluster.name);
            }
        }
    }
    shared
        .into_iter()
        .map(|((_, finding), on)| Finding {
            message: format!("on {}: {}", names(&on), finding.message),
            ..finding.clone()
        })
        .collect()
}

fn names(clusters: &[&str]) -> String {
    match clusters.split_at_checked(NAMED) {
        Some((named, rest)) if rest.len() > 1 => {
            format!("{} and {} more clusters", named.join(", "), rest.len())
        }
        _ => clusters.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use argocd::Needs;
    use facts::Severity;

    use super::*;

    fn cluster(name: &str, findings: &[(&str, Severity)]) -> ClusterNeeds {
        let arn = format!("arn:aws:eks:eu-west-1:111122223333:cluster/{name}").parse().unwrap();
        let finding = |(message, severity): &(&str, Severity)| Finding::new("x", *severity, *message);
        let needs = Needs { findings: findings.iter().map(finding).collect(), ..Needs::default() };
        ClusterNeeds { arn, name: name.to_owned(), needs, in_cluster: false }
    }

    fn messages(clusters: &[ClusterNeeds]) -> Vec<String> {
        across(clusters).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn what_clusters_share_is_said_once_and_the_worst_first() {
        let shared = ("shared", Severity::Warning);
        let clusters = [cluster("a", &[shared]), cluster("b", &[shared, ("own", Severity::Error)])];
        assert_eq!(messages(&clusters), ["on b: own", "on a, b: shared"]);
    }

    #[test]
    fn many_clusters_are_counted() {
        let clusters: Vec<_> = (0..9).map(|n| cluster(&format!("c{n}"), &[("m", Severity::Note)])).collect();
        assert_eq!(messages(&clusters), ["on c0, c1, c2, c3, c4 and 4 more clusters: m"]);
        assert_eq!(messages(clusters.get(..6).unwrap()), ["on c0, c1, c2, c3, c4, c5: m"]);
    }
}
