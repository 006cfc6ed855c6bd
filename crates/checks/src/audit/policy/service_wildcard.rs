use crate::audit::prelude::*;

about! {
    /// A policy allows all actions of a service that hands out power.
    ///
    /// `eks:*` makes access entries and associates `AmazonEKSClusterAdminPolicy` with anybody; `iam:*` makes roles and their
    /// policies; `sts:*` assumes whatever trusts the account. What the pattern stands for is counted by the catalogue of actions.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "eks:*", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": ["eks:DescribeCluster", "eks:ListClusters"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// References: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Kubernetes
    /// Service".
    Warning, Likely, Security
}

/// Services whose actions give more power than they have.
const POWERFUL: [(&str, &str); 6] = [
    ("eks", "eks:AssociateAccessPolicy"),
    ("iam", "iam:AttachRolePolicy"),
    ("sts", "sts:AssumeRole"),
    ("lambda", "lambda:UpdateFunctionCode"),
    ("cloudformation", "cloudformation:CreateStack"),
    ("ssm", "ssm:SendCommand"),
];

#[derive(Debug, Error)]
#[error("`{pattern}` stands for {count} actions, `{worst}` among them")]
struct All<'s> {
    pattern: &'s str,
    count: usize,
    worst: &'static str,
}

impl Facts for All<'_> {
    fn help(&self) -> Vec<String> {
        vec![format!("list what is needed; `oarlock policy expand` prints all of `{}`", self.pattern)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.grants().flat_map(|policy| policy.allowing()) {
        for (node, pattern) in statement.values("Action").iter().filter_map(|node| Some((node, node.text()?)))
        {
            let of = |(service, _): &&(&str, &str)| pattern.to_ascii_lowercase() == format!("{service}:*");
            if let Some((_, worst)) = POWERFUL.iter().find(of) {
                let count = iam::catalogue::actions_matching(pattern).count();
                sink.found(statement.at(node), &All { pattern, count, worst });
            }
        }
    }
}
