//! One hop of the way from a pod or a person to a request.

use std::{borrow::Cow, fmt};

use facts::{Gap, Place};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// One hop of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Which.
    pub at: At,
    /// How it went.
    #[serde(flatten)]
    pub passes: Passes,
    /// By what, or why not.
    pub by: String,
    /// Where that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Where the statements of IAM policies stand that decide, each once.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub statements: Box<[Place]>,
    /// Where it ends: the smallest change with which it would pass, as far as that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// The hops, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// From a person to what Argo CD lets it do: argocd-rbac-cm and the roles of AppProjects.
    ArgocdRbac,
    /// From an Application to its destination, as its AppProject permits it.
    Project,
    /// From a cluster to the credentials that Argo CD uses for it.
    ClusterSecret,
    /// From a pod to the role whose credentials it has.
    ServiceAccount,
    /// From a role to one that it assumes.
    AssumeRole,
    /// From credentials to a token that the cluster takes.
    Token,
    /// From the IAM caller to a user of the cluster.
    ClusterIdentity,
    /// From Argo CD's own identity to the service account that it impersonates.
    Impersonation,
    /// From the user to the request.
    Authorization,
    /// Of writes of roles and bindings: from the request to what may be in them.
    Escalation,
}

/// How a hop went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "passes")]
pub enum Passes {
    /// It passes.
    Yes,
    /// It ends here.
    No,
    /// Not enough is known.
    Unknown {
        /// What would have to be known.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missing: Vec<Gap>,
    },
}

impl At {
    /// As output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArgocdRbac => "argocd-rbac",
            Self::Project => "project",
            Self::ClusterSecret => "cluster-secret",
            Self::ServiceAccount => "service-account",
            Self::AssumeRole => "assume-role",
            Self::Token => "token",
            Self::ClusterIdentity => "cluster-identity",
            Self::Impersonation => "impersonation",
            Self::Authorization => "authorization",
            Self::Escalation => "escalation",
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Hop {
    /// One that went so, and by what or why.
    pub fn new(at: At, passes: Passes, by: impl Into<String>) -> Self {
        Self { at, passes, by: by.into(), place: None, statements: Box::default(), change: None }
    }

    /// One that passes.
    pub(crate) fn yes(at: At, by: impl Into<String>) -> Self {
        Self::new(at, Passes::Yes, by)
    }

    /// One at which it ends.
    pub(crate) fn no(at: At, by: impl Into<String>) -> Self {
        Self { passes: Passes::No, ..Self::yes(at, by) }
    }

    /// One that nobody can tell.
    pub(crate) fn unknown(at: At, by: impl Into<String>, missing: impl IntoIterator<Item = Gap>) -> Self {
        let missing = distinct(missing.into_iter().collect());
        Self { passes: Passes::Unknown { missing }, ..Self::yes(at, by) }
    }

    /// With where it stands.
    pub(crate) fn at_place(self, place: &Place) -> Self {
        Self { place: Some(place.clone()), ..self }
    }

    /// With the statements that decide.
    pub(crate) fn decided_at(self, statements: impl IntoIterator<Item = Place>) -> Self {
        let mut all = self.statements.into_vec();
        for place in statements {
            if !all.contains(&place) {
                all.push(place);
            }
        }
        Self { statements: all.into(), ..self }
    }

    /// With what would make it pass.
    pub(crate) fn changed_by(self, change: impl Into<String>) -> Self {
        Self { change: Some(change.into()), ..self }
    }

    /// Whether it certainly passes.
    pub fn is_passed(&self) -> bool {
        self.passes == Passes::Yes
    }
}

/// A hop as it is printed: how it went is a word, and what is missing stands beside it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessHop")]
struct Printed {
    /// Which.
    at: At,
    /// How it went.
    passes: Word,
    /// By what, or why not.
    by: String,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// Where the statements of IAM policies stand that decide, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statements: Vec<Place>,
    /// Where that isn't known: what would have to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// Where it ends: the smallest change with which it would pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is asked for")]
enum Word {
    Yes,
    No,
    Unknown,
}

impl JsonSchema for Hop {
    fn schema_name() -> Cow<'static, str> {
        Printed::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Printed::json_schema(generator)
    }
}

/// Sorted, each once.
pub(crate) fn distinct(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps
}

/// How hops went that all have to pass: no where one certainly ends it, whatever isn't known of the others.
pub fn verdict(hops: &[Hop]) -> Passes {
    if hops.iter().any(|hop| hop.passes == Passes::No) {
        return Passes::No;
    }
    let missing: Vec<Gap> = hops
        .iter()
        .filter_map(|hop| match &hop.passes {
            Passes::Unknown { missing } => Some(missing),
            _ => None,
        })
        .flatten()
        .cloned()
        .collect();
    let unknown = hops.is_empty() || hops.iter().any(|hop| !hop.is_passed());
    if unknown { Passes::Unknown { missing: distinct(missing) } } else { Passes::Yes }
}
