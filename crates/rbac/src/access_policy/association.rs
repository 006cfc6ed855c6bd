//! Access policies where they are associated with an access entry.

use facts::{Gap, Outcome};
use serde::{Deserialize, Serialize};

use super::{AccessPolicy, glob, policy_name, read};
use crate::{By, Held, PermissionSet, PolicyRule, Request, Scope, Target};

/// One access policy associated with an access entry, as `aws eks list-associated-access-policies` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Association {
    /// ARN or name of the policy.
    pub policy_arn: String,
    /// Where it holds.
    pub access_scope: AccessScope,
}

/// Where an associated access policy holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum AccessScope {
    /// In the whole cluster.
    Cluster,
    /// In some namespaces; AWS doesn't check that they exist.
    Namespace {
        /// Names, or patterns in which `*` stands for any text.
        namespaces: Vec<String>,
    },
}

/// Whether any of an access entry's policies allows a request.
pub fn decide(associations: &[Association], request: &Request) -> Outcome<By> {
    let mut missing = Vec::new();
    for association in associations {
        match association.decide(request) {
            Outcome::Unknown { missing: more } => missing.extend(more),
            Outcome::NotAllowed => {}
            decided => return decided,
        }
    }
    if missing.is_empty() { Outcome::NotAllowed } else { Outcome::Unknown { missing } }
}

/// What an access entry's policies grant together; see [`Association::held`].
pub fn held(associations: &[Association], namespaces: Option<&[&str]>) -> Held {
    let mut all = Held::default();
    for association in associations {
        let held = association.held(namespaces);
        all.permissions.extend(held.permissions.iter());
        all.unknown.extend(held.unknown);
    }
    all
}

impl Association {
    /// Whether this policy allows a request.
    ///
    /// Outside of its scope even a policy with unknown rules allows nothing.
    pub fn decide(&self, request: &Request) -> Outcome<By> {
        if !self.reaches(request) {
            return Outcome::NotAllowed;
        }
        match self.rules() {
            Err(gap) => Outcome::Unknown { missing: vec![gap] },
            Ok(rules) => match rules.iter().position(|rule| rule.allows(request)) {
                None => Outcome::NotAllowed,
                Some(rule) => {
                    let policy = policy_name(&self.policy_arn).to_owned();
                    Outcome::Allowed { by: By::AccessPolicy { policy, rule } }
                }
            },
        }
    }

    /// What this policy grants, as a set. The cluster's namespaces make patterns concrete.
    ///
    /// A pattern stays unknown where the namespaces are not known. Where they are, it counts for these only: a
    /// namespace that is created later and matches is in the scope too.
    pub fn held(&self, namespaces: Option<&[&str]>) -> Held {
        let (scopes, open) = self.scopes(namespaces);
        let mut unknown: Vec<Gap> = open
            .into_iter()
            .map(|pattern| {
                Gap::new(format!("the namespaces that `{pattern}` matches"), "namespaces were not read")
            })
            .collect();
        let mut permissions = PermissionSet::new();
        match self.rules() {
            Err(gap) => unknown.push(gap),
            Ok(rules) => {
                for scope in &scopes {
                    permissions.extend(rules.iter().flat_map(|rule| rule.permissions(scope)));
                }
            }
        }
        Held { permissions, unknown }
    }

    /// The scopes in which it holds, and the patterns that could not be made concrete.
    fn scopes(&self, known: Option<&[&str]>) -> (Vec<Scope>, Vec<&str>) {
        let AccessScope::Namespace { namespaces } = &self.access_scope else {
            return (vec![Scope::Cluster], Vec::new());
        };
        let (patterns, names): (Vec<&str>, Vec<&str>) =
            namespaces.iter().map(String::as_str).partition(|name| name.contains('*'));
        let matching = known
            .unwrap_or_default()
            .iter()
            .filter(|namespace| patterns.iter().any(|pattern| glob::matches(pattern, namespace)));
        let scopes = names.iter().chain(matching).map(|name| Scope::of(Some(name))).collect();
        (scopes, if known.is_some() { Vec::new() } else { patterns })
    }

