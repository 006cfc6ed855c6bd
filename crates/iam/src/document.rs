//! Policy documents: trust policies and identity policies.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A policy document, version 2012-10-17. Serialises to the JSON that IAM stores, in a canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its statements, in the order in which they are printed.
    pub statements: Vec<Statement>,
}

/// Allow or Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever grants.
    Deny,
}

/// The `Principal` element of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// IAM principals by ARN.
    Aws(BTreeSet<String>),
    /// One AWS service, for example `pods.eks.amazonaws.com`.
    Service(String),
    /// One identity provider, by ARN.
    Federated(String),
}

/// One statement. Conditions are operator → key → values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// `Sid`, letters and digits; empty for none.
    pub sid: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// In trust policies.
    pub principals: Option<Principals>,
    /// Actions, for example `sts:AssumeRole`.
    pub actions: BTreeSet<String>,
    /// Resource ARNs; empty in trust policies.
    pub resources: BTreeSet<String>,
    /// operator → key → values
    pub conditions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Statement {
    /// An Allow without principals, resources and conditions.
    pub fn allow<S: Into<String>>(sid: &str, actions: impl IntoIterator<Item = S>) -> Self {
        Self {
            sid: sid.to_owned(),
            effect: Effect::Allow,
            principals: None,
            actions: actions.into_iter().map(Into::into).collect(),
            resources: BTreeSet::new(),
            conditions: BTreeMap::new(),
        }
    }

    /// To these principals.
    #[must_use]
    pub fn to(mut self, principals: Principals) -> Self {
        self.principals = Some(principals);
        self
    }

    /// On these resources.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, resources: impl IntoIterator<Item = S>) -> Self {
        self.resources.extend(resources.into_iter().map(Into::into));
        self
    }

    /// If the request's `key` is one of these values, as `operator` compares.
    #[must_use]
    pub fn when<S: Into<String>>(
        mut self,
        operator: &str,
        key: &str,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let keys = self.conditions.entry(operator.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default().extend(values.into_iter().map(Into::into));
        self
    }
}

impl Document {
    /// Whether two documents say the same: statement ids and the order of statements don't matter, nor the case of
    /// actions (IAM User Guide, "IAM JSON policy elements: Action").
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.normalized() == other.normalized()
    }

    fn normalized(&self) -> BTreeSet<Statement> {
        let normal = |statement: &Statement| Statement {
            sid: String::new(),
            actions: statement.actions.iter().map(|action| action.to_ascii_lowercase()).collect(),
            ..statement.clone()
        };
        self.statements.iter().map(normal).collect()
    }
}
