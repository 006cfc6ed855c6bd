//! The gate behind a cluster Secret: whether Argo CD has looked at its Applications there since, and got through.
//!
//! Argo CD keeps the state of its connections in a cache of its own; what Kubernetes shows of it are the Applications' status and
//! conditions (Argo CD, controller/appcontroller.go and controller/state.go).

use access::server_address;
use serde_json::Value;

use super::{
    Spoke,
    patience::{Seen, Trouble},
    world::World,
};

/// Conditions of an Application which say that its cluster couldn't be read (pkg/apis/application/v1alpha1/types.go).
const ERRORS: [&str; 3] = ["ComparisonError", "InvalidSpecError", "UnknownError"];

pub(super) async fn verify(world: &World<'_>, spoke: &Spoke, since: Option<&str>) -> Result<(), Trouble> {
    world
        .patience
        .slowly(|| async {
            let listed = world.applications().await.map_err(|cause| {
                Trouble::Unobserved(format!("Argo CD's Applications can't be read: {cause}"))
            })?;
            let all = listed.get("items").and_then(Value::as_array).into_iter().flatten();
            let own = all.filter(|application| deploys_to(application, spoke));
            let obstacles: Vec<String> = own.filter_map(|application| obstacle(application, since)).collect();
            Ok(match obstacles.as_slice() {
                [] => Seen::Yes(()),
                [one] => Seen::No(one.clone()),
                [first, others @ ..] => Seen::No(format!("{first}, and {} more like it", others.len())),
            })
        })
        .await
}

fn text<'a>(application: &'a Value, pointer: &str) -> &'a str {
    application.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn deploys_to(application: &Value, spoke: &Spoke) -> bool {
    let (server, name) =
        (text(application, "/spec/destination/server"), text(application, "/spec/destination/name"));
    !name.is_empty() && name == spoke.name
        || !server.is_empty() && spoke.servers.iter().any(|own| server_address(own) == server_address(server))
}

/// Why an Application doesn't show that Argo CD gets through. Times are in whole seconds: one of the very second is no later.
fn obstacle(application: &Value, since: Option<&str>) -> Option<String> {
    let name =
        format!("{}/{}", text(application, "/metadata/namespace"), text(application, "/metadata/name"));
    let reconciled = text(application, "/status/reconciledAt");
    if reconciled.is_empty() || since.is_some_and(|since| reconciled <= since) {
        return Some(format!("Argo CD hasn't looked at Application `{name}` since"));
    }
    let conditions =
        application.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let error = conditions.into_iter().find(|condition| ERRORS.contains(&text(condition, "/type")));
    if let Some(error) = error {
        return Some(format!(
            "Argo CD says {} of Application `{name}`: {}",
            text(error, "/type"),
            text(error, "/message")
        ));
    }
    match text(application, "/status/sync/status") {
        "" | "Unknown" => Some(format!("the sync status of Application `{name}` is unknown")),
        _ => None,
    }
}
