use rbac::access_policy;

use crate::audit::{fix::Fix, prelude::*, subject::Associated};

about! {
    /// An access entry is given an access policy that EKS doesn't have.
    ///
    /// Access policies are AWS's own: there are no others, and their names aren't those of IAM's managed policies.
    /// `arn:aws:iam::aws:policy/…` is none. Where an inventory has what `aws eks list-access-policies` prints, that says which there are; elsewhere the
    /// list is that of the EKS User Guide, as Oarlock knows it.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       AccessPolicies:
    ///         - PolicyArn: arn:aws:iam::aws:policy/AmazonEKSViewPolicy
    ///           AccessScope: {Type: namespace, Namespaces: [payments]}
    /// ```
    ///
    /// ```yaml fixed
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       AccessPolicies:
    ///         - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
    ///           AccessScope: {Type: namespace, Namespaces: [payments]}
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       AccessPolicies:
    ///         - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
    ///           AccessScope: {Type: namespace, Namespaces: [payments]}
    /// ```
    ///
    /// One that EKS lists is one, though its rules aren't known yet:
    ///
    /// ```yaml clean
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-policies.json <==
    /// {"accessPolicies": [{"name": "AmazonEKSNewPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSNewPolicy"}]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {"principalArn": "arn:aws:iam::444455556666:role/argocd-spoke", "type": "STANDARD", "kubernetesGroups": []}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-associated-access-policies-argocd.json <==
    /// {"principalArn": "arn:aws:iam::444455556666:role/argocd-spoke", "associatedAccessPolicies": [
    ///   {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSNewPolicy", "accessScope": {"type": "cluster", "namespaces": []}}]}
    /// ```
    ///
    /// One that EKS doesn't list isn't, though other regions may have it:
    ///
    /// ```yaml finds
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-policies.json <==
    /// {"accessPolicies": [{"name": "AmazonEKSEditPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"}]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {"principalArn": "arn:aws:iam::444455556666:role/argocd-spoke", "type": "STANDARD", "kubernetesGroups": []}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-associated-access-policies-argocd.json <==
    /// {"principalArn": "arn:aws:iam::444455556666:role/argocd-spoke", "associatedAccessPolicies": [
    ///   {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", "accessScope": {"type": "namespace", "namespaces": ["payments"]}}]}
    /// ```
    ///
    /// References: EKS User Guide, "Review access policy permissions"; EKS API, ListAccessPolicies.
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error("`{arn}` is no access policy that {whose}")]
struct NoPolicy<'s> {
    arn: &'s str,
    /// Who would have it.
    whose: &'static str,
    nearest: Option<&'s str>,
}

impl Facts for NoPolicy<'_> {
    fn help(&self) -> Vec<String> {
        let named = |name| format!("did you mean `arn:aws:eks::aws:cluster-access-policy/{name}`?");
        vec![self.nearest.map_or_else(|| "`aws eks list-access-policies` prints them all".to_owned(), named)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let listed = scene.cluster().and_then(|(_, cluster)| cluster.access_policies.known());
    for associated in scene.associated() {
        let Some((arn, name)) = associated.policy().and_then(Node::text).zip(associated.name()) else {
            continue;
        };
        let (is_one, whose, nearest) = match listed {
            Some(listed) => {
                let names = listed.iter().map(|arn| access_policy::policy_name(arn));
                (listed.contains(arn), "EKS has in the cluster's region", manifest::nearest(name, names))
            }
            None => {
                let is_one = arn.contains(":eks::aws:cluster-access-policy/");
                let all = access_policy::all().iter().map(|policy| policy.name.as_str());
                let is_known = is_one && access_policy::AccessPolicy::find(name).is_some();
                (is_known, "AWS has published", manifest::nearest(name, all))
            }
        };
        if !is_one {
            let facts = NoPolicy { arn, whose, nearest };
            sink.mended(associated.place(), &facts, renamed(scene, associated, arn));
        }
    }
}

/// The access policy of the very name that stands there as one of IAM's.
fn renamed(scene: &Scene<'_>, associated: &Associated<'_>, arn: &str) -> Option<Fix> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    access_policy::AccessPolicy::find(name)?;
    let right = format!("arn:{partition}:eks::aws:cluster-access-policy/{name}");
    scene.source(associated.file)?.write(associated.policy()?.at, arn, &right)
}
