//! Trust policies: who may assume which role. Their words are `iam`'s; which one a role gets is decided here.

use facts::RoleArn;
use iam::{Document, Principals, Statement};

use super::{
    site::Site,
    today::{PodRole, Way},
};

/// One service account of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceAccount {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// Trust for one service account of the hub, and nobody else; none where the hub's issuer would have to be named and
/// isn't known.
pub(super) fn pod(site: &Site<'_>, account: &ServiceAccount) -> Option<Document> {
    let way = if site.pod_identity() { Way::PodIdentity } else { Way::Irsa };
    pod_by(site, account, way)
}

/// The same with the way by which pods have come to this very role so far: until they are restarted they use it.
pub(super) fn pod_by_both(site: &Site<'_>, account: &ServiceAccount, role: &RoleArn) -> Option<Document> {
    let mut trust = pod(site, account)?;
    let own = |(of, pod): &(&ServiceAccount, &PodRole)| *of == account && pod.role == *role;
    if let Some(present) = site.pod_roles().find(own).and_then(|(_, pod)| pod_by(site, account, pod.way))
        && !trust.is_same_as(&present)
    {
        trust.statements.extend(present.statements);
    }
    Some(trust)
}

fn pod_by(site: &Site<'_>, account: &ServiceAccount, way: Way) -> Option<Document> {
    let (hub, ServiceAccount { namespace, name }) = (site.hub(), account);
    if way == Way::PodIdentity {
        return Some(Document::pod_identity_trust(hub, namespace, name));
    }
    let issuer = site.issuer.as_deref()?;
    Some(Document::irsa_trust(hub.partition, &hub.account, issuer, namespace, name))
}

/// The `Sid` of the statement that lets present roles in while the pods change theirs: it is how the next plan knows it.
pub(super) const BRIDGE: &str = "Bridge";

/// Trust of a spoke role: the hub's roles and nobody else, but for the `present` ones until the pods have changed.
///
/// No external id: argocd-k8s-auth sends none (cmd/argocd-k8s-auth/commands/aws.go), so a condition on it locks Argo CD out.
pub(super) fn spoke(site: &Site<'_>, hub_roles: &[RoleArn], present: &[RoleArn]) -> Document {
    let mut trust = Document::role_trust(hub_roles, site.has_tags());
    if !present.is_empty() {
        let with_tags = present.iter().any(|role| site.actions_of(role) == actions(true));
        let arns = present.iter().map(ToString::to_string);
        let bridge = Statement::allow(BRIDGE, actions(with_tags).iter().copied());
        trust.statements.push(bridge.to(Principals::aws(arns)));
    }
    trust
}

/// What a hub role does to a spoke role: the tags of Pod Identity are transitive, so both sides must allow to pass them.
pub(super) fn assume_actions(site: &Site<'_>) -> &'static [&'static str] {
    actions(site.has_tags())
}

pub(super) fn actions(with_tags: bool) -> &'static [&'static str] {
    if with_tags { &["sts:AssumeRole", "sts:TagSession"] } else { &["sts:AssumeRole"] }
}
