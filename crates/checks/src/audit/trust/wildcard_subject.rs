use crate::audit::{prelude::*, subject::glob};

about! {
    /// The subject that a trust policy for IRSA asks for is a pattern that matches other service accounts.
    ///
    /// `system:serviceaccount:*:*` is every service account of the cluster; `system:serviceaccount:argocd:*` is every one of the
    /// namespace, those that somebody will create tomorrow too. Whoever may create a service account of a matching name, and a
    /// pod with it, has the role.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com"},
    ///       "StringLike": {"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:*:argocd-*"}
    ///     }
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
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": [
    ///         "system:serviceaccount:argocd:argocd-application-controller",
    ///         "system:serviceaccount:argocd:argocd-server"
    ///       ]
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Assign IAM roles to Kubernetes service accounts"; IAM User Guide, "IAM JSON policy elements:
    /// Condition operators".
    Error, Likely, Security
}

#[derive(Debug, Error)]
#[error("`{pattern}` matches other service accounts too, for example `{other}`{seen}")]
struct Wildcard<'s> {
    pattern: &'s str,
    other: String,
    seen: &'static str,
}

impl Facts for Wildcard<'_> {
    fn severity(&self) -> Option<Severity> {
        // Within one namespace it is narrower, and often meant.
        let namespace = self.pattern.split(':').nth(2).unwrap_or("*");
        (!namespace.contains(['*', '?'])).then_some(Severity::Warning)
    }

    fn help(&self) -> Vec<String> {
        vec!["list the service accounts under `StringEquals`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((_, issuer)) = super::irsa(&statement) else { continue };
        for (operator, _, values) in statement.conditions().filter(|(_, key, _)| key.text.ends_with(":sub")) {
            if !operator.text.contains("Like") || operator.text.contains("Not") {
                continue;
            }
            for (node, pattern) in values.each().iter().filter_map(|node| Some((node, node.text()?))) {
                if pattern.contains(['*', '?']) {
                    let real = another(scene, issuer, pattern);
                    let seen = if real.is_some() { ", which is there" } else { "" };
                    let other = real.unwrap_or_else(|| made_up(pattern));
                    sink.found(statement.at(node), &Wildcard { pattern, other, seen });
                }
            }
        }
    }
}

/// A service account of the cluster that the pattern matches, and that isn't one of Argo CD's.
fn another(scene: &Scene<'_>, issuer: &str, pattern: &str) -> Option<String> {
    let cluster = scene.whole?.issuers.clusters.get(issuer)?;
    let accounts = cluster.kubernetes.list("serviceaccounts").ok()?.iter();
    let subjects = accounts.filter(|account| !account.name.starts_with("argocd-")).filter_map(|account| {
        Some(format!("system:serviceaccount:{}:{}", account.namespace.as_deref()?, account.name))
    });
    subjects.into_iter().find(|subject| glob(pattern, subject))
}

/// Letters in place of the wildcards.
fn made_up(pattern: &str) -> String {
    pattern.replace('*', "other").replace('?', "x")
}
