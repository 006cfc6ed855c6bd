use inventory::{IamRole, Inventory};

use crate::audit::prelude::*;

about! {
    /// An access entry is for a role that was deleted, perhaps made again since.
    ///
    /// EKS remembers the unique id that the role had when the entry was made. A role of the same name that is made anew has
    /// another, and is refused as if there were no entry: "the server has asked for the client to provide credentials". No call
    /// of the API shows the id; the dates of both tell.
    ///
    /// ```yaml finds
    /// ==> inventory/accounts/444455556666/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke", "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "CreateDate": "2026-06-01T10:00:00+00:00",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}
    /// }], "Policies": []}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {
    ///   "clusterName": "spoke", "type": "STANDARD",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "createdAt": "2025-01-01T10:00:00+00:00"
    /// }}
    /// ```
    ///
    /// ```yaml clean
    /// ==> inventory/accounts/444455556666/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke", "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "CreateDate": "2024-06-01T10:00:00+00:00",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}
    /// }], "Policies": []}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {
    ///   "clusterName": "spoke", "type": "STANDARD",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "createdAt": "2025-01-01T10:00:00+00:00"
    /// }}
    /// ```
    ///
    /// References: EKS API, AccessEntry; EKS User Guide, "Grant IAM users access to Kubernetes with EKS access entries".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
enum Stale<'s> {
    #[error(
        "`{principal}` was made again on {created}, after its access entry, which is for the role of that name before it"
    )]
    MadeAgain { principal: &'s str, created: &'s str },
    #[error("`{principal}` is gone: who makes a role of that name again gets nothing by this entry")]
    Gone { principal: &'s str },
}

impl Facts for Stale<'_> {
    fn severity(&self) -> Option<Severity> {
        matches!(self, Self::Gone { .. }).then_some(Severity::Warning)
    }

    fn help(&self) -> Vec<String> {
        vec![match self {
            Self::MadeAgain { .. } => "delete the access entry and create it again".to_owned(),
            Self::Gone { .. } => "delete the access entry".to_owned(),
        }]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let (Some(_), Some(inventory)) = (scene.cluster(), scene.inventory) else { return };
    for entry in scene.entries() {
        let Some(principal) = entry.principal().and_then(Node::text) else { continue };
        match role(inventory, principal) {
            Some(Err(gap)) => sink.skip(gap),
            Some(Ok(None)) => sink.found(entry.place(), &Stale::Gone { principal }),
            Some(Ok(Some(role))) => {
                let instant = |text: &str| text.parse::<jiff::Timestamp>().ok();
                let created = role.create_date.as_deref();
                let made = entry.node.text_at("createdAt");
                if created
                    .and_then(instant)
                    .zip(made.and_then(instant))
                    .is_some_and(|(role, entry)| role > entry)
                {
                    sink.found(
                        entry.place(),
                        &Stale::MadeAgain { principal, created: created.unwrap_or_default() },
                    );
                }
            }
            None => {}
        }
    }
}

/// The role, if its account is in the inventory.
fn role<'i>(
    inventory: &'i Inventory,
    principal: &str,
) -> Option<Result<Option<&'i IamRole>, &'i facts::Gap>> {
    let arn: facts::RoleArn = principal.parse().ok()?;
    let account = inventory.accounts.get(&arn.account)?;
    Some(match &account.roles {
        inventory::Known::Gap(gap) => Err(gap),
        inventory::Known::Known(roles) => Ok(roles.get(&arn.name)),
    })
}
