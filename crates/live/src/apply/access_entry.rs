//! EKS access entries: which role is which groups.

use std::collections::BTreeSet;

use aws_sdk_eks::Client;
use facts::ClusterArn;
use plan::{AccessEntry, Action, Step};

use super::{
    Asked, Who,
    graph::gone,
    iam_role::{call, is_marked, no_longer_ours},
    patience::{Seen, Trouble},
    world::World,
};
use crate::cause::{Cause, absent_or};

/// Makes an entry, or gives it its groups and tags. Replacing makes it anew: its type can't be changed, and for a role that was made
/// again under its name EKS keeps the unique id of the one that is gone. Access policies stay, for [`revoke`].
pub(super) async fn put(world: &World<'_>, wanted: &AccessEntry, action: &Action) -> Result<(), Trouble> {
    let (client, principal) = (world.eks(&wanted.cluster).await?, wanted.principal.to_string());
    let is_made = *action == Action::Create && create(world, &client, wanted, &principal).await?;
    if !is_made && !meet(world, &client, wanted, action).await? {
        return Ok(());
    }
    // The gate of the cluster asks for it, until it is there.
    if is_asked_about(world, wanted, &principal) {
        return Ok(());
    }
    seen(world, &client, wanted, &principal).await
}

/// Makes of the entry that is there the one that is wanted; whether its groups were written.
async fn meet(
    world: &World<'_>,
    client: &Client,
    wanted: &AccessEntry,
    action: &Action,
) -> Result<bool, Trouble> {
    let (cluster, principal) = (&wanted.cluster.name, wanted.principal.to_string());
    if matches!(action, Action::Replace { .. }) {
        absent_or(call!(client.delete_access_entry().cluster_name(cluster).principal_arn(&principal)))?;
    }
    match call!(client.describe_access_entry().cluster_name(cluster).principal_arn(&principal)) {
        Ok(found) => {
            let entry = found.access_entry();
            let kind = entry.and_then(|entry| entry.r#type()).unwrap_or("STANDARD");
            if kind != "STANDARD" {
                let message = format!(
                    "the access entry of `{principal}` on `{cluster}` is of type {kind}, not STANDARD: plan again"
                );
                return Err(Trouble::Failed(message));
            }
            let tags = entry.and_then(|entry| entry.tags());
            let is_tagged = |(key, value): (&String, &String)| {
                tags.and_then(|tags| tags.get(key)).is_some_and(|there| there == value)
            };
            let arn = entry.and_then(|entry| entry.access_entry_arn());
            if let Some(arn) = arn.filter(|_| !wanted.tags.iter().all(is_tagged)) {
                let tags = wanted.tags.clone().into_iter().collect();
                call!(client.tag_resource().resource_arn(arn).set_tags(Some(tags)))?;
            }
            let there: BTreeSet<&String> =
                entry.map(|entry| entry.kubernetes_groups().iter().collect()).unwrap_or_default();
            if entry.is_some() && there == wanted.groups.iter().collect::<BTreeSet<_>>() {
                return Ok(false);
            }
            let call = client.update_access_entry().cluster_name(cluster).principal_arn(&principal);
            call!(call.set_kubernetes_groups(Some(wanted.groups.clone())))?;
        }
        Err(cause) if cause.is_absence() => _ = create(world, client, wanted, &principal).await?,
        Err(cause) => return Err(cause.into()),
    }
    Ok(true)
}

fn is_asked_about(world: &World<'_>, wanted: &AccessEntry, principal: &str) -> bool {
    let spoke = world.work.spokes.iter().find(|spoke| spoke.arn == wanted.cluster);
    let is_it = |asked: &Asked| matches!(&asked.who, Who::Entry { principal: own, .. } if own == principal);
    spoke.is_some_and(|spoke| spoke.asked.iter().any(is_it))
}

/// Whether it is made by this: one may be there, of an attempt whose answer was lost. EKS knows a new role only after a while, and says so of
/// its ARN (EKS User Guide, "Create access entries").
async fn create(
    world: &World<'_>,
    client: &Client,
    wanted: &AccessEntry,
    principal: &str,
) -> Result<bool, Trouble> {
    let is_too_early = |cause: &Cause| {
        cause.is("InvalidParameterException") && cause.to_string().to_lowercase().contains("principalarn")
    };
    let create = || async {
        let call = client.create_access_entry().cluster_name(&wanted.cluster.name).principal_arn(principal);
        let call = call.r#type("STANDARD").set_kubernetes_groups(Some(wanted.groups.clone()));
        match call!(call.set_tags(Some(wanted.tags.clone().into_iter().collect()))) {
            Err(cause) if cause.is("ResourceInUseException") => Ok(false),
            other => other.map(|_| true),
        }
    };
    world.patience.while_refused(is_too_early, create).await
}

async fn seen(
    world: &World<'_>,
    client: &Client,
    wanted: &AccessEntry,
    principal: &str,
) -> Result<(), Trouble> {
    let groups: BTreeSet<&String> = wanted.groups.iter().collect();
    world
        .patience
        .until(|| async {
            let call = client.describe_access_entry().cluster_name(&wanted.cluster.name);
            let found = match call!(call.principal_arn(principal)) {
                Err(cause) if cause.is_absence() => {
                    return Ok(Seen::No("EKS doesn't show the access entry yet".to_owned()));
                }
                other => other?,
            };
            let shown = found.access_entry().map(|entry| entry.kubernetes_groups().iter().collect());
            Ok(if shown.as_ref() == Some(&groups) {
                Seen::Yes(())
            } else {
                Seen::No("EKS still shows other groups of the access entry".to_owned())
            })
        })
        .await
}

/// Takes the access policies from an entry that the plan's change says go.
pub(super) async fn revoke(world: &World<'_>, wanted: &AccessEntry, step: &Step) -> Result<(), Trouble> {
    let Action::Update { changes } = &step.action else { return Ok(()) };
    let client = world.eks(&wanted.cluster).await?;
    for policy in changes.iter().flat_map(gone) {
        let call = client.disassociate_access_policy().cluster_name(&wanted.cluster.name);
        absent_or(call!(call.principal_arn(wanted.principal.to_string()).policy_arn(policy)))?;
    }
    Ok(())
}

pub(super) async fn delete(
    world: &World<'_>,
    cluster: &ClusterArn,
    principal: &str,
    owned: bool,
) -> Result<(), Trouble> {
    let client = world.eks(cluster).await?;
    let describe = || client.describe_access_entry().cluster_name(&cluster.name).principal_arn(principal);
    if owned {
        let found = match call!(describe()) {
            Err(cause) if cause.is_absence() => return Ok(()),
            other => other?,
        };
        let tags = found.access_entry().and_then(|entry| entry.tags()).into_iter().flatten();
        let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
        if !is_marked(tags, &world.options.fleet) {
            return Err(no_longer_ours("the access entry of", principal));
        }
    }
    absent_or(call!(client.delete_access_entry().cluster_name(&cluster.name).principal_arn(principal)))?;
    world
        .patience
        .until(|| async {
            match call!(describe()) {
                Err(cause) if cause.is_absence() => Ok(Seen::Yes(())),
                Err(cause) => Err(cause.into()),
                Ok(_) => Ok(Seen::No("EKS still shows the access entry".to_owned())),
            }
        })
        .await
}
