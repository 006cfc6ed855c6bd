use std::collections::{BTreeMap, BTreeSet};

use facts::Place;

use crate::audit::{prelude::*, subject::Whole};

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
    let here = tagged_here(scene);
    let elsewhere = scene.whole.map(Whole::tagged);
    if here.is_empty() && elsewhere.is_none_or(BTreeSet::is_empty) {
        return;
    }
    let is_tagged = |role: &str| here.contains(role) || elsewhere.is_some_and(|roles| roles.contains(role));
    for trust in scene.trusts() {
        let mut by_caller: BTreeMap<&str, Vec<Statement<'_>>> = BTreeMap::new();
        for statement in trust.allowing() {
            let named: BTreeSet<&str> = statement.principals("AWS").iter().filter_map(Node::text).collect();
            for caller in named.into_iter().filter(|caller| is_tagged(caller)) {
                by_caller.entry(caller).or_default().push(statement);
            }
        }
        for (caller, own) in by_caller {
            let granting = |action| own.iter().find_map(|s| Some((s, s.grants(action)?)));
            if let (Some((statement, action)), None) =
                (granting("sts:AssumeRole"), granting("sts:TagSession"))
            {
                sink.found(statement.at(action), &NoTags::Trust { caller, title: &trust.title });
            }
        }
    }
    let mut by_role: BTreeMap<&str, Vec<Statement<'_>>> = BTreeMap::new();
    for policy in scene.grants() {
        if let Some(role) = policy.role_arn.as_deref().filter(|role| is_tagged(role)) {
            by_role.entry(role).or_default().extend(policy.allowing());
        }
    }
    for (caller, own) in by_role {
        if let Some(place) = untagged_policy(scene, caller, &own) {
            sink.found(place, &NoTags::Policy { caller });
        }
    }
}

/// Roles that pods have by Pod Identity, with its session tags, as the scene itself says.
fn tagged_here(scene: &Scene<'_>) -> BTreeSet<String> {
    let own = scene.pod_identities().iter().filter(|association| association.tags_disabled().is_none());
    own.filter_map(|association| Some(association.role()?.text()?.to_owned())).collect()
}

/// Where a role is allowed to assume others, if nothing of its own allows it to pass tags.
fn untagged_policy(scene: &Scene<'_>, role: &str, own: &[Statement<'_>]) -> Option<Place> {
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
