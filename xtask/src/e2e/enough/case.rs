//! A case: one cluster of a fleet, with what Oarlock says that Argo CD needs there and what it deploys.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result};
use rbac::Permission;
use serde::Deserialize;
use serde_json::Value;

use super::clicks::Features;
use crate::e2e::apiserver::Token;

/// One cluster of a fleet.
pub(in crate::e2e) struct Case {
    /// `acme/payments-prod-eu`
    pub(in crate::e2e) name: String,
    /// The URL, or the ARN, by which the fleet's objects know the cluster.
    pub(in crate::e2e) server: String,
    /// The cluster Secret that the plan wants; none for the hub itself, which needs none.
    pub(in crate::e2e) secret: Option<Value>,
    /// What is there before: namespaces, and definitions of kinds that somebody else installed.
    pub(in crate::e2e) there: Vec<Value>,
    /// What the plan wants on the cluster, in its order.
    pub(in crate::e2e) planned: Vec<Value>,
    /// Argo CD's settings on the hub.
    pub(in crate::e2e) settings: BTreeMap<String, String>,
    /// AppProjects as people wrote them.
    pub(in crate::e2e) projects: Vec<Value>,
    /// What the plan changes of them.
    pub(in crate::e2e) planned_projects: Vec<Value>,
    pub(in crate::e2e) applications: Vec<Deployed>,
    pub(in crate::e2e) features: Features,
    pub(in crate::e2e) controller: Token,
    pub(in crate::e2e) argocd_server: Token,
    /// What Oarlock says.
    pub(in crate::e2e) needs: Vec<Need>,
}

/// An Application with the manifests that its source renders to.
#[derive(Clone)]
pub(in crate::e2e) struct Deployed {
    pub(in crate::e2e) name: String,
    pub(in crate::e2e) object: Value,
    pub(in crate::e2e) manifests: PathBuf,
}

/// One row of `oarlock plan -o matrix-json`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::e2e) struct Need {
    pub(in crate::e2e) identity: Identity,
    pub(in crate::e2e) permission: Permission,
    #[serde(default)]
    pub(in crate::e2e) beyond: Option<String>,
}

/// Who makes a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub(in crate::e2e) enum Identity {
    Controller,
    Server,
    Impersonated { namespace: String, name: String },
}

impl Case {
    /// Who somebody of the audit log is.
    pub(in crate::e2e) fn identity(&self, user: &str) -> Option<Identity> {
        if user == self.controller.user {
            return Some(Identity::Controller);
        }
        if user == self.argocd_server.user {
            return Some(Identity::Server);
        }
        let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        Some(Identity::Impersonated { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// Whether Argo CD leaves out what it may not list.
    pub(super) fn respects_rbac(&self) -> bool {
        self.settings.get("resource.respectRBAC").is_some_and(|how| how == "normal" || how == "strict")
    }
}

impl Deployed {
    /// Whether its syncPolicy has a switch on, such as `automated.prune`.
    pub(in crate::e2e) fn automated(&self, switch: &str) -> bool {
        let automated = self.object.pointer("/spec/syncPolicy/automated");
        automated.and_then(|automated| automated.get(switch)?.as_bool()).unwrap_or(false)
    }

    /// Whether a sync option holds for all its objects.
    pub(in crate::e2e) fn syncs_with(&self, option: &str) -> bool {
        let options = self.object.pointer("/spec/syncPolicy/syncOptions").and_then(Value::as_array);
        options.into_iter().flatten().any(|each| each == option)
    }

    /// Whether an annotation says so.
    pub(in crate::e2e) fn annotated(&self, key: &str, value: &str) -> bool {
        let annotations = self.object.pointer("/metadata/annotations");
        annotations.and_then(|annotations| annotations.get(key)).is_some_and(|is| is == value)
    }

    /// Whether the API server says what applying it would change.
    pub(super) fn compares_by_server(&self) -> bool {
        self.annotated("argocd.argoproj.io/compare-options", "ServerSideDiff=true")
    }

    /// Whether it syncs by itself.
    pub(in crate::e2e) fn syncs_itself(&self) -> bool {
        self.object.pointer("/spec/syncPolicy/automated").is_some()
    }

    /// Whether deleting it deletes what it deployed.
    pub(in crate::e2e) fn cascades(&self) -> bool {
        let finalizers = self.object.pointer("/metadata/finalizers").and_then(Value::as_array);
        let mut finalizers = finalizers.into_iter().flatten().filter_map(Value::as_str);
        finalizers.any(|finalizer| finalizer.starts_with("resources-finalizer.argocd.argoproj.io"))
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Controller => f.write_str("controller"),
            Self::Server => f.write_str("server"),
            Self::Impersonated { namespace, name } => write!(f, "serviceaccount {namespace}/{name}"),
        }
    }
}

/// All documents of a YAML file, the empty ones left out.
pub(in crate::e2e) fn documents(text: &str) -> Result<Vec<Value>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text)?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// A text field of an object.
pub(in crate::e2e) fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("there is no text at {pointer} in {value}"))
}
