use crate::audit::{prelude::*, subject::Of};

about! {
    /// A policy allows assuming a role that isn't there.
    ///
    /// The role was deleted, renamed, or never made. Argo CD's cluster can't be reached by it, and whoever may make a role of
    /// that name in the other account is let in by its policy. Looked for in accounts whose roles the inventory has.
    ///
    /// ```json finds
    /// ==> inventory/accounts/444455556666/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [], "Policies": []}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "hub",
    ///   "Arn": "arn:aws:iam::111122223333:role/hub",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "RolePolicyList": [{"PolicyName": "spokes", "PolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"}]
    ///   }}]
    /// }], "Policies": []}
    /// ```
    ///
    /// ```json clean
    /// ==> inventory/accounts/444455556666/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}
    /// }], "Policies": []}
    /// ==> inventory/accounts/111122223333/iam-get-account-authorization-details.json <==
    /// {"RoleDetailList": [{
    ///   "RoleName": "hub",
    ///   "Arn": "arn:aws:iam::111122223333:role/hub",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "RolePolicyList": [{"PolicyName": "spokes", "PolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::444455556666:role/argocd-spoke"}]
    ///   }}]
    /// }], "Policies": []}
    /// ```
    ///
    /// References: IAM User Guide, "Grant a user permissions to switch roles".
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("account {account} has no role `{role}`")]
struct NoRole<'s> {
    account: &'s str,
    role: &'s str,
}

impl Facts for NoRole<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove it from the policy, or make the role".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // What files say may be what is still to be made.
    let (Some(inventory), Of::Account(_)) = (scene.inventory, scene.of) else { return };
    for statement in scene.grants().flat_map(|policy| policy.allowing()) {
        if statement.grants("sts:AssumeRole").is_none() {
            continue;
        }
        for (node, arn) in statement.values("Resource").iter().filter_map(|node| Some((node, node.text()?))) {
            let Ok(role) = arn.parse::<facts::RoleArn>() else { continue };
            let Some((_, account)) = inventory.accounts.iter().find(|(id, _)| **id == role.account) else {
                continue;
            };
            match &account.roles {
                inventory::Known::Gap(gap) => sink.skip(gap),
                inventory::Known::Known(roles) => {
                    if !arn.contains(['*', '?', '$'])
                        && !roles.values().any(|there| there.arn.to_string() == arn)
                    {
                        sink.found(statement.at(node), &NoRole { account: role.account.as_str(), role: arn });
                    }
                }
            }
        }
    }
}
