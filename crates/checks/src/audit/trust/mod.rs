//! Trust policies: who may become a role.

pub(crate) mod anybody_may_assume;
pub(crate) mod irsa_without_aud;
pub(crate) mod irsa_without_sub;
pub(crate) mod missing_tag_session;
pub(crate) mod web_identity_for_service;

use super::{source::Node, subject::Statement};

/// Statements that let somebody in by a cluster's OIDC provider, with the provider's issuer: host and path.
fn irsa<'s>(statement: &Statement<'s>) -> Option<(&'s Node, &'s str)> {
    let provider = statement.principals("Federated").iter().find(|node| {
        node.text().is_some_and(|arn| arn.contains(":oidc-provider/") && arn.contains(".eks."))
    })?;
    let (_, issuer) = provider.text()?.split_once(":oidc-provider/")?;
    Some((provider, issuer))
}
