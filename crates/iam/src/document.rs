//! Policy documents that Oarlock writes: trust policies and identity policies.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// A policy document, version 2012-10-17. Serialises to the JSON that IAM stores, in a canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its statements, in the order in which they are printed.
    pub statements: Vec<Statement>,
}

/// Allow or Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever grants.
    Deny,
}

/// The `Principal` element of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// IAM principals by ARN.
    Aws(BTreeSet<String>),
    /// One AWS service, for example `pods.eks.amazonaws.com`.
    Service(String),
    /// One identity provider, by ARN.
    Federated(String),
}

/// One statement. Conditions are operator → key → values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`, letters and digits.
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
