use rbac::access_policy;

use crate::audit::{fix::Fix, prelude::*, subject::Associated};

about! {
    /// An access entry is given an access policy that EKS doesn't have.
    ///
    /// Access policies are AWS's own: there are no others, and their names aren't those of IAM's managed policies.
    /// `arn:aws:iam::aws:policy/…` is none.
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
    /// References: EKS User Guide, "Review access policy permissions".
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error("`{arn}` is no access policy that AWS has published")]
struct NoPolicy<'s> {
    arn: &'s str,
    nearest: Option<&'static str>,
}

impl Facts for NoPolicy<'_> {
    fn help(&self) -> Vec<String> {
        let named = |name| format!("did you mean `arn:aws:eks::aws:cluster-access-policy/{name}`?");
        vec![self.nearest.map_or_else(|| "`aws eks list-access-policies` prints them all".to_owned(), named)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for associated in scene.associated() {
        let Some((arn, name)) = associated.policy().and_then(Node::text).zip(associated.name()) else {
            continue;
        };
        let is_one = arn.contains(":eks::aws:cluster-access-policy/");
        if !is_one || access_policy::AccessPolicy::find(name).is_none() {
            let all = access_policy::all().iter().map(|policy| policy.name.as_str());
            let facts = NoPolicy { arn, nearest: manifest::nearest(name, all) };
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
