//! Merging permissions into rules: no more rules than needed, and rules that people read.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use oarlock_rbac::{PermissionSet, PolicyRule, Scope, merge::rules};

/// Points of a grid of groups, resources and verbs, one bit each.
type Mask = u32;

struct Grid {
    groups: usize,
    resources: usize,
    verbs: usize,
}

impl Grid {
    fn bit(&self, group: usize, resource: usize, verb: usize) -> Mask {
        1 << ((group * self.resources + resource) * self.verbs + verb)
    }

    /// Every rule over the grid: a product of one non-empty subset of each side.
    fn boxes(&self) -> Vec<Mask> {
        let mut boxes = Vec::new();
        for groups in 1..1_usize << self.groups {
            for resources in 1..1_usize << self.resources {
                for verbs in 1..1_usize << self.verbs {
                    let mut mask = 0;
                    for g in (0..self.groups).filter(|g| groups >> g & 1 == 1) {
                        for r in (0..self.resources).filter(|r| resources >> r & 1 == 1) {
                            for v in (0..self.verbs).filter(|v| verbs >> v & 1 == 1) {
                                mask |= self.bit(g, r, v);
                            }
                        }
                    }
                    boxes.push(mask);
                }
            }
        }
        boxes
    }

    fn set(&self, mask: Mask) -> PermissionSet {
        let mut set = PermissionSet::new();
        for g in 0..self.groups {
            for r in 0..self.resources {
                for v in (0..self.verbs).filter(|v| mask & self.bit(g, r, *v) != 0) {
                    let rule = PolicyRule {
                        api_groups: vec![format!("g{g}")],
                        resources: vec![format!("r{r}")],
                        verbs: vec![format!("v{v}")],
                        ..PolicyRule::default()
                    };
                    set.insert_rule(&Scope::Cluster, &rule);
                }
            }
        }
        set
    }
}

/// The fewest rules that grant exactly the set, found by trying all.
fn fewest(boxes: &[Mask], set: Mask) -> usize {
    let inside: Vec<Mask> = boxes.iter().copied().filter(|mask| mask & !set == 0).collect();
    // Only those that no other contains can be needed.
    let widest: Vec<Mask> =
        inside.iter().copied().filter(|m| !inside.iter().any(|n| n != m && m & !n == 0)).collect();
    let mut reached = vec![0];
    for count in 0.. {
        if reached.contains(&set) {
            return count;
        }
        reached = reached.iter().flat_map(|mask| widest.iter().map(move |b| mask | b)).collect();
        reached.sort_unstable();
        reached.dedup();
    }
    unreachable!()
}

#[test]
fn no_set_over_a_small_grid_needs_fewer_rules_than_merging_makes() {
    for (groups, resources, verbs) in [(1, 3, 3), (2, 2, 2), (2, 2, 3)] {
        let grid = Grid { groups, resources, verbs };
        let boxes = grid.boxes();
        for mask in 1..1 << (groups * resources * verbs) {
            let merged = rules(&grid.set(mask));
            assert_eq!(merged[&Scope::Cluster].len(), fewest(&boxes, mask), "{mask:b}: {merged:?}");
        }
    }
}

/// YAML rules by scope (`cluster`, or a namespace), merged, and printed as YAML again.
fn merged(yaml: &str) -> String {
    let written: BTreeMap<String, Vec<PolicyRule>> = serde_saphyr::from_str(yaml).unwrap();
    let mut set = PermissionSet::new();
    for (scope, rules) in &written {
        let scope = Scope::of(Some(scope.as_str()).filter(|scope| *scope != "cluster"));
        rules.iter().for_each(|rule| set.insert_rule(&scope, rule));
    }
    let merged: BTreeMap<String, Vec<PolicyRule>> =
        rules(&set).into_iter().map(|(scope, rules)| (scope.to_string(), rules)).collect();
    serde_saphyr::to_string(&merged).unwrap()
}

#[test]
fn rules_read_as_people_write_them() {
    let text = merged(
        r#"
cluster:
- {apiGroups: [""], resources: [nodes], verbs: [watch, get, list]}
- {apiGroups: [""], resources: [nodes], verbs: [get]}
- {nonResourceURLs: [/version, /healthz], verbs: [get]}
shop:
- {apiGroups: [apps], resources: [deployments, statefulsets], verbs: [patch, get, create]}
- {apiGroups: [""], resources: [services], verbs: [create, get, patch]}
- {apiGroups: [""], resources: [configmaps], verbs: [create, get, patch, delete]}
- {apiGroups: [""], resources: [nodes, secrets], resourceNames: [b, a], verbs: [get]}
"#,
    );
    insta::assert_snapshot!(text);
}

#[test]
fn what_a_cluster_wide_rule_covers_is_not_repeated_in_a_namespace() {
    let text = merged(
        r#"
cluster:
- {apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}
shop:
- {apiGroups: [apps], resources: [deployments, deployments/scale], verbs: [get, list, watch, patch]}
- {apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: [get]}
"#,
    );
    insta::assert_snapshot!(text);
}

#[test]
fn groups_are_combined_only_where_the_product_is_held() {
    let text = merged(
        r#"
cluster:
- {apiGroups: [apps, extensions], resources: [deployments], verbs: [get]}
- {apiGroups: [extensions], resources: [ingresses], verbs: [get]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get]}
"#,
    );
    insta::assert_snapshot!(text);
}

fn rule_count(yaml: &str) -> usize {
    let written: BTreeMap<String, Vec<PolicyRule>> = serde_saphyr::from_str(&merged(yaml)).unwrap();
    written.values().map(Vec::len).sum()
}

/// With `list` of pods once more, the namespace would get by with one rule.
#[test]
fn nothing_that_the_whole_cluster_grants_is_granted_again_to_save_a_rule() {
    let text = merged(
        r#"
cluster:
- {apiGroups: [""], resources: [pods], verbs: [list]}
shop:
- {apiGroups: [""], resources: [pods], verbs: [create]}
- {apiGroups: [""], resources: [configmaps], verbs: [create, list]}
"#,
    );
    insta::assert_snapshot!(text);
}

/// The fewest rules are a hard problem (covering a set by boxes): where wildcards overlap on several sides at once,
/// merging may write one rule more than a person would. It never grants more.
#[test]
fn overlapping_wildcards_may_take_a_rule_more_than_the_fewest() {
    let written = r#"
cluster:
- {apiGroups: [""], resources: [pods, jobs/log], verbs: [list, get]}
- {apiGroups: [apps, ""], resources: ["*/scale"], verbs: [get]}
- {apiGroups: ["*"], resources: [jobs/log], verbs: [list]}
"#;
    assert!((3..=4).contains(&rule_count(written)), "{}", merged(written));
}
