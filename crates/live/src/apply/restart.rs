//! Rollout restarts: as `kubectl rollout restart` and `kubectl rollout status` do it, until no pod of before is left.

use http::Method;
use plan::Restart;
use serde_json::{Value, json};

use super::{
    kubernetes::path,
    patience::{Seen, Trouble},
    world::World,
};
use crate::kubernetes::Api;

/// kubectl's own annotation (kubectl/pkg/polymorphichelpers/objectrestarter.go).
const ANNOTATION: &str = "kubectl.kubernetes.io~1restartedAt";

/// Restarts each workload once for what became due at `since`: a run that takes up an earlier one's restart finds the same time written
/// there, and nothing starts anew.
pub(super) async fn restart(world: &World<'_>, wanted: &Restart, since: Option<&str>) -> Result<(), Trouble> {
    let api = world.api(&wanted.cluster).await?;
    let since = since.map_or_else(super::now, str::to_owned);
    for workload in &wanted.workloads {
        let (kind, name) = workload.split_once('/').unwrap_or(("deployment", workload));
        let kind = if kind == "statefulset" { "StatefulSet" } else { "Deployment" };
        let path = path("apps/v1", kind, Some(&wanted.namespace), name);
        let there = api.read(&path).await?;
        let written = there.pointer(&format!("/spec/template/metadata/annotations/{ANNOTATION}"));
        // A later restart by somebody else serves as well.
        if written.and_then(Value::as_str).is_none_or(|written| *written < *since) {
            let annotations = json!({ "kubectl.kubernetes.io/restartedAt": since });
            let patch = json!({ "spec": { "template": { "metadata": { "annotations": annotations } } } });
            let patched = format!("{path}?fieldManager=oarlock");
            api.send(Method::PATCH, &patched, "application/merge-patch+json", &patch).await?;
        }
        world.patience.slowly(|| rolled_out(&api, &path, workload)).await?;
    }
    Ok(())
}

/// kubectl/pkg/polymorphichelpers/rollout_status.go; besides, terminating pods of before still hold credentials: they are counted by the
/// workload's selector and the revision that they are of.
async fn rolled_out(api: &Api, path: &str, workload: &str) -> Result<Seen<()>, Trouble> {
    let there = api.read(path).await?;
    let number = |pointer: &str| there.pointer(pointer).and_then(Value::as_i64);
    let wanted = number("/spec/replicas").unwrap_or(1);
    let status = |field: &str| number(&format!("/status/{field}")).unwrap_or(0);
    if status("observedGeneration") < number("/metadata/generation").unwrap_or(0) {
        return Ok(Seen::No(format!("`{workload}` hasn't been looked at by its controller")));
    }
    if status("updatedReplicas") < wanted || status("replicas") > status("updatedReplicas") {
        return Ok(Seen::No(format!("`{workload}` still has pods of before")));
    }
    let ready = if there.get("kind").is_some_and(|kind| kind == "StatefulSet") {
        let revision = |field: &str| there.pointer(&format!("/status/{field}"));
        if revision("updateRevision") != revision("currentRevision") && wanted > 0 {
            return Ok(Seen::No(format!("`{workload}` still has pods of before")));
        }
        status("readyReplicas")
    } else {
        status("availableReplicas")
    };
    if ready < wanted {
        return Ok(Seen::No(format!("`{workload}` has {ready} of {wanted} new pods ready")));
    }
    terminating(api, path, &there, workload).await
}

/// A pod that is being terminated isn't counted by its workload any more, and works on until it has ended.
async fn terminating(api: &Api, path: &str, there: &Value, workload: &str) -> Result<Seen<()>, Trouble> {
    let labels = there.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let pairs: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    let pairs = pairs.join(",");
    let selector = percent_encoding::utf8_percent_encode(&pairs, percent_encoding::NON_ALPHANUMERIC);
    let namespace = path.split('/').skip_while(|part| *part != "namespaces").nth(1).unwrap_or_default();
    let listed = api.read(&format!("/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")).await;
    let listed = listed.map_err(|cause| {
        Trouble::Unobserved(format!("whether pods of before are left of `{workload}` can't be seen: {cause}"))
    })?;
    let pods = listed.get("items").and_then(Value::as_array).into_iter().flatten();
    let left = pods.filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_some()).count();
    Ok(match left {
        0 => Seen::Yes(()),
        left => Seen::No(format!("{left} of the pods of `{workload}` haven't ended yet")),
    })
}
