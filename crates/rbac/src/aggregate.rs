//! Aggregated ClusterRoles, as the controller manager fills them
//! (pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go).

use std::collections::{BTreeMap, HashSet};

use crate::{LabelSelector, LabelSelectorRequirement, PolicyRule, Role};

/// Writes into each ClusterRole with an `aggregationRule` the rules of those that it selects.
///
/// As in the controller: selectors in their order, selected roles by name, equal rules once, itself left out, the
/// whole repeated until nothing changes (`admin` selects `edit`, `edit` selects `view`). A role with an illegal
/// selector keeps the rules it has. So does one that gathers nothing: the controller applies its result on the
/// server's side (applyClusterRoles), and no rules are then no field, which leaves what somebody else wrote. With
/// `keep` the old rules stay always: then not all ClusterRoles are known, and what the API server stored counts.
pub(crate) fn aggregate(cluster_roles: &mut BTreeMap<String, Role>, keep: bool) {
    let aggregating: Vec<String> = cluster_roles
        .values()
        .filter(|role| role.aggregation.is_some())
        .map(|role| role.name.clone())
        .collect();
    // Each pass settles at least one more role of a chain; cycles of roles have settled by then too.
    for _ in 0..=aggregating.len() {
        let mut changed = false;
        for name in &aggregating {
            let Some(rules) = collected(cluster_roles, name, keep) else { continue };
            if let Some(role) = cluster_roles.get_mut(name).filter(|role| *role.rules != *rules) {
                role.rules = rules.into();
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

fn collected(cluster_roles: &BTreeMap<String, Role>, name: &str, keep: bool) -> Option<Vec<PolicyRule>> {
    let role = cluster_roles.get(name)?;
    let mut rules = if keep { role.rules.to_vec() } else { Vec::new() };
    let mut seen: HashSet<_> = rules.iter().cloned().collect();
    for selector in &role.aggregation.as_ref()?.cluster_role_selectors {
        if !selector.is_legal() {
            return None;
        }
        for other in
            cluster_roles.values().filter(|other| other.name != name && selector.selects(&other.labels))
        {
            for rule in other.rules.iter() {
                if seen.insert(rule.clone()) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    Some(rules).filter(|rules| !rules.is_empty())
}

impl LabelSelector {
    /// Whether it selects an object with these labels; an empty selector selects everything.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| requirement.holds(labels))
    }

    /// Whether Kubernetes accepts it (`metav1.LabelSelectorAsSelector`).
    pub fn is_legal(&self) -> bool {
        self.match_expressions.iter().all(|requirement| match requirement.operator.as_str() {
            "In" | "NotIn" => !requirement.values.is_empty(),
            "Exists" | "DoesNotExist" => requirement.values.is_empty(),
            _ => false,
        })
    }
}

impl LabelSelectorRequirement {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator.as_str() {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(yaml: &str) -> BTreeMap<String, Role> {
        let roles: Vec<Role> = serde_saphyr::from_str(yaml).unwrap();
        roles.into_iter().map(|role| (role.name.clone(), role)).collect()
    }

    const CHAIN: &str = r#"
- metadata: {name: admin}
  aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: admin}}]}
- metadata: {name: edit, labels: {to: admin}}
  aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: edit}}]}
- metadata: {name: z-pods, labels: {to: edit}}
  rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
- metadata: {name: a-jobs, labels: {to: edit}}
  rules:
  - {apiGroups: [batch], resources: [jobs], verbs: [get]}
  - {apiGroups: [""], resources: [pods], verbs: [get]}
"#;

    #[test]
    fn a_chain_of_aggregated_roles_is_followed_to_its_end() {
        let mut roles = roles(CHAIN);
        aggregate(&mut roles, false);
        let resources: Vec<_> = roles["admin"].rules.iter().flat_map(|rule| &rule.resources).collect();
        assert_eq!(resources, ["jobs", "pods"], "by role name, equal rules once");
    }

    #[test]
    fn a_role_never_aggregates_itself() {
        let mut roles = roles(
            r#"
- metadata: {name: all}
  aggregationRule: {clusterRoleSelectors: [{}]}
  rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
- metadata: {name: pods}
  rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"#,
        );
        aggregate(&mut roles, false);
        assert_eq!(roles["all"].rules, roles["pods"].rules, "written rules are overwritten");
    }

    #[test]
    fn an_illegal_selector_leaves_the_rules_as_they_are() {
        let mut roles = roles(
            r#"
- metadata: {name: odd}
  aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: Like, values: [b]}]}]}
  rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"#,
        );
        let before = roles.clone();
        aggregate(&mut roles, false);
        assert_eq!(roles, before);
    }

    #[test]
    fn not_in_selects_what_lacks_the_label() {
        let selector: LabelSelector =
            serde_saphyr::from_str("matchExpressions: [{key: tier, operator: NotIn, values: [web]}]")
                .unwrap();
        assert!(selector.selects(&BTreeMap::new()));
        assert!(!selector.selects(&BTreeMap::from([("tier".to_owned(), "web".to_owned())])));
    }
}
