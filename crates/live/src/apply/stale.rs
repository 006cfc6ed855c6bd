//! Whether a saved plan is still what a plan of now would be.

use plan::{ObjectId, Step};

use super::State;

/// What has changed since a plan was saved, where it matters: each object with what is different. Steps that have become unnecessary
/// are done already, and steps that a run of this plan has begun may look different now.
pub fn stale(saved: &[Step], now: &[Step], state: &State) -> Vec<(ObjectId, &'static str)> {
    let changing = now.iter().filter(|step| step.changes_something() && !step.is_pending());
    changing.filter_map(|step| Some((step.object.clone(), difference(saved, step, state)?))).collect()
}

fn difference(saved: &[Step], now: &Step, state: &State) -> Option<&'static str> {
    let Some(saved) = saved.iter().find(|step| step.object == now.object) else {
        let unknown =
            "an earlier run was to remove it, and the saved plan doesn't: make it with the same `--state`";
        return Some(if now.left_over { unknown } else { "the saved plan doesn't change it" });
    };
    if saved.desired != now.desired {
        return Some("it should be something else by now");
    }
    if saved.owner != now.owner && !state.has_begun(&now.object) {
        return Some("it has become somebody else's, or ceased to be");
    }
    let same = saved.action == now.action && saved.reads == now.reads;
    (!same && !state.has_begun(&now.object)).then_some("it has changed since it was read for the saved plan")
}