    fn reaches(&self, request: &Request) -> bool {
        match (&self.access_scope, &request.target) {
            (AccessScope::Cluster, _) => true,
            (AccessScope::Namespace { namespaces }, Target::Resource { namespace: Some(namespace), .. }) => {
                namespaces.iter().any(|pattern| glob::matches(pattern, namespace))
            }
            (AccessScope::Namespace { .. }, _) => false,
        }
    }

    fn rules(&self) -> Result<&'static [PolicyRule], Gap> {
        let name = policy_name(&self.policy_arn);
        let what = format!("the rules of access policy `{name}`");
        match AccessPolicy::find(name).map(|policy| &policy.rules) {
            Some(Ok(rules)) => Ok(rules),
            Some(Err(why)) => Err(Gap::new(what, why)),
            None => Err(Gap::new(what, format!("the built-in table of {} doesn't have it", read()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn association(json: &str) -> Association {
        serde_json::from_str(json).unwrap()
    }

    const DEV: &str = r#"{"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "accessScope": {"type": "namespace", "namespaces": ["dev-*", "shop"]}}"#;

    #[test]
    fn a_namespace_scope_with_a_pattern_allows_in_matching_namespaces_only() {
        let view = association(DEV);
        let pods = Request::resource("list", "", "pods");
        assert!(view.decide(&pods.clone().in_namespace("dev-a")).is_allowed());
        assert!(view.decide(&pods.clone().in_namespace("shop")).is_allowed());
        assert_eq!(view.decide(&pods.clone().in_namespace("prod")), Outcome::NotAllowed);
        assert_eq!(view.decide(&pods), Outcome::NotAllowed, "not across all namespaces");
    }

    #[test]
    fn the_deciding_rule_is_named() {
        let request = Request::resource("get", "apps", "deployments").in_namespace("shop");
        let Outcome::Allowed { by } = association(DEV).decide(&request) else { panic!("not allowed") };
        assert_eq!(by.to_string(), "rule 1 of access policy `AmazonEKSViewPolicy`");
    }

    #[test]
    fn an_unpublished_policy_is_unknown_within_its_scope_and_nothing_outside() {
        let capability = association(
            r#"{"policyArn": "AmazonEKSArgoCDPolicy", "accessScope": {"type": "namespace", "namespaces": ["argocd"]}}"#,
        );
        let request = Request::resource("get", "", "secrets");
        let inside = decide(&[association(DEV), capability.clone()], &request.clone().in_namespace("argocd"));
        assert!(
            matches!(inside, Outcome::Unknown { missing } if missing[0].what.contains("AmazonEKSArgoCDPolicy"))
        );
        assert_eq!(capability.decide(&request.in_namespace("shop")), Outcome::NotAllowed);
    }

    #[test]
    fn the_cluster_scope_as_aws_prints_it_reaches_paths() {
        let admin = association(
            r#"{"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                "accessScope": {"type": "cluster", "namespaces": []}}"#,
        );
        assert!(admin.decide(&Request::path("get", "/metrics")).is_allowed());
        assert!(admin.held(None).permissions.is_everything());
    }

    #[test]
    fn a_pattern_without_known_namespaces_leaves_a_gap() {
        let view = association(DEV);
        assert_eq!(view.held(None).unknown.len(), 1);
        let held = view.held(Some(&["dev-a", "prod"]));
        assert!(held.unknown.is_empty());
        let pods = |ns: &str| crate::Permission::resource(Scope::of(Some(ns)), "", "pods", "get");
        assert!(held.permissions.contains(&pods("dev-a")) && held.permissions.contains(&pods("shop")));
        assert!(!held.permissions.contains(&pods("prod")));
    }
}
