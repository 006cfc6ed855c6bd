//! Annotations of IRSA, taken from service accounts whose pods are to come by Pod Identity.

use access::ROLE_ANNOTATION;
use facts::ClusterArn;
use http::Method;
use plan::Step;
use serde_json::{Value, json};

use super::{kubernetes::path, patience::Trouble, world::World};

/// Takes the annotation away if it is still what was read: the API server compares the rest.
pub(super) async fn delete(world: &World<'_>, cluster: &ClusterArn, step: &Step) -> Result<(), Trouble> {
    let api = world.api(cluster).await?;
    let (namespace, name) = step.object.name.split_once('/').unwrap_or(("", &step.object.name));
    let path = path("v1", "ServiceAccount", Some(namespace), name);
    let account = match api.read(&path).await {
        Err(cause) if cause.is("NotFound") => return Ok(()),
        other => other?,
    };
    let annotations = account.pointer("/metadata/annotations");
    let Some(role) = annotations.and_then(|annotations| annotations.get(ROLE_ANNOTATION)) else {
        return Ok(());
    };
    if !step.reads.iter().any(|read| read.is_of(role)) {
        return Err(Trouble::Unobserved(format!("it says {role} by now, so plan again")));
    }
    let version = account.pointer("/metadata/resourceVersion").cloned().unwrap_or(Value::Null);
    let patch =
        json!({ "metadata": { "resourceVersion": version, "annotations": { ROLE_ANNOTATION: null } } });
    let dry_run = if world.options.dry_run { "&dryRun=All" } else { "" };
    let patched = format!("{path}?fieldManager=oarlock{dry_run}");
    api.send(Method::PATCH, &patched, "application/merge-patch+json", &patch).await?;
    Ok(())
}
