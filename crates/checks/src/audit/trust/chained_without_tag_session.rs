use std::collections::BTreeSet;

use facts::Place;

use crate::audit::prelude::*;

about! {
    /// A role that comes by Pod Identity is let in without `sts:TagSession`.
    ///
    /// Pod Identity gives its sessions six tags, all of them transitive: they go along when the role assumes another one, and STS
    /// then asks for `sts:TagSession` on both sides. Without it every assumption is refused: "is not authorized to perform:
    /// sts:TagSession on resource". With IRSA the same policies work, so that this shows when a hub moves from one to the other.
    ///
    /// ```yaml finds
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-application-controller",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> role.json <==
    /// {"Role": {
    ///   "RoleName": "argocd-spoke", "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": "sts:AssumeRole"
    ///   }]}
    /// }}
    /// ```
    ///
    /// ```yaml clean
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-application-controller",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> role.json <==
    /// {"Role": {
    ///   "RoleName": "argocd-spoke", "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"]
    ///   }]}
    /// }}
    /// ```
    ///
    /// References: EKS User Guide, "Grant pods access to AWS resources based on tags"; IAM User Guide, "Pass session tags in AWS
    /// STS", on chaining; argo-cd issues 17064 and 19928
    Error, Likely, Operations
}

#[derive(Debug, Error)]
enum NoTags<'s> {
    #[error(
        "`{caller}` comes by Pod Identity with transitive session tags, and {title} doesn't allow it `sts:TagSession`"
    )]
    Trust { caller: &'s str, title: &'s str },
    #[error(
        "`{caller}` comes by Pod Identity with transitive session tags, and its policies don't allow `sts:TagSession`"
    )]
    Policy { caller: &'s str },
}

impl Facts for NoTags<'_> {
    fn help(&self) -> Vec<String> {
        vec!["write `\"Action\": [\"sts:AssumeRole\", \"sts:TagSession\"]`, on both sides".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let tagged = tagged(scene);
    if tagged.is_empty() {
        return;
    }
    for trust in scene.trusts() {
        for caller in &tagged {
            let names = |statement: &Statement<'_>| {
                statement.principals("AWS").iter().any(|node| node.text() == Some(caller))
            };
            let own: Vec<Statement<'_>> = trust.allowing().filter(names).collect();
            let granting = |action| own.iter().find_map(|s| Some((s, s.grants(action)?)));
            if let (Some((statement, action)), None) =
                (granting("sts:AssumeRole"), granting("sts:TagSession"))
            {
                sink.found(statement.at(action), &NoTags::Trust { caller, title: &trust.title });
            }
        }
    }
    for caller in &tagged {
        if let Some(place) = untagged_policy(scene, caller) {
            sink.found(place, &NoTags::Policy { caller });
        }
    }
}

/// Roles that pods have by Pod Identity, with its session tags.
fn tagged(scene: &Scene<'_>) -> BTreeSet<String> {
    let own = scene.pod_identities().iter().filter(|association| association.tags_disabled().is_none());
    let mut roles: BTreeSet<String> =
        own.filter_map(|association| Some(association.role()?.text()?.to_owned())).collect();
    let clusters = scene.inventory.into_iter().flat_map(|inventory| inventory.clusters.values());
    let associations = clusters.filter_map(|cluster| cluster.pod_identity_associations.known());
    let associations =
        associations.flat_map(|all| all.values()).filter(|association| !association.session_tags_disabled);
    roles.extend(associations.filter_map(|association| Some(association.role.known()?.to_string())));
    roles
}

/// Where a role is allowed to assume others, if nothing of its own allows it to pass tags.
fn untagged_policy(scene: &Scene<'_>, role: &str) -> Option<Place> {
    let own: Vec<Statement<'_>> = scene
        .grants()
        .filter(|policy| policy.role_arn.as_deref() == Some(role))
        .flat_map(|policy| policy.allowing())
        .collect();
    let granting = |action| own.iter().find_map(|statement| Some(statement.at(statement.grants(action)?)));
    let assumes = granting("sts:AssumeRole")?;
    (granting("sts:TagSession").is_none() && !has_managed(scene, role)).then_some(assumes)
}

/// Whether there are managed policies besides, which may allow it.
fn has_managed(scene: &Scene<'_>, role: &str) -> bool {
    let arn = role.parse::<facts::RoleArn>().ok();
    let known =
        arn.and_then(|arn| scene.inventory?.accounts.get(&arn.account)?.roles.known()?.get(&arn.name));
    known.is_none_or(|role| !role.managed_policies.is_empty())
}
