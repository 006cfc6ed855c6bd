//! What a refused `AssumeRole` asks: whether the one role may assume the other, or why it should at all.

use access::Accounts;
use facts::{ClusterArn, Gap, RoleArn};
use inventory::Inventory;

use super::{
    Inquiry,
    question::{BOTH, Question, account_with},
};
use crate::diagnosis::diagnosed::{Diagnosed, role_of};

/// Whether the caller may assume the role, or who says that he should.
pub(super) fn question(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    let unknown = |what: &str| Gap::new(format!("the {what} of the call"), "the error doesn't name a role");
    let role: RoleArn =
        error.part("role").and_then(|role| role.parse().ok()).ok_or_else(|| unknown("role"))?;
    let principal = error.part("principal").ok_or_else(|| unknown("caller"))?;
    let principal = known(inquiry.inventory, principal).ok_or_else(|| unknown("caller"))?;
    Ok(at_fault(inquiry, &principal, &role).unwrap_or(Question::Assume { principal, role }))
}

/// Whoever would assume a role that isn't there, or his own, does so since a cluster Secret says it: then it is about Argo CD's way to
/// that cluster.
fn at_fault(inquiry: &Inquiry<'_>, principal: &RoleArn, role: &RoleArn) -> Option<Question> {
    let argocd = inquiry.argocd.as_ref()?;
    account_with(&Accounts::of(inquiry.inventory), argocd, principal)?;
    let known = inquiry.inventory.accounts.get(&role.account).and_then(|account| account.roles.known());
    if principal != role && known.is_none_or(|roles| roles.contains_key(&role.name)) {
        return None;
    }
    let names = |cluster: &&ClusterArn| {
        let secret = inquiry.secret_of(cluster).and_then(|(_, secret)| secret.config.aws_auth);
        secret.is_some_and(|aws| aws.role_arn == role.to_string())
    };
    let mut own = inquiry.inventory.clusters.keys().filter(names);
    let cluster = own.next().filter(|_| own.next().is_none())?.clone();
    Some(Question::Arrival { cluster, components: BOTH.to_vec() })
}

/// A session's role, with the path that only the account knows.
fn known(inventory: &Inventory, principal: &str) -> Option<RoleArn> {
    let own: Option<RoleArn> = principal.parse().ok();
    own.or_else(|| {
        let (name, account) = (role_of(principal)?, principal.split(':').nth(4)?);
        let roles = inventory.accounts.get(&account.parse().ok()?).and_then(|account| account.roles.known());
        let known = roles.and_then(|roles| roles.get(name)).map(|role| role.arn.clone());
        let partition = principal.split(':').nth(1)?;
        known.or_else(|| format!("arn:{partition}:iam::{account}:role/{name}").parse().ok())
    })
}
