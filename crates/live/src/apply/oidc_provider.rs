//! IAM OIDC providers: one that is there belongs to whoever made it, since everything in the cluster that uses IRSA shares it. It only
//! learns an audience.

use facts::{AccountId, Partition};
use plan::OidcProvider;

use super::{
    iam_role::{call, tags},
    patience::{Seen, Trouble},
    world::World,
};

pub(super) async fn put(world: &World<'_>, wanted: &OidcProvider) -> Result<(), Trouble> {
    let client = world.account(&wanted.account).await?.iam();
    let arn = arn(world, &wanted.account, &wanted.url);
    match call!(client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn)) {
        Ok(found) => {
            let known = found.client_id_list();
            if wanted.client_ids.iter().all(|audience| known.contains(audience)) {
                return Ok(());
            }
            for audience in wanted.client_ids.iter().filter(|audience| !known.contains(audience)) {
                let call = client.add_client_id_to_open_id_connect_provider();
                call!(call.open_id_connect_provider_arn(&arn).client_id(audience))?;
            }
        }
        Err(cause) if cause.is_absence() => {
            let tags = tags(&wanted.tags)?;
            let call = client.create_open_id_connect_provider().url(&wanted.url);
            call!(call.set_client_id_list(Some(wanted.client_ids.clone())).set_tags(Some(tags)))?;
        }
        Err(cause) => return Err(cause.into()),
    }
    world
        .patience
        .until(|| async {
            let found = call!(client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn));
            let known = match found {
                Err(cause) if cause.is_absence() => Vec::new(),
                other => other?.client_id_list().to_vec(),
            };
            Ok(if wanted.client_ids.iter().all(|audience| known.contains(audience)) {
                Seen::Yes(())
            } else {
                Seen::No("IAM doesn't show the provider with its audience yet".to_owned())
            })
        })
        .await
}

fn arn(world: &World<'_>, account: &AccountId, url: &str) -> String {
    let partition = world.hub().map_or(Partition::Aws, |hub| hub.partition);
    format!("arn:{partition}:iam::{account}:oidc-provider/{}", url.trim_start_matches("https://"))
}
