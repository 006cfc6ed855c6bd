//! The process that holds the servers of `up`.

use std::{collections::BTreeMap, thread};

use anyhow::Result;

use super::{BETWEEN, place::Place};
use crate::{
    Workspace,
    e2e::{Options, apiserver::ApiServer, argocd, kubectl::Kubectl, python, suite::Ground, tokens::shell},
};

/// Starts the servers, says where they are, and holds them until nobody wants them any more.
pub(super) fn keep(workspace: &Workspace, place: &Place) -> Result<()> {
    place.claim()?;
    let options = Options::default();
    let ground = Ground { workspace, options: &options, folder: place.folder.clone() };
    let hub = hub(&ground)?;
    shell::stand(&ground, &hub, |environment| {
        // Somebody may have dismissed it before all stood.
        if place.is_claimed() {
            place.announce(environment)?;
        }
        while place.is_claimed() {
            thread::sleep(BETWEEN);
        }
        Ok(())
    })
}

/// A cluster with Argo CD's definitions and settings, as its installation leaves them.
fn hub(ground: &Ground<'_>) -> Result<ApiServer> {
    let hub = ApiServer::start(ground, "hub", &[], &[])?;
    let kubectl = Kubectl::new(&python::tools(ground.workspace)?.kubectl, &hub.kubeconfig);
    kubectl.apply("installation", &argocd::installation(ground, &BTreeMap::new())?)?;
    kubectl.established()?;
    Ok(hub)
}
