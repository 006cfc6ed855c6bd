//! The graph of who gets into which cluster: all of it where it can be read, else those who have everything or whom findings are about.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use checks::audit::Report;

use super::{Way, short};
use crate::view::markup::{cut, escaped};

/// With more on one side the graph's lines can't be followed.
const NODES: usize = 40;

/// Room for one name, in the units of the drawing.
const ROW: usize = 24;

/// Letters of a name for which there is room, on the left and on the right.
const LETTERS: [usize; 2] = [64, 34];

/// Principals, names and clusters that findings are about.
struct Found<'r> {
    named: BTreeSet<&'r str>,
    clusters: BTreeSet<&'r str>,
}

impl<'r> Found<'r> {
    fn of(report: &'r Report) -> Self {
        let findings = || report.findings.iter().map(|found| &found.finding);
        // What stands in backticks are the user's own names.
        let named = findings().flat_map(|finding| finding.message.split('`').skip(1).step_by(2));
        let clusters = findings().flat_map(|finding| finding.clusters.iter().map(String::as_str));
        Self { named: named.collect(), clusters: clusters.collect() }
    }

    /// By its ARN, or by the name that a role has in its account.
    fn is_about(&self, who: &str) -> bool {
        self.named.contains(who) || who.rsplit_once('/').is_some_and(|(_, name)| self.named.contains(name))
    }
}

pub(super) fn draw(page: &mut String, ways: &[Way], report: &Report) {
    if ways.is_empty() {
        return;
    }
    let found = Found::of(report);
    let drawn = chosen(ways, &found);
    let left: BTreeSet<&str> = drawn.iter().map(|way| way.who.as_str()).collect();
    let right: BTreeSet<&str> = drawn.iter().map(|way| way.cluster.as_str()).collect();
    let height = ROW * left.len().max(right.len()) + 16;
    let (from, to) = (rows(&left, height), rows(&right, height));
    let _ = writeln!(
        page,
        "<div class=\"wide\"><svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"who gets into which cluster\">"
    );
    for way in &drawn {
        let (Some(start), Some(end)) = (from.get(&*way.who), to.get(&*way.cluster)) else { continue };
        let class = if way.is_admin { "admin" } else { "some" };
        let _ = writeln!(
            page,
            "<path class=\"{class}\" d=\"M480 {start} C 580 {start}, 600 {end}, 700 {end}\"/>"
        );
    }
    let [letters, of_cluster] = LETTERS;
    for (name, y) in &from {
        let class = if found.is_about(name) { " class=\"found\"" } else { "" };
        let attributes = format!("x=\"470\" y=\"{}\" text-anchor=\"end\"{class}", y + 4);
        text(page, &attributes, name, &cut(short(name), letters));
    }
    for (name, y) in &to {
        text(page, &format!("x=\"710\" y=\"{}\"", y + 4), name, &cut(name, of_cluster));
    }
    page.push_str("</svg></div>\n");
    page.push_str("<p class=\"quiet\">Thick: everything, by <code>AmazonEKSClusterAdminPolicy</code> or <code>system:masters</code>. Bold: a finding names it.</p>\n");
    left_out(page, ways, [left.len(), right.len()]);
}

/// As many ways as have room: first those of who has everything, then those of whom findings are about, then those into clusters that
/// have findings.
fn chosen<'w>(ways: &'w [Way], found: &Found<'_>) -> Vec<&'w Way> {
    let mut sorted: Vec<&Way> = ways.iter().collect();
    sorted.sort_by_cached_key(|way| {
        let has_finding = found.clusters.contains(way.cluster.as_str());
        let rank = [way.is_admin, found.is_about(&way.who), has_finding].map(Reverse);
        (rank, way.who.clone(), way.cluster.clone())
    });
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    sorted.retain(|way| {
        let has_room = (left.len() < NODES || left.contains(way.who.as_str()))
            && (right.len() < NODES || right.contains(way.cluster.as_str()));
        if has_room {
            left.insert(way.who.as_str());
            right.insert(way.cluster.as_str());
        }
        has_room
    });
    sorted
}

/// How far down each name stands.
fn rows<'n>(names: &BTreeSet<&'n str>, height: usize) -> BTreeMap<&'n str, usize> {
    let step = height / (names.len() + 1);
    names.iter().enumerate().map(|(number, name)| (*name, step * (number + 1))).collect()
}

/// A name that may be cut, and whole for who points at it.
fn text(page: &mut String, attributes: &str, whole: &str, shown: &str) {
    let _ = writeln!(page, "<text {attributes}><title>{}</title>{}</text>", escaped(whole), escaped(shown));
}

fn left_out(page: &mut String, ways: &[Way], [left, right]: [usize; 2]) {
    let all_left = ways.iter().map(|way| &way.who).collect::<BTreeSet<_>>().len();
    let all_right = ways.iter().map(|way| &way.cluster).collect::<BTreeSet<_>>().len();
    if (left, right) != (all_left, all_right) {
        let _ = writeln!(
            page,
            "<p>Drawn are {left} of {all_left} principals and {right} of {all_right} clusters: who has everything comes first, then whom findings name.</p>"
        );
    }
}

#[cfg(test)]
mod tests {
    use facts::Finding;

    use super::*;

    fn way(number: usize, is_admin: bool) -> Way {
        let who = format!("arn:aws:iam::111122223333:role/r{number:03}");
        Way { who, cluster: format!("c{number:03}"), groups: Vec::new(), policies: Vec::new(), is_admin }
    }

    fn drawn(ways: &[Way]) -> String {
        let mut page = String::new();
        draw(&mut page, ways, &Report::default());
        page
    }

    #[test]
    fn a_few_are_all_drawn_and_nothing_is_said_of_others() {
        let page = drawn(&(0..NODES).map(|number| way(number, false)).collect::<Vec<_>>());
        assert_eq!(page.matches("<path").count(), NODES);
        assert!(!page.contains("Drawn are"), "{page}");
    }

    #[test]
    fn of_many_those_are_drawn_who_have_everything_and_the_rest_is_counted() {
        let page = drawn(&(0..500).map(|number| way(number, number == 499)).collect::<Vec<_>>());
        assert_eq!(page.matches("<path").count(), NODES);
        assert!(page.contains("class=\"admin\"") && page.contains("role/r499</text>"), "{page}");
        assert!(page.contains("Drawn are 40 of 500 principals and 40 of 500 clusters"), "{page}");
    }

    #[test]
    fn whom_findings_name_comes_before_others() {
        let finding = Finding::new("x", facts::Severity::Error, "the policy of `r321` is too wide");
        let named = finding.message.split('`').skip(1).step_by(2).collect();
        let found = Found { named, clusters: BTreeSet::new() };
        let ways: Vec<Way> = (0..500).map(|number| way(number, false)).collect();
        let first = chosen(&ways, &found).first().map(|way| way.cluster.clone());
        assert_eq!(first.as_deref(), Some("c321"));
    }
}
