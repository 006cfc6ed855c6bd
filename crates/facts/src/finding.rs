use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Place;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing breaks and nobody gains power by it.
    Note,
    /// It will surprise somebody, or gives more than it seems.
    Warning,
    /// It breaks Argo CD, breaks a limit, or hands over a cluster.
    Error,
}

/// A problem in the user's world, as opposed to one in our run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable kebab-case name, for example `app-ships-wildcard-rbac`.
    pub id: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// What is the matter, with the names of the objects concerned.
    pub message: String,
    /// The clusters that it is about, by their names in Argo CD; none where it isn't about clusters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<String>,
    /// The Applications that it is about, where the message doesn't name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// What can be done about it; where there is a choice, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
}

impl Finding {
    /// A finding without anything around it.
    pub fn new(id: impl Into<Cow<'static, str>>, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            severity,
            message: message.into(),
            clusters: Vec::new(),
            applications: Vec::new(),
            places: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a cluster that it is about.
    #[must_use]
    pub fn on(mut self, cluster: impl Into<String>) -> Self {
        self.clusters.push(cluster.into());
        self
    }

    /// Adds Applications that it is about.
    #[must_use]
    pub fn of(mut self, applications: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.applications.extend(applications.into_iter().map(Into::into));
        self
    }

    /// Adds a place where it was seen.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    /// Adds one thing that can be done about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
