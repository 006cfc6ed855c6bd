use crate::audit::prelude::*;

about! {
    /// A principal's power comes by an access policy whose rules AWS doesn't publish.
    ///
    /// `kubectl auth can-i --list` shows nothing that comes by access policies, and `--as` leaves them out entirely. Of most of
    /// them AWS publishes the rules; of those of its services and capabilities it doesn't, so nobody can tell what their holder
    /// may do. Every question about that principal is answered with "unknown".
    ///
    /// ```json finds
    /// {
    ///   "clusterName": "hub",
    ///   "principalArn": "arn:aws:iam::111122223333:role/capability",
    ///   "associatedAccessPolicies": [{
    ///     "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSArgoCDClusterPolicy",
    ///     "accessScope": {"type": "cluster", "namespaces": []}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "clusterName": "hub",
    ///   "principalArn": "arn:aws:iam::111122223333:role/viewer",
    ///   "associatedAccessPolicies": [{
    ///     "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    ///     "accessScope": {"type": "cluster", "namespaces": []}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Associate access policies with access entries"; "Review access policy permissions".
    Note, Certain, Security
}

#[derive(Debug, Error)]
#[error("what `{policy}` lets `{principal}` do isn't published, and `kubectl auth can-i` doesn't show it")]
struct Hidden<'s> {
    policy: &'s str,
    principal: &'s str,
}

impl Facts for Hidden<'_> {
    fn help(&self) -> Vec<String> {
        vec!["keep in mind that answers about this principal stay unknown; what else it needs, bind to a group".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for associated in scene.associated() {
        let Some(policy) = associated.name() else { continue };
        let unpublished =
            rbac::access_policy::AccessPolicy::find(policy).is_some_and(|known| known.rules.is_err());
        if unpublished {
            sink.found(associated.place(), &Hidden { policy, principal: associated.title() });
        }
    }
}
