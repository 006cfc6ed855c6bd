//! Argo CD's own objects on the hub: cluster Secrets, AppProjects, settings.

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::super::{
    attempt::Attempt,
    furnish::{DEPLOYER, POD_ROLE},
    scene::Scene,
    way::{Repair, Way},
};
use crate::e2e::argocd::NAMESPACE;

const SYNC: Attempt = Attempt::Sync("settings");

pub(in super::super) const SECRETS: &[Way] = &[
    Way {
        name: "the cluster Secret names a role that isn't there",
        breaks: |scene| configured(scene, "/awsAuthConfig/roleARN", json!(format!("{DEPLOYER}s"))),
        attempt: Attempt::Masked("settings"),
        signature: "exec-exit-20",
        hop: "assume-role",
        cause: "has no role",
        repair: Repair::Printed,
    },
    Way {
        name: "the cluster Secret names the pods' own role",
        breaks: |scene| configured(scene, "/awsAuthConfig/roleARN", json!(POD_ROLE)),
        attempt: Attempt::Log("settings"),
        signature: "assume-role-self",
        hop: "assume-role",
        cause: "trust policy of `argocd` statement 0, but for Principal",
        repair: Repair::Printed,
    },
    Way {
        name: "the cluster Secret has another cluster's name",
        breaks: |scene| configured(scene, "/awsAuthConfig/clusterName", json!("spoke-2")),
        attempt: SYNC,
        signature: "credentials-asked-for",
        hop: "token",
        cause: "made for the cluster name `spoke-2`",
        repair: Repair::Printed,
    },
    Way {
        name: "the cluster Secret has another certificate authority",
        breaks: |scene| {
            let other = std::fs::read(&scene.hub.api().ca)?;
            configured(scene, "/tlsClientConfig/caData", json!(STANDARD.encode(other)))
        },
        attempt: SYNC,
        signature: "tls-unknown-authority",
        hop: "cluster-secret",
        cause: "`caData` of the Secret `spoke`",
        repair: Repair::Printed,
    },
    Way {
        name: "the cluster Secret has a bearer token that is no good any more",
        breaks: |scene| {
            let mut config = scene.config()?;
            if let Some(config) = config.as_object_mut() {
                config.remove("awsAuthConfig");
                config.insert("bearerToken".to_owned(), json!("eyJhbGciOiJSUzI1NiJ9.e30.AA"));
            }
            write(scene, "spoke", &config)
        },
        attempt: SYNC,
        signature: "credentials-asked-for",
        hop: "cluster-secret",
        cause: "has a token, a password or a certificate",
        repair: Repair::Told("or use `awsAuthConfig`", |scene| write(scene, "spoke", &scene.config()?)),
    },
    Way {
        name: "the cluster Secret has other namespaces",
        breaks: |scene| {
            let patch = json!({ "stringData": { "namespaces": "orders" } });
            patched(scene, "secret/spoke", &patch)
        },
        attempt: SYNC,
        signature: "namespaced-mode-namespace",
        hop: "cluster-secret",
        cause: "without `payments`",
        repair: Repair::Printed,
    },
    Way {
        name: "no cluster Secret has the destination's name",
        breaks: |scene| write(scene, "spoke-eu", &scene.config()?),
        attempt: SYNC,
        signature: "cluster-name-unknown",
        hop: "cluster-secret",
        cause: "no cluster Secret in Argo CD's namespace",
        repair: Repair::Told("make the cluster Secret", |scene| write(scene, "spoke", &scene.config()?)),
    },
];

