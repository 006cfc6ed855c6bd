//! Policy documents: every legal one, whatever it is attached to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A policy document. Serialises to the JSON that IAM stores, in a canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Which rules of the language apply.
    pub version: Version,
    /// `Id`, a name that some services ask for.
    pub id: Option<String>,
    /// Its statements, in the order in which they are printed.
    pub statements: Vec<Statement>,
}

/// The version of the language (IAM User Guide, "IAM JSON policy elements: Version").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`, also where a document names none: `${…}` is plain text.
    V2008,
    /// `2012-10-17`, the only one in which policy variables work.
    #[default]
    V2012,
}

/// Allow or Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever grants.
    Deny,
}

/// An element that can be written in either of two ways.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element<T> {
    /// `Action`, `Resource`, `Principal`: what is listed.
    Only(T),
    /// `NotAction`, `NotResource`, `NotPrincipal`: everything but what is listed.
    AllBut(T),
}

/// Values as they are written: actions, resources, principals of one kind, values of a condition.
pub type Values = BTreeSet<String>;

/// Operator → key → values.
pub type Conditions = BTreeMap<String, BTreeMap<String, Values>>;

/// The principals that an element lists, by kind. `"*"` is [`Principals::aws`] `*`, which is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principals {
    /// IAM principals by ARN, accounts by their twelve digits, or `*` for everybody.
    pub aws: Values,
    /// AWS services, for example `pods.eks.amazonaws.com`.
    pub service: Values,
    /// Identity providers, by ARN or host name.
    pub federated: Values,
    /// Accounts by their canonical user id, which S3 knows.
    pub canonical_user: Values,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// `Sid`, letters and digits; empty for none.
    pub sid: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// In resource policies and trust policies.
    pub principals: Option<Element<Principals>>,
    /// Actions, for example `sts:AssumeRole`.
    pub actions: Element<Values>,
    /// Resource ARNs; none in trust policies.
    pub resources: Option<Element<Values>>,
    /// When it applies.
    pub conditions: Conditions,
}

impl<T> Element<T> {
    /// Something else in place of what is listed, the same way.
    pub(crate) fn map<'e, U>(&'e self, convert: impl FnOnce(&'e T) -> U) -> Element<U> {
        match self {
            Self::Only(listed) => Element::Only(convert(listed)),
            Self::AllBut(listed) => Element::AllBut(convert(listed)),
        }
    }

    /// What is listed, whichever way.
    pub fn listed(&self) -> &T {
        match self {
            Self::Only(listed) | Self::AllBut(listed) => listed,
        }
    }

    /// What is listed, if nothing else is meant.
    pub fn only(&self) -> Option<&T> {
        match self {
            Self::Only(listed) => Some(listed),
            Self::AllBut(_) => None,
        }
    }
}

impl Principals {
    /// IAM principals by ARN, or accounts.
    pub fn aws<S: Into<String>>(arns: impl IntoIterator<Item = S>) -> Self {
        Self { aws: arns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// One AWS service.
    pub fn service(name: impl Into<String>) -> Self {
        Self { service: [name.into()].into(), ..Self::default() }
    }

    /// One identity provider.
    pub fn federated(provider: impl Into<String>) -> Self {
        Self { federated: [provider.into()].into(), ..Self::default() }
    }
}

impl Statement {
    /// An Allow without principals, resources and conditions.
    pub fn allow<S: Into<String>>(sid: &str, actions: impl IntoIterator<Item = S>) -> Self {
        Self {
            sid: sid.to_owned(),
            effect: Effect::Allow,
            principals: None,
            actions: Element::Only(actions.into_iter().map(Into::into).collect()),
            resources: None,
            conditions: Conditions::new(),
        }
    }

    /// To these principals.
    #[must_use]
    pub fn to(mut self, principals: Principals) -> Self {
        self.principals = Some(Element::Only(principals));
        self
    }

    /// On these resources.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, resources: impl IntoIterator<Item = S>) -> Self {
        self.resources = Some(Element::Only(resources.into_iter().map(Into::into).collect()));
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

    /// The resources that it lists, whichever way.
    pub fn listed_resources(&self) -> impl Iterator<Item = &String> {
        self.resources.iter().flat_map(Element::listed)
    }
}

impl Document {
    /// A document of the current version.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { statements: statements.into_iter().collect(), ..Self::default() }
    }

    /// Whether two documents say the same: statement ids and the order of statements don't matter, nor the case of
    /// actions (IAM User Guide, "IAM JSON policy elements: Action"), nor the version where nothing depends on it.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let versions_agree =
            self.version == other.version || !(self.has_variables() || other.has_variables());
        versions_agree && self.normalized() == other.normalized()
    }

    /// Whether something in it would be a policy variable in the current version.
    pub fn has_variables(&self) -> bool {
        self.statements.iter().any(|statement| {
            let values = statement.conditions.values().flat_map(BTreeMap::values).flatten();
            statement.listed_resources().chain(values).any(|value| value.contains("${"))
        })
    }

    fn normalized(&self) -> BTreeSet<Statement> {
        let lower = |actions: &Values| actions.iter().map(|action| action.to_ascii_lowercase()).collect();
        let normal = |statement: &Statement| Statement {
            sid: String::new(),
            actions: match &statement.actions {
                Element::Only(actions) => Element::Only(lower(actions)),
                Element::AllBut(actions) => Element::AllBut(lower(actions)),
            },
            ..statement.clone()
        };
        self.statements.iter().map(normal).collect()
    }
}
