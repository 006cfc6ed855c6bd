//! RBAC on the spoke.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{
    attempt::Attempt,
    furnish::{DEPLOYER, GROUP},
    scene::Scene,
    way::{Repair, Way},
};

const READ: Attempt = Attempt::Kubectl(&["get", "configmaps", "--namespace", "payments"]);
const NOBODY: &str = "neither RBAC nor an access policy allows";

pub(in super::super) const WAYS: &[Way] = &[
    Way {
        name: "a rule lacks a verb",
        breaks: |scene| {
            let rules = r#"[{"op": "replace", "path": "/rules/0/verbs", "value": ["patch", "delete"]}]"#;
            patch(scene, "role/argocd", rules)
        },
        attempt: Attempt::Sync("settings"),
        signature: "rbac-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
    Way {
        name: "a role is bound in another namespace",
        breaks: |scene| {
            let spoke = scene.on_spoke();
            spoke.run(&["delete", "role/argocd", "rolebinding/argocd", "--namespace", "payments"])?;
            let objects = scene.fixture("spoke.yaml")?;
            let own = objects.iter().filter(|object| is_binding_or_role(object)).cloned();
            spoke.apply("somebody", &own.map(in_orders).collect::<Vec<_>>())
        },
        attempt: Attempt::Sync("settings"),
        signature: "rbac-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
    Way {
        name: "a kind of the live cache isn't listed",
        breaks: |scene| {
            let rules = r#"[{"op": "replace", "path": "/rules/0/resources", "value": ["namespaces"]}]"#;
            patch(scene, "clusterrole/argocd", rules)
        },
        attempt: Attempt::Sync("settings"),
        signature: "cache-list-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
    Way {
        name: "nobody binds the entry's group",
        breaks: |scene| {
            scene.on_spoke().run(&["delete", "clusterrolebinding", "argocd"])?;
            scene.on_spoke().run(&["delete", "rolebinding", "argocd", "--namespace", "payments"]).map(drop)
        },
        attempt: READ,
        signature: "rbac-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
    Way {
        name: "the binding names another group",
        breaks: |scene| {
            let subject = r#"[{"op": "replace", "path": "/subjects/0/name", "value": "argocd"}]"#;
            patch(scene, "clusterrolebinding/argocd", subject)
        },
        attempt: READ,
        signature: "rbac-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
    Way {
        name: "a role gives what Argo CD doesn't hold",
        breaks: |_| Ok(()),
        attempt: Attempt::Sync("role"),
        signature: "escalation-role",
        hop: "escalation",
        cause: "by RBAC it doesn't hold",
        repair: Repair::Printed,
    },
    Way {
        name: "an access policy would allow it, and RBAC has the say",
        breaks: |scene| {
            let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy";
            let more = json!({ "policyArn": policy, "accessScope": { "type": "cluster" } });
            scene.entry("AssociateAccessPolicy", DEPLOYER, more)
        },
        attempt: Attempt::Sync("role"),
        signature: "escalation-role",
        hop: "escalation",
        cause: "by RBAC it doesn't hold",
        repair: Repair::Printed,
    },
    Way {
        name: "the entry's group differs",
        breaks: |scene| {
            scene.entry(
                "UpdateAccessEntry",
                DEPLOYER,
                json!({ "kubernetesGroups": [format!("{GROUP}-old")] }),
            )
        },
        attempt: READ,
        signature: "rbac-forbidden",
        hop: "authorization",
        cause: NOBODY,
        repair: Repair::Printed,
    },
];

/// By JSON Patch; of a Role it is the one in `payments`.
fn patch(scene: &Scene<'_>, object: &str, patch: &str) -> Result<()> {
    scene.on_spoke().run(&["patch", object, "--namespace", "payments", "--type=json", "-p", patch]).map(drop)
}

fn is_binding_or_role(object: &Value) -> bool {
    let own = |kind: &str| object.get("kind").is_some_and(|own| own == kind);
    (own("Role") || own("RoleBinding")) && object.pointer("/metadata/name").is_some_and(|own| own == "argocd")
}

fn in_orders(mut object: Value) -> Value {
    if let Some(namespace) = object.pointer_mut("/metadata/namespace") {
        *namespace = json!("orders");
    }
    object
}
