//! Somebody who looks again and again whether Argo CD's role still gets through, and says so where Argo CD would: in its Applications'
//! status. Whatever Oarlock does meanwhile, the answer has to be yes.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::world::{HUB, ROLE, SPOKE, World};
use crate::e2e::argocd;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// What Argo CD does for the Applications, by cluster: verb, group, resource, namespace. Empty is the whole cluster.
const ASKED: [(&str, [&str; 4]); 6] = [
    (HUB, ["list", "", "secrets", ""]),
    (HUB, ["create", "apps", "deployments", "catalog"]),
    (HUB, ["patch", "apps", "statefulsets", "search"]),
    (SPOKE, ["list", "", "secrets", ""]),
    (SPOKE, ["create", "apps", "deployments", "orders"]),
    (SPOKE, ["patch", "rbac.authorization.k8s.io", "roles", "orders"]),
];

/// The Applications by cluster, as the example has them.
const APPLICATIONS: [(&str, &str); 3] = [(HUB, "catalog"), (HUB, "search"), (SPOKE, "orders")];

/// Looks up to now, and what was wrong with one.
#[derive(Default)]
pub(super) struct Watch {
    looks: AtomicUsize,
    one: Mutex<()>,
}

impl Watch {
    /// Looks while something is done; an error where access was missing at any time.
    pub(super) fn during<T>(&self, world: &World, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let looking = scope.spawn(|| -> Result<()> {
                while !over.load(Ordering::Relaxed) {
                    self.look(world)?;
                    thread::sleep(PAUSE);
                }
                Ok(())
            });
            let done = act();
            over.store(true, Ordering::Relaxed);
            let looked = looking.join().unwrap_or_else(|_| Err(anyhow!("the look-out ended early")));
            looked.context("Argo CD's role, while Oarlock was at work").and(done)
        })
    }

    /// One look at all clusters.
    pub(super) fn look(&self, world: &World) -> Result<()> {
        let _one = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        for arn in world.clusters() {
            gets_through(world, arn)?;
            tell(world, arn)?;
        }
        self.looks.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }
}

/// EKS's authorizer allows all with the access policy; else RBAC has to, by the entry's user name and groups. The policy is asked for
/// first: what replaces it has to be there when it is gone.
fn gets_through(world: &World, arn: &str) -> Result<()> {
    // Where there is no entry aws-auth has to map the role; where there is one it counts, and the mapping doesn't.
    if !world.has_entry(arn)? {
        ensure!(world.aws_auth(arn)?.contains(ROLE), "on {arn} the role has neither an entry nor a mapping");
        return Ok(());
    }
    if world.is_admin(arn)? {
        return Ok(());
    }
    let described = world.entry("DescribeAccessEntry", arn, [])?;
    let entry = described.get("accessEntry").context("an entry")?;
    let (user, groups) = (entry.get("username"), entry.get("kubernetesGroups"));
    let review = |[verb, group, resource, namespace]: &[&str; 4]| {
        json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {
                "user": user, "groups": groups,
                "resourceAttributes": { "verb": verb, "group": group, "resource": resource, "namespace": namespace },
            },
        })
    };
    let asked = ASKED.iter().filter(|(cluster, _)| *cluster == arn);
    let reviews: Vec<Value> = asked.map(|(_, asked)| review(asked)).collect();
    for answer in world.kubectl(arn)?.create(&reviews, &[])? {
        let is_allowed = answer.pointer("/status/allowed") == Some(&json!(true));
        ensure!(is_allowed, "on {arn} neither the access policy nor RBAC allows it: {answer}");
    }
    Ok(())
}

/// Says that Argo CD has looked at its Applications there.
fn tell(world: &World, arn: &str) -> Result<()> {
    for (_, name) in APPLICATIONS.iter().filter(|(cluster, _)| *cluster == arn) {
        argocd::say_compared(world.kubectl(HUB)?, name)?;
    }
    Ok(())
}
