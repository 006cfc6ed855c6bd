use crate::audit::prelude::*;

about! {
    /// A trust policy for Pod Identity doesn't say which service account may come.
    ///
    /// Who may create a Pod Identity association and pass the role gives it to any service account of any cluster of the account.
    /// Pod Identity tells cluster, namespace and service account with each assumption, as tags of the request: a condition on
    /// them keeps the role to the pods that it is for, whatever associations somebody makes.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"]
    ///   }]
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
    ///     "Condition": {"StringEquals": {
    ///       "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
    ///       "aws:RequestTag/kubernetes-namespace": "argocd",
    ///       "aws:RequestTag/kubernetes-service-account": "argocd-application-controller"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity".
    Note, Certain, Security
}

#[derive(Debug, Error)]
#[error(
    "any service account may be given the role by a Pod Identity association: nothing asks for `aws:RequestTag/…`"
)]
struct AnyPod;

impl Facts for AnyPod {
    fn help(&self) -> Vec<String> {
        let tags = "`aws:RequestTag/eks-cluster-arn`, `aws:RequestTag/kubernetes-namespace` and `aws:RequestTag/kubernetes-service-account`";
        vec![format!("add conditions on {tags}")]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let services = statement.principals("Service").iter();
        let Some(service) = services.into_iter().find(|node| node.text() == Some("pods.eks.amazonaws.com"))
        else {
            continue;
        };
        let asks = statement.conditions().any(|(_, key, _)| {
            let key = key.text.to_ascii_lowercase();
            key.starts_with("aws:requesttag/") || key.starts_with("aws:source")
        });
        // Two statements may share the work: what names `sts:TagSession` alone lets nobody in.
        if !asks
            && !statement.is_open()
            && statement.grants("sts:AssumeRole").is_some()
            && statement.grants("sts:TagSession").is_some()
        {
            sink.found(statement.at(service), &AnyPod);
        }
    }
}
