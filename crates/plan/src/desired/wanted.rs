//! What the desired objects come with: findings, gaps, notes, and grants that no need asks for.

use std::borrow::Cow;

use facts::{ClusterArn, Finding, Gap, RoleArn};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{marks, site::Site};
use crate::object::{Desired, DesiredObject, KubernetesObject, Location, Object, ObjectId, Ownership};

/// Everything that working out the desired objects gives.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The objects, each after everything that it needs.
    pub desired: Desired,
    /// What people should look at.
    pub findings: Vec<Finding>,
    /// What is not known: with any, the plan is incomplete.
    pub unknown: Vec<Gap>,
    /// What people should know when they read the plan.
    pub notes: Vec<Note>,
    /// Grants in AWS that are wider than the needs.
    pub beyond: Vec<BeyondGrant>,
    /// The settings of the plan as values of the Helm chart argo-cd, for those who install Argo CD with it.
    pub helm_values: Option<Value>,
}

/// Something to know when reading the plan; it is neither wrong nor missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Stable kebab-case name, for example `spoke-identity-is-shared`.
    pub id: Cow<'static, str>,
    /// One or two sentences.
    pub message: String,
}

/// A grant in AWS that is wider than any need, and why it can't be narrower.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BeyondGrant {
    /// The object that holds it.
    pub object: ObjectId,
    /// What is granted, as the policy has it: actions and resource.
    pub grant: String,
    /// Why it can't be narrower.
    pub reason: String,
    /// What the wildcard stands for today.
    pub expansion: Vec<String>,
}

impl Wanted {
    pub(super) fn add(
        &mut self,
        location: Location,
        object: Object,
        reason: impl Into<String>,
        after: Vec<ObjectId>,
    ) -> ObjectId {
        let wanted = DesiredObject { location, object, reason: reason.into(), after };
        let id = wanted.id();
        self.desired.objects.push(wanted);
        id
    }

    pub(super) fn add_kubernetes(
        &mut self,
        cluster: &ClusterArn,
        object: KubernetesObject,
        reason: impl Into<String>,
        after: Vec<ObjectId>,
    ) -> ObjectId {
        self.add(Location::Cluster(cluster.clone()), Object::Kubernetes(object), reason, after)
    }

    pub(super) fn note(&mut self, id: &'static str, message: impl Into<String>) {
        self.notes.push(Note { id: Cow::Borrowed(id), message: message.into() });
    }

    /// Drops what is there twice, and dependencies on objects that nobody wants; sorts so that each object stands
    /// after what it needs, else by id.
    pub(super) fn finish(mut self) -> Self {
        self.desired.objects = super::order::sorted(std::mem::take(&mut self.desired.objects));
        self.findings.sort();
        self.findings.dedup();
        self.unknown.sort();
        self.unknown.dedup();
        self.notes.sort();
        self.notes.dedup();
        self.beyond.sort();
        self.beyond.dedup();
        self
    }
}

/// A whole Kubernetes object with Oarlock's marks; `content` holds all its top-level fields but metadata.
pub(super) fn whole(
    site: &Site<'_>,
    (api_version, kind): (&str, &str),
    namespace: Option<&str>,
    name: &str,
    content: Value,
) -> KubernetesObject {
    let labels = Some(marks::labels(&site.fleet.name));
    built((api_version, kind), namespace, name, labels, content, Ownership::Whole)
}

/// Some fields of a Kubernetes object that belongs to somebody else.
pub(super) fn fields(
    (api_version, kind): (&str, &str),
    namespace: Option<&str>,
    name: &str,
    content: Value,
) -> KubernetesObject {
    built((api_version, kind), namespace, name, None, content, Ownership::Fields)
}

fn built(
    (api_version, kind): (&str, &str),
    namespace: Option<&str>,
    name: &str,
    labels: Option<Value>,
    content: Value,
    ownership: Ownership,
) -> KubernetesObject {
    let mut metadata = json!({ "name": name });
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.extend(namespace.map(|namespace| ("namespace".to_owned(), json!(namespace))));
        metadata.extend(labels.map(|labels| ("labels".to_owned(), labels)));
    }
    let mut body = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata });
    if let (Some(body), Value::Object(content)) = (body.as_object_mut(), content) {
        body.extend(content);
    }
    KubernetesObject {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        body: body.into(),
        ownership,
    }
}

pub(super) fn role_id(role: &RoleArn) -> ObjectId {
    ObjectId {
        location: Location::Account(role.account.clone()),
        kind: "iam role".to_owned(),
        name: role.name.clone(),
    }
}

pub(super) fn entry_id(cluster: &ClusterArn, principal: &RoleArn) -> ObjectId {
    ObjectId {
        location: Location::Eks(cluster.clone()),
        kind: "access entry".to_owned(),
        name: principal.to_string(),
    }
}