pub(in super::super) const PROJECTS: &[Way] = &[
    Way {
        name: "the AppProject refuses the destination",
        breaks: |scene| {
            project(scene, json!({ "destinations": [{ "name": "spoke", "namespace": "orders" }] }))
        },
        attempt: SYNC,
        signature: "project-destination",
        hop: "project",
        cause: "doesn't permit",
        repair: Repair::Printed,
    },
    Way {
        name: "the AppProject refuses a cluster-scoped kind",
        breaks: |scene| {
            // What Argo CD may do on the cluster doesn't matter before that.
            let spoke = scene.on_spoke();
            let more = r#"[{"op": "add", "path": "/rules/-", "value": {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["create", "patch"]}}]"#;
            spoke.run(&["patch", "clusterrole", "argocd", "--type=json", "-p", more]).map(drop)
        },
        attempt: Attempt::Sync("cluster"),
        signature: "project-kind",
        hop: "project",
        cause: "doesn't permit",
        repair: Repair::Printed,
    },
    Way {
        name: "the AppProject refuses the repository",
        breaks: |scene| project(scene, json!({ "sourceRepos": ["https://git.example.com/orders.git"] })),
        attempt: SYNC,
        signature: "project-source",
        hop: "project",
        cause: "doesn't permit",
        repair: Repair::Printed,
    },
    Way {
        name: "no service account is named for the destination",
        breaks: |scene| impersonates(scene, "orders"),
        attempt: SYNC,
        signature: "impersonation-no-account",
        hop: "impersonation",
        cause: "doesn't permit a service account",
        repair: Repair::Told("add an item", |scene| {
            impersonates(scene, "payments")?;
            may_impersonate(scene)
        }),
    },
    Way {
        name: "Argo CD may not impersonate the service account",
        breaks: |scene| impersonates(scene, "payments"),
        attempt: SYNC,
        signature: "impersonate-on-forbidden",
        hop: "impersonation",
        cause: "",
        repair: Repair::Printed,
    },
    Way {
        name: "the destination's namespace isn't there",
        breaks: |scene| {
            project(scene, json!({ "destinations": [{ "name": "spoke", "namespace": "*" }] }))?;
            let patch = json!({ "spec": { "destination": { "namespace": "invoices" } } });
            patched(scene, "application/payments", &patch)?;
            let everywhere = ["create", "clusterrolebinding", "argocd-writes", "--clusterrole=edit"];
            scene.on_spoke().run(&[&everywhere[..], &["--group=oarlock:argocd"]].concat()).map(drop)
        },
        attempt: SYNC,
        signature: "namespace-missing",
        hop: "project",
        cause: "nobody made the namespace `invoices`",
        repair: Repair::Told("CreateNamespace", |scene| {
            scene.on_spoke().run(&["create", "namespace", "invoices"]).map(drop)
        }),
    },
];

/// Changes one value of the cluster Secret's `config`.
fn configured(scene: &Scene<'_>, pointer: &str, value: Value) -> Result<()> {
    let mut config = scene.config()?;
    if let Some(field) = config.pointer_mut(pointer) {
        *field = value;
    }
    write(scene, "spoke", &config)
}

fn write(scene: &Scene<'_>, cluster: &str, config: &Value) -> Result<()> {
    scene.on_hub().apply("people", &[scene.secret(cluster, config)])
}

fn patched(scene: &Scene<'_>, object: &str, patch: &Value) -> Result<()> {
    let patch = patch.to_string();
    scene.on_hub().run(&["patch", object, "--namespace", NAMESPACE, "--type=merge", "-p", &patch]).map(drop)
}

fn project(scene: &Scene<'_>, spec: Value) -> Result<()> {
    patched(scene, "appproject/payments", &json!({ "spec": spec }))
}

/// Argo CD syncs to a namespace as a service account there.
fn impersonates(scene: &Scene<'_>, namespace: &str) -> Result<()> {
    let settings = json!({ "data": {
        "application.sync.impersonation.enabled": "true", "application.sync.impersonation.enforced": "true",
    } });
    patched(scene, "configmap/argocd-cm", &settings)?;
    let account = json!({ "server": scene.spoke.api().url, "namespace": namespace, "defaultServiceAccount": "deployer" });
    project(scene, json!({ "destinationServiceAccounts": [account] }))
}

fn may_impersonate(scene: &Scene<'_>) -> Result<()> {
    let spoke = scene.on_spoke();
    let may = ["--verb=impersonate", "--resource=serviceaccounts", "--namespace=payments"];
    spoke.run(&[&["create", "role", "argocd-impersonates"], &may[..]].concat())?;
    let bound = ["--role=argocd-impersonates", "--group=oarlock:argocd", "--namespace=payments"];
    spoke.run(&[&["create", "rolebinding", "argocd-impersonates"], &bound[..]].concat()).map(drop)
}
