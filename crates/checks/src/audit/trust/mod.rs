//! Trust policies: who may become a role.

pub(crate) mod account_as_principal;
pub(crate) mod anybody_may_assume;
pub(crate) mod chained_without_tag_session;
pub(crate) mod external_id_for_argocd;
pub(crate) mod irsa_without_aud;
pub(crate) mod irsa_without_sub;
pub(crate) mod issuer_mismatch;
pub(crate) mod malformed_subject;
pub(crate) mod missing_tag_session;
pub(crate) mod pod_identity_for_any_pod;
pub(crate) mod provider_missing;
pub(crate) mod provider_of_other_account;
pub(crate) mod self_assumption;
pub(crate) mod unknown_issuer;
pub(crate) mod uppercase_subject;
pub(crate) mod web_identity_for_service;
pub(crate) mod wildcard_subject;
pub(crate) mod wrong_action_for_provider;

use std::collections::BTreeSet;

use super::{
    source::Node,
    subject::{Scene, Statement},
};

/// Statements that let somebody in by a cluster's OIDC provider, with the provider's issuer: host and path.
fn irsa<'s>(statement: &Statement<'s>) -> Option<(&'s Node, &'s str)> {
    let provider = statement.principals("Federated").iter().find(|node| {
        node.text().is_some_and(|arn| arn.contains(":oidc-provider/") && arn.contains(".eks."))
    })?;
    let (_, issuer) = provider.text()?.split_once(":oidc-provider/")?;
    Some((provider, issuer))
}

/// The subjects that statements for IRSA ask for.
fn subjects<'s>(scene: &Scene<'s>) -> Vec<(Statement<'s>, &'s Node, &'s str)> {
    let mut found = Vec::new();
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        if irsa(&statement).is_none() {
            continue;
        }
        let of_subject = statement.conditions().filter(|(operator, key, _)| {
            let operator = &operator.text;
            key.text.ends_with(":sub")
                && !operator.contains("Not")
                && !operator.contains("Null")
                && !operator.contains("IgnoreCase")
        });
        let values = of_subject.flat_map(|(.., values)| values.each());
        found.extend(values.filter_map(|node| Some((statement, node, node.text()?))));
    }
    found
}

/// The roles that cluster Secrets of the scene name.
fn assumed_here(scene: &Scene<'_>) -> BTreeSet<String> {
    let secrets = scene.cluster_secrets().iter().filter_map(|secret| secret.read.as_ref().ok());
    let roles = secrets.filter_map(|secret| Some(secret.config.aws_auth.clone()?.role_arn));
    roles.filter(|role| !role.is_empty()).collect()
}
