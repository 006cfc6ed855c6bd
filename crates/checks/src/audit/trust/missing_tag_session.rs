use crate::audit::prelude::*;

about! {
    /// A trust policy for EKS Pod Identity lacks `sts:TagSession`.
    ///
    /// EKS passes session tags with every assumption, and STS refuses a call with tags unless the trust policy allows
    /// `sts:TagSession` too. The pod gets no credentials: "is not authorized to perform: sts:TagSession on resource". The same
    /// holds for the roles of EKS capabilities.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {"aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity"; "Amazon EKS capability IAM
    /// role".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error(
    "`{service}` passes session tags, and {title} doesn't allow `sts:TagSession`: no pod gets its credentials"
)]
struct NoTagSession<'s> {
    service: &'s str,
    title: &'s str,
}

impl Facts for NoTagSession<'_> {
    fn help(&self) -> Vec<String> {
        vec!["write `\"Action\": [\"sts:AssumeRole\", \"sts:TagSession\"]`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for trust in scene.trusts() {
        for service in ["pods.eks.amazonaws.com", "capabilities.eks.amazonaws.com"] {
            let names = |statement: &Statement<'_>| {
                statement.principals("Service").iter().any(|node| node.text() == Some(service))
            };
            let of_service: Vec<Statement<'_>> = trust.allowing().filter(names).collect();
            let granting = |action| of_service.iter().find_map(|s| Some((s, s.grants(action)?)));
            if let (Some((statement, action)), None) =
                (granting("sts:AssumeRole"), granting("sts:TagSession"))
            {
                sink.found(statement.at(action), &NoTagSession { service, title: &trust.title });
            }
        }
    }
}
