//! One decision, made as Kubernetes' RBAC authorizer makes it.

use std::fmt;

use facts::{Outcome, Place};
use serde::Serialize;

use crate::{Identity, Policy, Request, RoleRef, Subject, Target, policy::Grant};

/// What allows a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum By {
    /// Membership in `system:masters`: no authorizer is asked.
    Masters,
    /// A rule of a bound role.
    Rule(Box<ByRule>),
    /// A rule of an EKS access policy.
    AccessPolicy {
        /// Its name, for example `AmazonEKSViewPolicy`.
        policy: String,
        /// Which rule, counted from 0, in the order of AWS's page.
        rule: usize,
    },
}

/// The rule of a role, and the binding that gives it to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ByRule {
    /// Absent for a ClusterRoleBinding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding_namespace: Option<String>,
    /// The binding's name.
    pub binding: String,
    /// The role that it binds.
    pub role: RoleRef,
    /// The subject that matched.
    pub subject: Subject,
    /// Which of the role's rules, counted from 0, after aggregation.
    pub rule: usize,
    /// Where the role was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Whether RBAC lets an identity make a request, and which rule says so.
///
/// Word for word the authorizer of plugin/pkg/auth/authorizer/rbac/rbac.go with the resolver of
/// pkg/registry/rbac/validation/rule.go, bindings in order of their names. For many requests of one identity,
/// [`compile`](crate::compile) first: it gives the same answers.
pub fn authorize(policy: &Policy, identity: &Identity, request: &Request) -> Outcome<By> {
    if identity.is_master() {
        return Outcome::Allowed { by: By::Masters };
    }
    let namespace = match &request.target {
        Target::Resource { namespace, .. } => namespace.as_deref(),
        Target::NonResource { .. } => None,
    };
    for grant in policy.grants(identity) {
        let applies = grant.binding.namespace.is_none() || grant.binding.namespace.as_deref() == namespace;
        let rules = grant.role.map(|role| &*role.rules).unwrap_or_default();
        let rule = rules.iter().position(|rule| applies && rule.allows(request));
        if let Some(rule) = rule {
            return Outcome::Allowed { by: By::rule(&grant, rule) };
        }
    }
    match policy.unknown(identity) {
        missing if missing.is_empty() => Outcome::NotAllowed,
        missing => Outcome::Unknown { missing },
    }
}

impl By {
    pub(crate) fn rule(grant: &Grant<'_>, rule: usize) -> Self {
        Self::Rule(Box::new(ByRule {
            binding_namespace: grant.binding.namespace.clone(),
            binding: grant.binding.name.clone(),
            role: grant.binding.role_ref.clone(),
            subject: grant.subject.clone(),
            rule,
            place: grant.role.and_then(|role| role.place.clone()),
        }))
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Masters => write!(f, "membership in `{}`", Identity::MASTERS),
            Self::AccessPolicy { policy, rule } => write!(f, "rule {} of access policy `{policy}`", rule + 1),
            Self::Rule(by) => by.fmt(f),
        }
    }
}

impl fmt::Display for ByRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleRef { kind, name, .. } = &self.role;
        write!(f, "rule {} of {kind} `{name}`, bound by ", self.rule + 1)?;
        match &self.binding_namespace {
            None => write!(f, "ClusterRoleBinding `{}`", self.binding),
            Some(namespace) => write!(f, "RoleBinding `{}` in namespace {namespace}", self.binding),
        }
    }
}
