//! What Argo CD is made to do in each case, from the first sync to the last deletion.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::{case::Deployed, clicks, disturb, leftover, leftover::Mark, scene::Scene};
use crate::e2e::{argocd::State, audit::Record, kubectl::Kubectl};

const NOTICES_WITHIN: Duration = Duration::from_secs(10);
const SETTLES_WITHIN: Duration = Duration::from_secs(60);
const LOOKS_EVERY: Duration = Duration::from_secs(5);

/// What happened in one step.
pub(in crate::e2e) struct Played {
    pub(in crate::e2e) step: &'static str,
    pub(in crate::e2e) record: Record,
    /// Applications with what went wrong.
    pub(in crate::e2e) failures: Vec<(String, String)>,
}

type Act = fn(&mut Scene<'_>, &Deployed) -> Result<Option<State>>;

/// In this order, each for all Applications: one may use what another brings.
const STEPS: [(&str, Act); 10] = [
    ("sync", |scene, app| sync(scene, app).map(Some)),
    ("heal", heal),
    ("heal bindings", heal_bindings),
    ("find hooks", find_hooks),
    ("look", clicks::look),
    ("delete by hand", mend),
    ("prune", prune),
    ("sync again", |scene, app| {
        scene.refill(app)?;
        leftover::leave(&scene.cluster, app, Mark::None)?;
        sync(scene, app).map(Some)
    }),
    ("delete definitions by hand", clicks::delete_definitions),
    ("delete", delete),
];

/// Plays all steps.
pub(in crate::e2e) fn play(scene: &mut Scene<'_>) -> Result<Vec<Played>> {
    let case = scene.case;
    let mut played = Vec::new();
    for (step, act) in STEPS {
        let (mut failures, start) = (Vec::new(), Instant::now());
        for app in &case.applications {
            scene.argocd.forget()?;
            match act(scene, app) {
                Ok(Some(state)) if !is_good(step, &state) => {
                    failures.push((app.name.clone(), state.to_string()))
                }
                Ok(_) => {}
                Err(error) => failures.push((app.name.clone(), format!("{error:#}"))),
            }
        }
        println!("{}: {step} {:.1} s", case.name, start.elapsed().as_secs_f64());
        for (app, what) in &failures {
            println!("{}: {step} of {app} failed: {what}", case.name);
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

/// Whether the operation succeeded. What Argo CD says of differences afterwards is its own business: objects that mustn't be
/// pruned stay, and after a server-side apply defaults of the API server are differences for it.
fn is_good(step: &str, state: &State) -> bool {
    let succeeded = state.operation.as_ref().is_some_and(|operation| operation.phase == "Succeeded");
    !state.timed_out && if step == "delete" { state.gone } else { succeeded }
}

/// Syncs as the Application does: by itself, or because somebody asks for it.
fn sync(scene: &mut Scene<'_>, app: &Deployed) -> Result<State> {
    if !app.syncs_itself() {
        scene.argocd.tell("sync", &app.name, json!({}))?;
    }
    settled(scene, app)
}

/// How it is once Argo CD has looked again and has done what it then found to do. It is made to look more often than it does by
/// itself: nothing tells it of objects that carry no tracking id, such as CustomResourceDefinitions.
fn settled(scene: &mut Scene<'_>, app: &Deployed) -> Result<State> {
    let deadline = Instant::now() + SETTLES_WITHIN;
    loop {
        scene.argocd.tell("refresh", &app.name, json!({}))?;
        let wanted = json!({ "operation": "Succeeded", "timeoutSeconds": LOOKS_EVERY.as_secs() });
        let state = scene.argocd.tell("wait", &app.name, wanted)?;
        if !state.timed_out || Instant::now() > deadline {
            return Ok(state);
        }
    }
}

/// Asks until Argo CD has noticed what was done to the cluster behind its back: its watches tell it a moment later. What it
/// doesn't take for a change it is given time for, and no more.
pub(super) fn noticed(
    scene: &mut Scene<'_>,
    app: &Deployed,
    is_noticed: impl Fn(&State) -> bool,
) -> Result<()> {
    let deadline = Instant::now() + NOTICES_WITHIN;
    while !is_noticed(&scene.argocd.tell("refresh", &app.name, json!({}))?) {
        if Instant::now() > deadline {
            break;
        }
    }
    Ok(())
}

/// Somebody changed all objects by hand.
fn heal(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    let before = scene.argocd.tell("state", &app.name, json!({}))?;
    healed(scene, app, &before, disturb::disturb).map(Some)
}

/// Somebody put other bindings in the place of the Application's. Only `kubectl auth reconcile` gets them back, which is part of
/// a client-side apply; and the API server doesn't even compare bindings with different roles.
fn heal_bindings(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    let by_others = app.syncs_with("ServerSideApply=true") || app.syncs_with("Replace=true");
    if by_others || app.compares_by_server() {
        return Ok(None);
    }
    let before = scene.argocd.tell("state", &app.name, json!({}))?;
    if !before.resources.iter().any(disturb::is_binding) {
        return Ok(None);
    }
    healed(scene, app, &before, disturb::rebind).map(Some)
}

/// How it is when Argo CD has mended what somebody did.
fn healed(
    scene: &mut Scene<'_>,
    app: &Deployed,
    before: &State,
    disturb: fn(&Kubectl, &State) -> Result<()>,
) -> Result<State> {
    // Else it heals one object while the next is being changed.
    scene.pause(app)?;
    disturb(&scene.cluster, before)?;
    scene.resume(app)?;
    let started = |state: &State| state.operation.as_ref().map(|operation| operation.started_at.clone());
    noticed(scene, app, |state| state.sync == "OutOfSync" || started(state) != started(before))?;
    if !app.automated("selfHeal") {
        scene.argocd.tell("sync", &app.name, json!({}))?;
    }
    settled(scene, app)
}

/// Hooks of a sync that failed are still there when somebody looks.
fn find_hooks(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    let left = leftover::leave(&scene.cluster, app, Mark::Own)?;
    if !left.is_empty() {
        noticed(scene, app, |state| {
            left.iter().all(|name| state.tree.iter().any(|resource| resource.name == *name))
        })?;
    }
    Ok(None)
}

/// Somebody deleted all objects by hand, with self-healing switched off.
fn mend(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    let Some(deleted) = clicks::delete(scene, app)? else { return Ok(None) };
    noticed(scene, app, |state| state.tree.iter().all(|resource| !deleted.contains(&resource.uid)))?;
    scene.argocd.tell("sync", &app.name, json!({}))?;
    let state = settled(scene, app)?;
    scene.resume(app)?;
    Ok(Some(state))
}

/// Everything has left the source. Argo CD doesn't empty an Application by itself, so somebody asks for it.
fn prune(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    if !app.automated("prune") {
        return Ok(None);
    }
    scene.empty(app)?;
    scene.argocd.tell("sync", &app.name, json!({ "prune": true })).map(Some)
}

fn delete(scene: &mut Scene<'_>, app: &Deployed) -> Result<Option<State>> {
    scene.argocd.tell("delete", &app.name, json!({ "cascade": app.cascades() })).map(Some)
}
