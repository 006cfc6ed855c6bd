//! Everything that goes wrong between Oarlock and AWS, all in one run; then the same run again, without.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::scene::Scene;

/// What goes wrong, and with what: each of the kinds that `tests/e2e/aws-front/faults.go` knows, on calls that only Oarlock makes meanwhile:
/// the cluster's own authenticator asks the same server.
fn list() -> Vec<Value> {
    let fault = |kind: &str, service: &str, action: &str, times: u32| json!({ "kind": kind, "service": service, "action": action, "times": times });
    vec![
        fault("throttled", "iam", "CreateRole", 2),
        fault("failing", "eks", "CreateAccessEntry", 2),
        fault("lost", "iam", "PutRolePolicy", 1),
        fault("half", "iam", "PutRolePolicy", 1),
        fault("cut", "eks", "UpdatePodIdentityAssociation", 1),
        fault("lost", "eks", "UpdatePodIdentityAssociation", 2),
        fault("stalled", "iam", "GetRole", 1),
        fault("lost", "eks", "DeleteAccessEntry", 1),
        fault("lost", "iam", "DeleteRole", 1),
        fault("throttled", "eks", "DescribeCluster", 3),
        refused("eks", "CreateAccessEntry", "ExpiredTokenException"),
        refused("iam", "PutRolePolicy", "RequestTimeTooSkewed"),
    ]
}

/// Credentials that have expired meanwhile, and a clock that is wrong: AWS's own words for it (Signature Version 4, "Troubleshoot").
fn refused(service: &str, action: &str, code: &str) -> Value {
    json!({ "kind": "refusing", "service": service, "action": action, "code": code, "times": 1 })
}

pub(super) fn run(scene: &Scene<'_>) -> Result<String> {
    scene.goes_wrong(list())?;
    super::to_the_end(scene, &mut |_| scene.gets_through().context("after a run with faults"))?;
    let injected = scene.faults()?;
    ensure!(injected.len() >= list().len() / 2, "too little went wrong to show anything: {injected:?}");
    let total: usize = injected.values().sum();
    println!("  faults by kind: {injected:?}");
    Ok(format!("{total} faults injected and survived, 0 lost"))
}
