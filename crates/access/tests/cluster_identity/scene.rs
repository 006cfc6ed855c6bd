//! Small clusters, written down.

use std::collections::BTreeMap;

use facts::{Gap, Place};
use inventory::{AccessEntry, Cluster, Description, Known, Kubernetes, KubernetesObject};
use oarlock_access::cluster_identity::Caller;
use serde::Deserialize;
use serde_json::{Value, json};

/// Something that may not have been read.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum Read<T> {
    Is(T),
    /// `unread`
    Not(String),
}

impl<T> Read<T> {
    fn known(self, what: &str) -> Known<T> {
        match self {
            Self::Is(value) => Known::Known(value),
            Self::Not(word) => {
                assert_eq!(word, "unread");
                Known::Gap(gap(what))
            }
        }
    }
}

pub(crate) fn gap(what: &str) -> Gap {
    Gap::new(what, "not in the inventory")
}

/// Access policies with their namespaces.
type Policies = Vec<(String, Vec<String>)>;

#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) principal: String,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) created: Option<String>,
    pub(crate) policies: Option<Read<Policies>>,
}

impl Entry {
    pub(crate) fn read(self, default: &str) -> AccessEntry {
        AccessEntry {
            place: Place::file(format!("describe-access-entry-{}.json", self.principal)),
            principal: self.principal,
            kind: self.kind.unwrap_or_else(|| "STANDARD".to_owned()),
            groups: self.groups,
            username: self.username,
            created_at: date(self.created, default),
            policies: self
                .policies
                .map_or(Known::Known(Vec::new()), |policies| policies.known("the access policies")),
            tags: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallerText {
    pub(crate) arn: String,
    session: Option<String>,
    access_key: Option<String>,
    unique_id: Option<String>,
    created: Option<String>,
    created_cluster: Option<bool>,
}

impl CallerText {
    pub(crate) fn read(self, default: &str) -> Caller {
        let mut caller = Caller::new(&self.arn).unwrap();
        caller.session = self.session.or(caller.session);
        caller.access_key = self.access_key;
        caller.unique_id = self.unique_id;
        caller.created = date(self.created, default);
        caller.created_cluster = self.created_cluster;
        caller
    }
}

/// `none` is a date that nobody knows.
fn date(text: Option<String>, default: &str) -> Option<String> {
    Some(text.unwrap_or_else(|| default.to_owned())).filter(|text| text != "none")
}

/// `unread` has no description, `none` one without the mode.
pub(crate) fn description(mode: &str) -> Known<Description> {
    if mode == "unread" {
        return Known::Gap(gap("the description"));
    }
    Known::Known(Description {
        endpoint: None,
        certificate_authority: None,
        version: None,
        authentication_mode: Some(mode.to_owned()).filter(|mode| mode != "none"),
        oidc_issuer: None,
        place: Place::file("describe-cluster.json"),
    })
}

/// Kubernetes objects with aws-auth, or without it; or nothing.
pub(crate) fn kubernetes(aws_auth: Option<Read<BTreeMap<String, String>>>) -> Kubernetes {
    let maps = match aws_auth {
        Some(Read::Not(word)) => {
            assert_eq!(word, "unread");
            return Kubernetes::default();
        }
        Some(Read::Is(data)) => vec![config_map(json!({"data": data}))],
        None => Vec::new(),
    };
    Kubernetes { objects: BTreeMap::from([("configmaps".to_owned(), maps)]), ..Kubernetes::default() }
}

pub(crate) fn config_map(body: Value) -> KubernetesObject {
    KubernetesObject {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: Some("kube-system".to_owned()),
        name: "aws-auth".to_owned(),
        body: body.into(),
        place: Place::file("configmaps.yaml"),
    }
}

pub(crate) fn cluster(
    mode: &str,
    entries: Option<Read<Vec<Entry>>>,
    created: &str,
    aws_auth: Option<Read<BTreeMap<String, String>>>,
) -> Cluster {
    let entries = entries.map_or(Known::Known(Vec::new()), |entries| entries.known("the access entries"));
    let access_entries = match entries {
        Known::Gap(gap) => Known::Gap(gap),
        Known::Known(entries) => Known::Known(
            entries.into_iter().map(|entry| (entry.principal.clone(), entry.read(created))).collect(),
        ),
    };
    Cluster {
        description: description(mode),
        access_entries,
        access_policies: Known::Gap(gap("the access policies")),
        pod_identity_associations: Known::Known(BTreeMap::new()),
        capabilities: Known::Known(BTreeMap::new()),
        kubernetes: kubernetes(aws_auth),
    }
}
