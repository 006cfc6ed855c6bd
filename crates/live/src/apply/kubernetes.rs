//! Kubernetes objects: server-side apply as field manager `oarlock`, and deletion of what is still what was read.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::ClusterArn;
use http::Method;
use plan::{Action, KubernetesObject, Owner, Ownership, Step};
use serde_json::{Map, Value, json};

use super::{
    patience::{Seen, Trouble},
    world::World,
};
use crate::{
    cause::{Cause, absent_or},
    kubernetes::Api,
};

/// Who sets the fields, as Kubernetes keeps it.
const FIELD_MANAGER: &str = "oarlock";

/// How a request is made: for good, or as a question (Kubernetes API concepts, "Dry-run").
fn query(world: &World<'_>) -> &'static str {
    if world.options.dry_run { "&dryRun=All" } else { "" }
}

/// Applies an object. Fields that another manager set otherwise are a conflict, unless the plan was made with `--adopt`.
pub(super) async fn put(
    world: &World<'_>,
    cluster: &ClusterArn,
    wanted: &KubernetesObject,
    step: &Step,
) -> Result<(), Trouble> {
    let api = world.api(cluster).await?;
    let path = path(&wanted.api_version, &wanted.kind, wanted.namespace.as_deref(), &wanted.name);
    let mut body = wanted.body.value();
    encode(&mut body);
    let again = matches!(step.action, Action::Replace { .. });
    if again && !world.options.dry_run {
        absent_or(api.send(Method::DELETE, &path, "application/json", &json!({})).await)?;
    }
    let force = step.owner == Owner::Adopt || world.options.force_conflicts;
    let query = query(world);
    let apply = format!("{path}?fieldManager={FIELD_MANAGER}&force={force}{query}");
    let applied = world
        .patience
        .while_refused(
            // A namespace or a definition that was made just now, or an object that is still going.
            |cause| !world.options.dry_run && (cause.is("NotFound") || cause.is("Conflict") && again),
            || api.send(Method::PATCH, &apply, "application/apply-patch+yaml", &body),
        )
        .await;
    applied.map_err(|trouble| conflict(trouble, wanted))?;
    let goes = removed(wanted, step);
    if !goes.is_null() {
        let patch = format!("{path}?fieldManager={FIELD_MANAGER}{query}");
        api.send(Method::PATCH, &patch, "application/merge-patch+json", &goes).await?;
    }
    Ok(())
}

/// A conflict names whoever set the field; what to do stands here.
fn conflict(trouble: Trouble, wanted: &KubernetesObject) -> Trouble {
    match trouble {
        Trouble::Failed(why) if why.contains("conflict with") => {
            let name = wanted.qualified_name();
            let help = "change it where that manager has it from, or take it over with `--force-conflicts`";
            Trouble::Failed(format!("{} `{name}`: {why}; {help}", wanted.kind))
        }
        other => other,
    }
}

/// What the plan's change says goes: server-side apply takes away only what its own manager had set.
fn removed(wanted: &KubernetesObject, step: &Step) -> Value {
    let (Action::Update { changes }, Ownership::Whole) = (&step.action, wanted.ownership) else {
        return Value::Null;
    };
    let mut patch = Map::new();
    for change in changes.iter().filter(|change| change.to.is_none()) {
        match change.field.split_once('.') {
            Some(("data", key)) => {
                let data = patch.entry("data").or_insert_with(|| json!({}));
                if let Some(data) = data.as_object_mut() {
                    data.insert(key.to_owned(), Value::Null);
                }
            }
            None if change.field == "aggregationRule" => _ = patch.insert(change.field.clone(), Value::Null),
            _ => {}
        }
    }
    if patch.is_empty() { Value::Null } else { Value::Object(patch) }
}

/// A Secret's `stringData` as `data`: server-side apply doesn't know that the two are the same, so that nobody would be told of a
/// conflict and a key that is wanted no more would stay (Kubernetes documentation, "Secrets").
fn encode(body: &mut Value) {
    let is_secret = body.get("kind").is_some_and(|kind| kind == "Secret");
    let Some(object) = body.as_object_mut().filter(|_| is_secret) else { return };
    let Some(Value::Object(plain)) = object.shift_remove("stringData") else { return };
    let data = object.entry("data").or_insert_with(|| json!({}));
    if let Value::Object(data) = data {
        for (key, value) in plain {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            data.insert(key, STANDARD.encode(text).into());
        }
    }
}

/// Deletes an object if it is still what was read: the API server compares (Kubernetes API, `Preconditions`).
pub(super) async fn delete(world: &World<'_>, cluster: &ClusterArn, step: &Step) -> Result<(), Trouble> {
    let api = world.api(cluster).await?;
    let (namespace, name) = match step.object.name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, step.object.name.as_str()),
    };
    let version = match step.object.kind.as_str() {
        "ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding" => "rbac.authorization.k8s.io/v1",
        "AppProject" => "argoproj.io/v1alpha1",
        _ => "v1",
    };
    let path = path(version, &step.object.kind, namespace, name);
    let Some(version) = world.work.versions.get(&step.object) else {
        return Err(Trouble::Failed(
            "what it was when it was read isn't known, so that it can't be deleted safely".to_owned(),
        ));
    };
    let mut options = json!({
        "apiVersion": "v1", "kind": "DeleteOptions",
        "preconditions": { "uid": version.uid, "resourceVersion": version.resource_version },
    });
    if let Some(options) = options.as_object_mut().filter(|_| world.options.dry_run) {
        options.insert("dryRun".to_owned(), json!(["All"]));
    }
    match api.send(Method::DELETE, &path, "application/json", &options).await {
        Err(cause) if cause.is("NotFound") => return Ok(()),
        Err(cause) if cause.is("Conflict") => {
            return Err(Trouble::Unobserved(format!(
                "it has changed since it was read, so plan again: {cause}"
            )));
        }
        other => other?,
    };
    if world.options.dry_run {
        return Ok(());
    }
    world.patience.until(|| gone(&api, &path)).await
}

/// Whether an object isn't there any more. One with finalizers goes later.
async fn gone(api: &Api, path: &str) -> Result<Seen<()>, Trouble> {
    match api.read(path).await {
        Err(cause) if cause.is("NotFound") => Ok(Seen::Yes(())),
        Err(cause) => Err(cause.into()),
        Ok(_) => Ok(Seen::No("it is still there".to_owned())),
    }
}

/// Where an object is, on an API server.
pub(super) fn path(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> String {
    let root = if api_version.contains('/') { "apis" } else { "api" };
    let namespace =
        namespace.map_or_else(String::new, |namespace| format!("/namespaces/{}", segment(namespace)));
    format!("/{root}/{api_version}{namespace}/{}/{}", plan::resource(api_version, kind), segment(name))
}

/// RBAC's names may have characters that paths give a meaning, such as `:`.
fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Whether a refusal says only that one may not look.
pub(super) fn is_hidden(cause: &Cause) -> bool {
    cause.is("Forbidden")
        || cause.is("Unauthorized")
        || cause.is_silence()
        || cause.is("AccessDeniedException")
}
