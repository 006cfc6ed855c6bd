//! The group that Oarlock bound on a cluster. Where the access entry of Argo CD's role has another one, the entry is what is wrong: a rule
//! for the group that it has would leave both as they are.

use std::collections::BTreeSet;

use access::{
    Accounts, Component,
    cluster_identity::{By, ClusterIdentity},
};
use facts::{ClusterArn, MANAGED_BY, OARLOCK};
use inventory::{Cluster, KubernetesObject};
use rbac::Binding;

use super::{Inquiry, question::account};
use crate::diagnosis::{change::Change, diagnosed::role_of};

/// The access entry with that group, and the group. Nothing where the entry has it, is nobody's of Argo CD, or where Oarlock has bound several:
/// which of them is meant nobody can tell.
pub(super) fn mended(
    inquiry: &Inquiry<'_>,
    arn: &ClusterArn,
    cluster: &Cluster,
    identity: &ClusterIdentity,
) -> Option<(Change, String)> {
    let By::AccessEntry { principal, .. } = &identity.by else { return None };
    let entry = cluster.access_entries.known()?.get(principal)?;
    let bound = bound(cluster);
    let mut own = bound.iter();
    let (Some(group), None) = (own.next(), own.next()) else { return None };
    if entry.groups.contains(group) || !is_argo_cds(inquiry, arn, principal) {
        return None;
    }
    // What nobody binds gives nothing.
    let is_bound = |group: &&String| named(&cluster.kubernetes.bindings).any(|name| name == *group);
    let groups = entry.groups.iter().filter(is_bound).chain([group]).cloned().collect();
    let change = Change::EntryGroups { cluster: arn.clone(), principal: principal.clone(), groups };
    Some((change, group.clone()))
}

/// The groups that Oarlock's bindings name.
fn bound(cluster: &Cluster) -> BTreeSet<String> {
    let lists = ["clusterrolebindings", "rolebindings"].into_iter();
    let objects = lists.flat_map(|list| cluster.kubernetes.list(list).unwrap_or_default());
    let bindings: Vec<Binding> =
        objects.filter(|object| is_oarlocks(object)).filter_map(|object| object.body.read()).collect();
    named(&bindings).map(str::to_owned).collect()
}

fn is_oarlocks(object: &KubernetesObject) -> bool {
    // Most bindings are somebody else's, and nothing of them is read.
    object.body.as_str().contains(MANAGED_BY)
        && object
            .body
            .at("/metadata/labels")
            .is_some_and(|labels| labels.get(MANAGED_BY).is_some_and(|by| by == OARLOCK))
}

/// The groups that bindings name; of Kubernetes' own nobody makes anybody a member by an access entry.
fn named(bindings: &[Binding]) -> impl Iterator<Item = &str> {
    let subjects = bindings.iter().flat_map(|binding| &binding.subjects);
    subjects
        .filter(|subject| subject.kind == "Group" && !subject.name.starts_with("system:"))
        .map(|subject| subject.name.as_str())
}

/// Whether a principal is the role as which Argo CD comes to a cluster: that of the cluster Secret, or where it names none, that of its pods.
fn is_argo_cds(inquiry: &Inquiry<'_>, arn: &ClusterArn, principal: &str) -> bool {
    let (Some(argocd), Some((_, secret))) = (&inquiry.argocd, inquiry.secret_of(arn)) else { return false };
    let Some(aws) = secret.config.aws_auth else { return false };
    if !aws.role_arn.is_empty() {
        return is_same(&aws.role_arn, principal);
    }
    let accounts = Accounts::of(inquiry.inventory);
    [Component::Controller, Component::Server].into_iter().any(|component| {
        let credentials = access::credentials(&accounts, &account(argocd, component)).credentials;
        let role = credentials.and_then(|own| own.owner.role().map(ToString::to_string));
        role.is_some_and(|role| is_same(&role, principal))
    })
}

/// Whether both are the same role; access entries may have its path or not.
fn is_same(role: &str, principal: &str) -> bool {
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
    account(role) == account(principal) && role_of(role).is_some() && role_of(role) == role_of(principal)
}
