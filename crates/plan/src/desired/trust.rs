//! Trust policies: who may assume which role. Their words are `iam`'s; which one a role gets is decided here.

use facts::RoleArn;
use iam::Document;

use super::site::Site;

/// One service account of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceAccount {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// Trust for one service account of the hub, and nobody else; none where the hub's issuer would have to be named and
/// isn't known.
pub(super) fn pod(site: &Site<'_>, account: &ServiceAccount) -> Option<Document> {
    let (hub, ServiceAccount { namespace, name }) = (site.hub(), account);
    if site.pod_identity() {
        return Some(Document::pod_identity_trust(hub, namespace, name));
    }
    let issuer = site.issuer.as_deref()?;
    Some(Document::irsa_trust(hub.partition, &hub.account, issuer, namespace, name))
}

/// Trust of a spoke role: the hub's roles and nobody else.
///
/// No external id: argocd-k8s-auth sends none (cmd/argocd-k8s-auth/commands/aws.go), so a condition on it locks Argo CD out.
pub(super) fn spoke(site: &Site<'_>, hub_roles: &[RoleArn]) -> Document {
    Document::role_trust(hub_roles, site.pod_identity())
}

/// What a hub role does to a spoke role: the tags of Pod Identity are transitive, so both sides must allow to pass them.
pub(super) fn assume_actions(site: &Site<'_>) -> &'static [&'static str] {
    if site.pod_identity() { &["sts:AssumeRole", "sts:TagSession"] } else { &["sts:AssumeRole"] }
}
