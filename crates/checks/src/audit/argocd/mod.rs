//! Argo CD: its cluster Secrets, projects, settings and RBAC.

pub(crate) mod anonymous_users;
pub(crate) mod bearer_token;
pub(crate) mod ca_data_malformed;
pub(crate) mod capability_secret_with_role;
pub(crate) mod cluster_name_missing;
pub(crate) mod cluster_secret_malformed;
pub(crate) mod default_project_open;
pub(crate) mod duplicate_cluster_name;
pub(crate) mod duplicate_server;
pub(crate) mod exec_enabled;
pub(crate) mod exec_provider;
pub(crate) mod impersonation_without_verb;
pub(crate) mod in_cluster_with_credentials;
pub(crate) mod insecure_tls;
pub(crate) mod negated_destination_allows_rest;
pub(crate) mod profile_is_a_path;
pub(crate) mod project_open_to_all_clusters;
pub(crate) mod rbac_default_role_writes;
pub(crate) mod rbac_line_gives_more;
pub(crate) mod rbac_policy_refused;
pub(crate) mod role_annotation_malformed;
pub(crate) mod role_for_application_set_controller;
pub(crate) mod role_is_own;
pub(crate) mod vulnerable_version;

use ::argocd::ClusterSecret;

use super::{
    source::Node,
    subject::{ClusterSecretSubject, Object, Scene},
};

/// The cluster Secrets that Argo CD reads.
fn clusters<'a, 's>(
    scene: &'a Scene<'s>,
) -> impl Iterator<Item = (&'a ClusterSecretSubject<'s>, &'a ClusterSecret)> {
    scene.cluster_secrets().iter().filter_map(|secret| Some((secret, secret.read.as_ref().ok()?)))
}

/// A destination of a project that is every namespace of every cluster.
fn open_destination<'s>(project: &Object<'s>) -> Option<&'s Node> {
    let destinations = project.node.at_path(&["spec", "destinations"])?.items();
    destinations.iter().find(|destination| {
        let is_all = |key: &str| destination.text_at(key) == Some("*");
        is_all("namespace") && (is_all("server") || is_all("name"))
    })
}
