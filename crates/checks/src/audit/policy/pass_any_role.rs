use crate::audit::prelude::*;

about! {
    /// A policy allows passing every role to every service.
    ///
    /// Who may pass a role to a service that runs something (EC2, Lambda, Glue, a Pod Identity association of EKS) has that role.
    /// Limit the roles by `Resource`, and the service by the condition key `iam:PassedToService`.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": "iam:PassRole",
    ///     "Resource": "arn:aws:iam::111122223333:role/argocd-management",
    ///     "Condition": {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    Error, Likely, Security
}

#[derive(Debug, Error)]
#[error("every role of the account can be passed to {to}")]
struct AnyRole {
    to: &'static str,
}

impl Facts for AnyRole {
    fn help(&self) -> Vec<String> {
        vec![
            "name the role in `Resource`, and the service in a condition on `iam:PassedToService`".to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.grants().flat_map(|policy| policy.allowing()) {
        let named = statement.values("Action").iter().find(|node| {
            node.text().is_some_and(|action| action.to_ascii_lowercase().starts_with("iam:pass"))
        });
        if named.is_none()
            || statement.grants("iam:PassRole").is_none()
            || statement.has_key("iam:passedtoservice")
        {
            continue;
        }
        if let Some(resource) = super::everywhere(&statement) {
            sink.found(statement.at(resource), &AnyRole { to: "every service" });
        }
    }
}
