//! EKS Pod Identity associations: a service account has one, so that changing its role in place is the switch.

use aws_sdk_eks::{Client, types::PodIdentityAssociation as Association};
use facts::ClusterArn;
use plan::PodIdentityAssociation;

use super::{
    iam_role::{call, is_marked, no_longer_ours},
    patience::{Seen, Trouble},
    world::World,
};
use crate::cause::{Cause, absent_or};

pub(super) async fn put(world: &World<'_>, wanted: &PodIdentityAssociation) -> Result<(), Trouble> {
    let client = world.eks(&wanted.cluster).await?;
    let (cluster, role) = (&wanted.cluster, wanted.role.to_string());
    let id = match find(&client, cluster, &wanted.namespace, &wanted.service_account).await? {
        Some(there) => {
            meet(world, &client, wanted, &there).await?;
            there.association_id().map(str::to_owned)
        }
        None => create(world, &client, wanted, &role).await?,
    };
    world
        .patience
        .until(|| async {
            // By its id it takes one request and not two.
            let there = match &id {
                Some(id) => described(&client, cluster, id).await?,
                None => find(&client, cluster, &wanted.namespace, &wanted.service_account).await?,
            };
            Ok(match there.as_ref().and_then(|there| there.role_arn()) {
                Some(shown) if shown == role => Seen::Yes(()),
                _ => Seen::No("EKS doesn't show the association with its role yet".to_owned()),
            })
        })
        .await
}

/// Makes of the association that is there the one that is wanted.
async fn meet(
    world: &World<'_>,
    client: &Client,
    wanted: &PodIdentityAssociation,
    there: &Association,
) -> Result<(), Trouble> {
    let id = there.association_id().unwrap_or_default();
    // A target role or a policy of the association's own makes the pods somebody else: EKS has no call that only takes them away.
    if there.target_role_arn().is_some() || there.policy().is_some() {
        let message = format!(
            "the association `{id}` has a target role or a policy of its own: delete it when Argo CD can do without, then apply again"
        );
        return Err(Trouble::Failed(message));
    }
    let role = wanted.role.to_string();
    if there.role_arn() != Some(&role) || there.disable_session_tags() == Some(true) {
        let call = client.update_pod_identity_association().cluster_name(&wanted.cluster.name);
        let call = call.association_id(id).role_arn(role).disable_session_tags(false);
        update(world, call).await?;
    }
    let is_tagged = |(key, value): (&String, &String)| {
        there.tags().and_then(|tags| tags.get(key)).is_some_and(|there| there == value)
    };
    let arn = there.association_arn().filter(|_| !wanted.tags.iter().all(is_tagged));
    if let Some(arn) = arn {
        let tags = wanted.tags.clone().into_iter().collect();
        call!(client.tag_resource().resource_arn(arn).set_tags(Some(tags)))?;
    }
    Ok(())
}

/// EKS refuses a role that it doesn't know yet.
fn is_too_early(cause: &Cause) -> bool {
    cause.is("InvalidParameterException") && cause.to_string().to_lowercase().contains("role")
}

async fn update(
    world: &World<'_>,
    call: aws_sdk_eks::operation::update_pod_identity_association::builders::UpdatePodIdentityAssociationFluentBuilder,
) -> Result<(), Trouble> {
    let update = || {
        let call = call.clone();
        async move { call!(call).map(drop) }
    };
    world.patience.while_refused(is_too_early, update).await
}

/// Its id; none where one is there already, made by an attempt whose answer was lost.
async fn create(
    world: &World<'_>,
    client: &Client,
    wanted: &PodIdentityAssociation,
    role: &str,
) -> Result<Option<String>, Trouble> {
    let create = || async {
        let call = client.create_pod_identity_association().cluster_name(&wanted.cluster.name);
        let call = call.namespace(&wanted.namespace).service_account(&wanted.service_account);
        let tags = wanted.tags.clone().into_iter().collect();
        match call!(call.role_arn(role).set_tags(Some(tags))) {
            Err(cause) if cause.is("ResourceInUseException") => Ok(None),
            other => other.map(|made| made.association()?.association_id().map(str::to_owned)),
        }
    };
    world.patience.while_refused(is_too_early, create).await
}

async fn find(
    client: &Client,
    cluster: &ClusterArn,
    namespace: &str,
    account: &str,
) -> Result<Option<Association>, Cause> {
    let call = client.list_pod_identity_associations().cluster_name(&cluster.name);
    let listed = call!(call.namespace(namespace).service_account(account))?;
    let found = listed
        .associations()
        .iter()
        .find(|found| found.namespace() == Some(namespace) && found.service_account() == Some(account));
    match found.and_then(|found| found.association_id()) {
        Some(id) => described(client, cluster, id).await,
        None => Ok(None),
    }
}

async fn described(client: &Client, cluster: &ClusterArn, id: &str) -> Result<Option<Association>, Cause> {
    let call = client.describe_pod_identity_association().cluster_name(&cluster.name);
    match call!(call.association_id(id)) {
        Err(cause) if cause.is_absence() => Ok(None),
        found => Ok(found?.association().cloned()),
    }
}

/// `name` is `namespace/service account`.
pub(super) async fn delete(
    world: &World<'_>,
    cluster: &ClusterArn,
    name: &str,
    owned: bool,
) -> Result<(), Trouble> {
    let client = world.eks(cluster).await?;
    let (namespace, account) = name.split_once('/').unwrap_or(("", name));
    let Some(there) = find(&client, cluster, namespace, account).await? else { return Ok(()) };
    let tags = there.tags().into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
    if owned && !is_marked(tags, &world.options.fleet) {
        return Err(no_longer_ours("the association of", name));
    }
    let call = client.delete_pod_identity_association().cluster_name(&cluster.name);
    absent_or(call!(call.association_id(there.association_id().unwrap_or_default())))?;
    world
        .patience
        .until(|| async {
            Ok(match find(&client, cluster, namespace, account).await? {
                None => Seen::Yes(()),
                Some(_) => Seen::No("EKS still shows the association".to_owned()),
            })
        })
        .await
}
