use crate::audit::prelude::*;

about! {
    /// A trust policy allows `sts:AssumeRoleWithWebIdentity` to somebody who can't ask for it.
    ///
    /// Web identities come from an OIDC provider: the principal is `Federated`, with the provider's ARN. AWS services, users and
    /// roles never make that call, so the statement never applies. `Service: eks.amazonaws.com`, as some articles have it, is the
    /// control plane of EKS, not the pods of a cluster.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "eks.amazonaws.com"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity"
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Create a role for OpenID Connect federation"; EKS User Guide, "Assign IAM roles to Kubernetes
    /// service accounts".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{principal}` never calls `sts:AssumeRoleWithWebIdentity`: the statement lets nobody in")]
struct NeverAsked<'s> {
    principal: &'s str,
}

impl Facts for NeverAsked<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "for IRSA name the cluster's OIDC provider: `\"Federated\": \"arn:aws:iam::<account>:oidc-provider/<issuer>\"`".to_owned(),
            "for Pod Identity name `pods.eks.amazonaws.com` and allow `sts:AssumeRole` and `sts:TagSession`".to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        if statement.action("sts:AssumeRoleWithWebIdentity").is_none()
            || !statement.principals("Federated").is_empty()
        {
            continue;
        }
        let others = ["Service", "AWS"].into_iter().flat_map(|kind| statement.principals(kind));
        for (node, principal) in others.filter_map(|node| Some((node, node.text()?))) {
            if principal != "*" {
                sink.found(statement.at(node), &NeverAsked { principal });
            }
        }
    }
}
