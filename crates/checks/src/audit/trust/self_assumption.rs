use crate::audit::prelude::*;

about! {
    /// A role's trust policy names the role itself.
    ///
    /// Since 2022 a role may no longer assume itself unless its trust policy says so. For Argo CD that is needed only where a
    /// cluster Secret's `roleARN` is the very role that the pods have already: `argocd-k8s-auth` then assumes it once more. Leave
    /// `roleARN` out of that Secret, and the statement can go.
    ///
    /// ```json finds
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-management",
    ///   "Arn": "arn:aws:iam::111122223333:role/argocd-management",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///       "Action": "sts:AssumeRole"
    ///     }]
    ///   }
    /// }]}
    /// ```
    ///
    /// ```json clean
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {
    ///     "Version": "2012-10-17",
    ///     "Statement": [{
    ///       "Effect": "Allow",
    ///       "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///       "Action": "sts:AssumeRole"
    ///     }]
    ///   }
    /// }]}
    /// ```
    ///
    /// References: AWS Security Blog, "Announcing an update to IAM role trust policy behavior"; argo-cd issue 17064.
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{role}` may assume itself")]
struct Itself<'s> {
    role: &'s str,
}

impl Facts for Itself<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "leave `roleARN` out of the cluster Secrets that name this role, and remove the statement"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for trust in scene.trusts() {
        let Some(role) = trust.role_arn.as_deref() else { continue };
        for statement in trust.allowing() {
            let named = statement.principals("AWS").iter();
            let by_condition = statement
                .conditions()
                .filter(|(_, key, _)| key.text.eq_ignore_ascii_case("aws:PrincipalArn"));
            let all = named.chain(by_condition.flat_map(|(.., values)| values.each()));
            if let Some(node) = all.into_iter().find(|node| node.text() == Some(role)) {
                sink.found(statement.at(node), &Itself { role });
            }
        }
    }
}
