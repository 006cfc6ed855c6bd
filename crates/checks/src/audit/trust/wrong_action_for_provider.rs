use crate::audit::prelude::*;

about! {
    /// A trust policy allows `sts:AssumeRole` to an OIDC provider.
    ///
    /// Whoever has a token of a provider calls `sts:AssumeRoleWithWebIdentity`, and only that. A statement for a `Federated`
    /// principal that allows `sts:AssumeRole` instead lets nobody in.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json fixed
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
    /// References: IAM User Guide, "Create a role for OpenID Connect federation"; STS API, AssumeRoleWithWebIdentity.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("who has a token of `{issuer}` calls `sts:AssumeRoleWithWebIdentity`, which isn't allowed here")]
struct WrongAction<'s> {
    issuer: &'s str,
}

impl Facts for WrongAction<'_> {
    fn help(&self) -> Vec<String> {
        vec!["write `\"Action\": \"sts:AssumeRoleWithWebIdentity\"`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((_, issuer)) = super::irsa(&statement) else { continue };
        let asked = statement.grants("sts:AssumeRoleWithWebIdentity").is_some();
        if let Some(action) = statement.action("sts:AssumeRole").filter(|_| !asked) {
            let source = scene.source(statement.file).filter(|_| names_one(&statement));
            let fix = source
                .and_then(|source| source.write(action.at, action.text()?, "sts:AssumeRoleWithWebIdentity"));
            sink.mended(statement.at(action), &WrongAction { issuer }, fix);
        }
    }
}

/// Whether the conditions name the audience and the service accounts one by one, so that it is known whom the statement is for.
fn names_one(statement: &Statement<'_>) -> bool {
    let equals =
        statement.node.at_path(&["Condition", "StringEquals"]).map(Node::entries).unwrap_or_default();
    let names = |end: &str| equals.iter().any(|(key, _)| key.text.ends_with(end));
    names(":aud") && names(":sub") && !statement.is_open()
}
