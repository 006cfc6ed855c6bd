//! EKS: who becomes whom on a cluster, and what that is worth.

pub(crate) mod access_policy_writes_no_rbac;
pub(crate) mod aws_auth_broken;
pub(crate) mod aws_auth_item_matches_nobody;
pub(crate) mod aws_auth_system_masters;
pub(crate) mod binding_to_session;
pub(crate) mod cluster_admin_by_access_policy;
pub(crate) mod config_map_mode;
pub(crate) mod edit_policy_for_whole_cluster;
pub(crate) mod entry_for_session;
pub(crate) mod entry_with_system_group;
pub(crate) mod group_nobody_binds;
pub(crate) mod group_nobody_holds;
pub(crate) mod groups_of_node_entry;
pub(crate) mod hidden_from_can_i;
pub(crate) mod pod_identity_and_irsa;
pub(crate) mod public_endpoint;
pub(crate) mod reserved_username;
pub(crate) mod stale_entry;
pub(crate) mod tags_disabled_under_tag_condition;
pub(crate) mod unknown_access_policy;

use access::cluster_identity::AwsAuth;
use facts::Place;
use serde_json::Value;

use super::subject::{Object, Scene};

/// The aws-auth ConfigMaps of a scene, as EKS's authenticator reads them.
fn aws_auths<'a, 's>(scene: &'a Scene<'s>) -> impl Iterator<Item = (&'a Object<'s>, AwsAuth)> {
    let maps = scene.of_kind("ConfigMap").filter(|map| map.name == "aws-auth");
    maps.map(|map| {
        let value: Value = map.node.to_value();
        (map, AwsAuth::read(value.get("data"), map.place()))
    })
}

/// Where a block of an aws-auth ConfigMap stands.
fn block_place(map: &Object<'_>, key: &str) -> Place {
    let node = map.node.get("data").and_then(|data| data.key(key));
    node.map_or_else(|| map.place(), |key| super::subject::place(map.file, key.at))
}
