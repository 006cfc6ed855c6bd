//! Everything that goes wrong between Oarlock and AWS, all in one run; then the same run again, without.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::scene::{OLD_DEPLOYER, Scene, Shown};

/// How a run ends in which something failed, and one in which all was done.
const FAILED: i32 = 1;
const FINE: i32 = 0;

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
        refused("eks", "CreateAccessEntry", "ExpiredTokenException", 1),
        refused("iam", "PutRolePolicy", "RequestTimeTooSkewed", 1),
        refused("eks", SWITCH, "InvalidSignatureException", 1),
    ]
}

/// The call by which pods get their new role. The cluster Secret has been written by then, so that nothing names any more by what Argo CD came.
const SWITCH: &str = "UpdatePodIdentityAssociation";

/// As often as it is made.
const ALWAYS: u32 = 0;

/// Credentials that have expired meanwhile, and a clock that is wrong: AWS's own words for it (Signature Version 4, "Troubleshoot").
fn refused(service: &str, action: &str, code: &str, times: u32) -> Value {
    json!({ "kind": "refusing", "service": service, "action": action, "code": code, "times": times })
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

/// A run that ends between the cluster Secret and the association, with all that is replaced still there; then runs without a fault.
pub(super) fn stopped(scene: &Scene<'_>) -> Result<String> {
    scene.goes_wrong(vec![refused("eks", SWITCH, "InvalidSignatureException", ALWAYS)])?;
    let shown = scene.apply()?;
    ensure!(
        shown.status() == Some(FAILED),
        "{SWITCH} was refused, and the run ended with {:?}",
        shown.status()
    );
    ensure!(scene.is_between()?, "the run didn't end between the cluster Secret and the association");
    scene.gets_through().context("between the cluster Secret and the association")?;
    let remembered = scene.remembered()?;
    for (kind, name) in
        [("access entry", OLD_DEPLOYER), ("iam role", "argocd-deployer"), ("iam role", "argocd-management")]
    {
        ensure!(
            remembered.contains(&(kind.to_owned(), name.to_owned())),
            "{kind} {name} is forgotten: {remembered:?}"
        );
    }
    scene.goes_wrong(Vec::new())?;
    super::to_the_end(scene, &mut |shown: &Shown| {
        ensure!(
            shown.status() == Some(FINE),
            "nothing goes wrong any more, and a run ended with {:?}",
            shown.status()
        );
        scene.gets_through().context("after a further run")
    })?;
    let left = scene.remembered()?;
    ensure!(left.is_empty(), "all is gone, and {left:?} is remembered");
    Ok(format!("stopped before the pods got their new role: {} removals taken up", remembered.len()))
}
