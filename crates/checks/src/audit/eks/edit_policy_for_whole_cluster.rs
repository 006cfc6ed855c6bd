use crate::audit::prelude::*;

about! {
    /// A principal may read every Secret of a cluster, and act as every service account, by an access policy.
    ///
    /// `AmazonEKSEditPolicy` and `AmazonEKSAdminPolicy` sound like less than administrator. For the whole cluster they hold
    /// Secrets, `pods/exec`, creating pods and impersonating service accounts in every namespace, `kube-system` included: whoever
    /// has one is one step from everything.
    ///
    /// ```json finds
    /// {
    ///   "clusterName": "spoke",
    ///   "principalArn": "arn:aws:iam::444455556666:role/deployer",
    ///   "associatedAccessPolicies": [{
    ///     "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
    ///     "accessScope": {"type": "cluster", "namespaces": []}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "clusterName": "spoke",
    ///   "principalArn": "arn:aws:iam::444455556666:role/deployer",
    ///   "associatedAccessPolicies": [{
    ///     "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
    ///     "accessScope": {"type": "namespace", "namespaces": ["payments"]}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Review access policy permissions".
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error(
    "`{policy}` in {scope} gives `{principal}` the Secrets there, and lets it act as every service account of it"
)]
struct EditsAll<'s> {
    policy: &'s str,
    principal: &'s str,
    scope: &'s str,
}

impl Facts for EditsAll<'_> {
    fn help(&self) -> Vec<String> {
        vec!["list the namespaces in the access scope, or bind a group to just what is needed".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for associated in scene.associated() {
        let Some(policy @ ("AmazonEKSEditPolicy" | "AmazonEKSAdminPolicy")) = associated.name() else {
            continue;
        };
        let principal = associated.title();
        if associated.is_cluster_wide() {
            sink.found(associated.place(), &EditsAll { policy, principal, scope: "the whole cluster" });
        }
        let all = associated.namespaces().iter().filter_map(|node| Some((node, node.text()?)));
        for (node, namespace) in all.filter(|(_, name)| matches!(*name, "*" | "kube-system" | "kube-*")) {
            sink.found(associated.at(node), &EditsAll { policy, principal, scope: namespace });
        }
    }
}
