//! What people do in the UI and by the CLI with single objects: argocd-server makes these requests.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{case::Deployed, scene::Scene, steps::noticed};
use crate::e2e::argocd::{Resource, State};

/// Features of argocd-server, as the fleet file switches them on; absent means Argo CD's own default.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::e2e) struct Features {
    logs: bool,
    events: bool,
    exec: bool,
    actions: bool,
    ui_delete: bool,
    ui_patch: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self { logs: true, events: true, exec: false, actions: true, ui_delete: true, ui_patch: true }
    }
}

/// Looks at every object of the tree, and does to it all that the features allow but deleting it.
pub(super) fn look(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    // Its watches tell it a moment later what its last sync has made.
    noticed(scene, app, |state| {
        state.resources.iter().all(|managed| state.tree.iter().any(|one| one.is(managed)))
    })?;
    let state = scene.argocd.tell("state", &app.name, json!({}))?;
    let features = scene.case.features;
    for resource in &state.tree {
        let live = scene.argocd.click("get-resource", &app.name, resource, json!({}))?;
        if features.events {
            scene.argocd.click("events", &app.name, resource, json!({}))?;
        }
        // Edits of RBAC objects in the UI aren't planned: each is checked for escalation against the server's own rules.
        if features.ui_patch && resource.group != "rbac.authorization.k8s.io" {
            let patch = json!({ "metadata": { "annotations": { "e2e.oarlock.dev/edited": "in the UI" } } });
            scene.argocd.click(
                "patch-resource",
                &app.name,
                resource,
                json!({ "patch": patch.to_string() }),
            )?;
        }
        if resource.kind == "Pod" {
            let container = json!({ "container": container(&live) });
            if features.logs {
                scene.argocd.click("logs", &app.name, resource, container.clone())?;
            }
            if features.exec {
                scene.argocd.click("exec", &app.name, resource, container)?;
            }
        }
    }
    // `argocd app manifests --source git`, and `argocd app diff` where the annotation has it compared by the API server.
    scene.argocd.click("manifests", &app.name, &Resource::default(), json!({}))?;
    if app.compares_by_server() {
        scene.argocd.click("server-side-diff", &app.name, &Resource::default(), json!({}))?;
    }
    if features.actions {
        act(scene, app, &state.tree)?;
    }
    Ok(None)
}

/// Every action that Argo CD offers.
fn act(scene: &mut Scene<'_>, app: &Deployed, tree: &[Resource]) -> Result<()> {
    for resource in tree {
        let offered = scene.argocd.click("list-actions", &app.name, resource, json!({}))?;
        let actions = offered.get("actions").and_then(Value::as_array);
        for action in actions.into_iter().flatten().filter_map(|action| action.get("name")) {
            scene.argocd.click("run-action", &app.name, resource, json!({ "action": action }))?;
        }
    }
    Ok(())
}

/// Deletes every object of the tree, children first, while Argo CD doesn't sync by itself; their uids, if the UI may delete.
pub(super) fn delete(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<BTreeSet<String>>> {
    if !scene.case.features.ui_delete {
        return Ok(None);
    }
    scene.pause(app)?;
    let mut tree = scene.argocd.tell("state", &app.name, json!({}))?.tree;
    // Nobody can click on what has gone with its parent.
    tree.sort_by_key(|resource| (resource.kind != "Pod", resource.parents.is_empty()));
    let mut deleted = BTreeSet::new();
    // Without their definitions other Applications' objects would go, too.
    for resource in tree.into_iter().filter(|resource| resource.kind != DEFINITION) {
        scene.argocd.click("delete-resource", &app.name, &resource, json!({}))?;
        deleted.insert(resource.uid);
    }
    Ok(Some(deleted))
}

/// Deletes the definitions, when nothing else is to be done any more.
pub(super) fn delete_definitions(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    if !scene.case.features.ui_delete {
        return Ok(None);
    }
    scene.pause(app)?;
    let state = scene.argocd.tell("state", &app.name, json!({}))?;
    for resource in state.tree.iter().filter(|resource| resource.kind == DEFINITION) {
        scene.argocd.click("delete-resource", &app.name, resource, json!({}))?;
    }
    Ok(None)
}

const DEFINITION: &str = "CustomResourceDefinition";

/// The first container of a pod.
fn container(answer: &Value) -> Option<String> {
    let manifest: Value = serde_json::from_str(answer.get("manifest")?.as_str()?).ok()?;
    Some(manifest.pointer("/spec/containers/0/name")?.as_str()?.to_owned())
}
