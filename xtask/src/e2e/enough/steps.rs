//! What Argo CD is made to do in each case, from the first sync to the last deletion.

use anyhow::Result;
use serde_json::json;

use super::{case::Deployed, clicks, disturb::disturb, scene::Scene};
use crate::e2e::{argocd::State, audit::Record};

/// What happened in one step.
pub(in crate::e2e) struct Played {
    pub(in crate::e2e) step: &'static str,
    pub(in crate::e2e) record: Record,
    /// Applications with what went wrong.
    pub(in crate::e2e) failures: Vec<(String, String)>,
}

type Act = fn(&mut Scene<'_>, &Deployed) -> Result<Option<State>>;

/// In this order, each for all Applications: one may use what another brings.
const STEPS: [(&str, Act); 8] = [
    ("sync", |scene, app| sync(scene, app).map(Some)),
    ("heal", heal),
    ("look", clicks::look),
    ("click delete", clicks::delete),
    ("mend", |scene, app| sync(scene, app).map(Some)),
    ("prune", prune),
    ("sync again", |scene, app| {
        scene.refill(app)?;
        sync(scene, app).map(Some)
    }),
    ("delete", delete),
];

/// Plays all steps.
pub(in crate::e2e) fn play(scene: &mut Scene<'_>) -> Result<Vec<Played>> {
    let case = scene.case;
    let mut played = Vec::new();
    for (step, act) in STEPS {
        let mut failures = Vec::new();
        for app in &case.applications {
            match act(scene, app) {
                Ok(Some(state)) if !is_good(step, &state) => {
                    failures.push((app.name.clone(), state.to_string()))
                }
                Ok(_) => {}
                Err(error) => failures.push((app.name.clone(), format!("{error:#}"))),
            }
        }
        let failed = !failures.is_empty();
        played.push(Played { step, record: scene.audit.read()?, failures });
        // What comes after a failure only repeats it.
        if failed {
            break;
        }
    }
    Ok(played)
}

fn is_good(step: &str, state: &State) -> bool {
    if step == "delete" {
        return state.gone;
    }
    let succeeded = state.operation.as_ref().is_some_and(|operation| operation.phase == "Succeeded");
    !state.timed_out && succeeded && state.sync == "Synced"
}

/// Syncs as the Application does: by itself, or because somebody asks for it.
fn sync(scene: &mut Scene<'_>, app: &Deployed) -> Result<State> {
    if app.syncs_itself() {
        scene.argocd.tell("refresh", &app.name, json!({}))?;
    } else {
        scene.argocd.tell("sync", &app.name, json!({}))?;
    }
    scene.argocd.tell("wait", &app.name, json!({ "operation": "Succeeded", "sync": "Synced" }))
}

/// Somebody changed all objects by hand.
fn heal(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    let state = scene.argocd.tell("state", &app.name, json!({}))?;
    disturb(&scene.cluster, &state)?;
    if app.automated("selfHeal") {
        scene.argocd.tell("refresh", &app.name, json!({}))?;
    } else {
        scene.argocd.tell("sync", &app.name, json!({}))?;
    }
    scene.argocd.tell("wait", &app.name, json!({ "operation": "Succeeded", "sync": "Synced" })).map(Some)
}

/// Everything has left the source. Argo CD doesn't empty an Application by itself, so somebody asks for it.
fn prune(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    if !app.automated("prune") {
        return Ok(None);
    }
    scene.empty(app)?;
    scene.argocd.tell("sync", &app.name, json!({ "prune": true }))?;
    scene.argocd.tell("wait", &app.name, json!({ "operation": "Succeeded", "sync": "Synced" })).map(Some)
}

fn delete(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    scene.argocd.tell("delete", &app.name, json!({ "cascade": app.cascades() })).map(Some)
}
