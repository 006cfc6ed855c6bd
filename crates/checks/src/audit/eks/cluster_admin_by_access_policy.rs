use crate::audit::prelude::*;

about! {
    /// A principal is administrator of a cluster by an access policy.
    ///
    /// `AmazonEKSClusterAdminPolicy` for the whole cluster is `system:masters` by another name: every verb on every resource. For
    /// Argo CD's role it means that whoever can write to a Git repository that an Application follows is administrator of the
    /// cluster.
    ///
    /// ```json finds
    /// {
    ///   "clusterName": "spoke",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "associatedAccessPolicies": [{
    ///     "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    ///     "accessScope": {"type": "cluster", "namespaces": []}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "clusterName": "spoke",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "associatedAccessPolicies": []
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Review access policy permissions"; Argo CD, docs/operator-manual/declarative-setup.md.
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("`{principal}` may do everything on the cluster")]
struct ClusterAdmin<'s> {
    principal: &'s str,
}

impl Facts for ClusterAdmin<'_> {
    fn severity(&self) -> Option<Severity> {
        // People keep one for emergencies.
        let name = self.principal.to_ascii_lowercase();
        let for_people =
            ["break-glass", "breakglass", "admin", "awsreservedsso"].iter().any(|word| name.contains(word));
        for_people.then_some(Severity::Warning)
    }

    fn help(&self) -> Vec<String> {
        vec![
            "give the entry a Kubernetes group of its own, and bind what is needed to it: `oarlock plan` works out what Argo CD needs".to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for associated in scene.associated() {
        if associated.name() == Some("AmazonEKSClusterAdminPolicy") && associated.is_cluster_wide() {
            sink.found(associated.place(), &ClusterAdmin { principal: associated.title() });
        }
    }
}
