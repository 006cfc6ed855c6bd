use crate::audit::prelude::*;

about! {
    /// An AWS managed policy that gives everything is attached to a role.
    ///
    /// `AdministratorAccess`, `PowerUserAccess` and `IAMFullAccess` are for people and their tools. A role that a pod or Argo CD
    /// may have needs none of them: with it, whoever gets into the pod has the account.
    ///
    /// ```json finds
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
    /// }]}
    /// ```
    ///
    /// ```json clean
    /// {"RoleDetailList": [{
    ///   "RoleName": "argocd-spoke",
    ///   "Arn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    ///   "AttachedManagedPolicies": []
    /// }]}
    /// ```
    ///
    /// References: AWS Managed Policy Reference, "AdministratorAccess"; IAM User Guide, "Security best practices in IAM"
    Warning, Likely, Security
}

const WIDE: [&str; 3] = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"];

#[derive(Debug, Error)]
#[error("`{policy}` is attached to `{role}`")]
struct Wide<'s> {
    policy: &'s str,
    role: &'s str,
    argocd: bool,
}

impl Facts for Wide<'_> {
    fn severity(&self) -> Option<Severity> {
        self.argocd.then_some(Severity::Error)
    }

    fn help(&self) -> Vec<String> {
        vec!["attach a policy with what the role uses; Argo CD's roles on the spokes need none".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for attached in super::attached(scene) {
        let Some(policy) = attached.arn.text().and_then(|arn| arn.rsplit('/').next()) else { continue };
        let is_wide = WIDE.contains(&policy)
            && attached.arn.text().is_some_and(|arn| arn.contains(":iam::aws:policy/"));
        // People's own roles are meant to be wide.
        let role = attached.role.unwrap_or("a role");
        if is_wide && !role.to_ascii_lowercase().contains("admin") {
            let argocd = role.to_ascii_lowercase().contains("argo");
            sink.found(attached.place(), &Wide { policy, role, argocd });
        }
    }
}
