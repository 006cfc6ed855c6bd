//! Calls to AWS that go wrong while something is repaired.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    FINE, same,
    scene::{Scene, State},
    watch::Watch,
    world::{ADMIN, SPOKE},
};

/// What happens to how many writes in a row; `tests/e2e/aws-front/faults.go` says what each is.
const FAULTS: [(&str, u32); 7] =
    [("throttled", 2), ("failing", 1), ("cut", 1), ("lost", 1), ("half", 1), ("stalled", 1), ("refusing", 1)];

/// Injects each; how many, and how many runs had to be repeated.
pub(super) fn survived(scene: &Scene<'_>, watch: &Watch, end: &State) -> Result<String> {
    let (mut injected, mut repeated) = (0, Vec::new());
    for (kind, times) in FAULTS {
        scene.world.entry(
            "AssociateAccessPolicy",
            SPOKE,
            [("policyArn", json!(ADMIN)), ("accessScope", json!({ "type": "cluster" }))],
        )?;
        scene
            .world
            .role("PutRolePolicy", [("PolicyName", json!("extra")), ("PolicyDocument", json!(EVERYTHING))])?;
        let before = scene.met(kind)?;
        scene.break_calls(&[fault(kind, times)])?;
        let first = watch.during(&scene.world, || scene.apply(&[]))?;
        scene.break_calls(&[])?;
        let met = scene.met(kind)? - before;
        ensure!(met > 0, "{kind}: no call met it: {first}");
        injected += met;
        if first.status != FINE {
            repeated.push(kind);
            let second = watch.during(&scene.world, || scene.apply(&[]))?;
            ensure!(second.status == FINE, "{kind}, and then: {second}");
        }
        same(end, &scene.state()?, &format!("after {kind}")).context(kind)?;
    }
    let again = if repeated.is_empty() {
        String::new()
    } else {
        format!(", with a second run after {}", repeated.join(", "))
    };
    Ok(format!("{injected} faults injected, {injected} survived{again}, 0 lost"))
}

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn fault(kind: &str, times: u32) -> Value {
    json!({ "writes": true, "times": times, "kind": kind, "code": "ExpiredTokenException" })
}
