//! Authentication modes: `CONFIG_MAP` becomes `API_AND_CONFIG_MAP`, and nothing else is changed. Access by aws-auth goes on meanwhile
//! (EKS User Guide, "Change authentication mode to use access entries").

use aws_sdk_eks::{
    Client,
    types::{AuthenticationMode as Mode, ClusterStatus, UpdateAccessConfigRequest},
};
use plan::AuthenticationMode;

use super::{
    iam_role::call,
    patience::{Seen, Trouble},
    world::World,
};
use crate::cause::Cause;

/// What EKS shows of it: the mode, and whether the cluster is being changed.
struct Shown {
    mode: Option<Mode>,
    is_active: bool,
}

pub(super) async fn put(world: &World<'_>, wanted: &AuthenticationMode) -> Result<(), Trouble> {
    let client = world.eks(&wanted.cluster).await?;
    let name = &wanted.cluster.name;
    if shown(&client, name).await?.mode == Some(Mode::ConfigMap) {
        let mode = Mode::from(wanted.mode.as_str());
        let config = UpdateAccessConfigRequest::builder().authentication_mode(mode).build();
        // Somebody else's update comes first; and one whose answer was lost is under way.
        let update = || async {
            let call = client.update_cluster_config().name(name).access_config(config.clone());
            let Err(cause) = call!(call) else { return Ok(()) };
            let still = shown(&client, name).await?.mode == Some(Mode::ConfigMap);
            if still { Err(cause) } else { Ok(()) }
        };
        world.patience.while_refused(|cause| cause.is("ResourceInUseException"), update).await?;
    }
    world
        .patience
        .until(|| async {
            let shown = shown(&client, name).await?;
            let takes_entries = matches!(shown.mode, Some(Mode::Api | Mode::ApiAndConfigMap));
            Ok(if takes_entries && shown.is_active {
                Seen::Yes(())
            } else {
                Seen::No("EKS is still changing the cluster's authentication mode".to_owned())
            })
        })
        .await
}

async fn shown(client: &Client, name: &str) -> Result<Shown, Cause> {
    let described = call!(client.describe_cluster().name(name))?;
    let cluster = described.cluster();
    let mode = cluster.and_then(|cluster| cluster.access_config()?.authentication_mode().cloned());
    Ok(Shown {
        mode,
        is_active: cluster.and_then(|cluster| cluster.status()) == Some(&ClusterStatus::Active),
    })
}
