use access::cluster_identity::aws_auth::{Item, ItemProblem};

use crate::audit::prelude::*;

about! {
    /// An element of the aws-auth ConfigMap maps nobody.
    ///
    /// STS never tells a role's path, so a `rolearn` with one matches no caller; neither does the ARN of a session, or one with a
    /// wildcard. Of two elements with one ARN the last counts. An element without an ARN is dropped.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: aws-auth, namespace: kube-system}
    /// data:
    ///   mapRoles: |
    ///     - rolearn: arn:aws:iam::444455556666:role/platform/argocd-spoke
    ///       username: argocd
    ///       groups: [argocd]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: aws-auth, namespace: kube-system}
    /// data:
    ///   mapRoles: |
    ///     - rolearn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       username: argocd
    ///       groups: [argocd]
    /// ```
    ///
    /// References: aws-iam-authenticator, pkg/arn/arn.go and pkg/config/mapper.go, issues 153 and 268.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("element {index} of `{key}`, `{arn}`: {problem}")]
struct Nobody<'p> {
    key: &'static str,
    index: usize,
    arn: &'p str,
    problem: &'p ItemProblem,
}

impl Facts for Nobody<'_> {
    fn help(&self) -> Vec<String> {
        let help = match (self.problem, self.arn.split_once(":role/")) {
            (ItemProblem::RolePath, Some((before, after))) => {
                format!(
                    "write `{before}:role/{}`, or make an access entry, which takes paths",
                    after.rsplit('/').next().unwrap_or(after)
                )
            }
            (ItemProblem::Superseded { .. }, _) => "make one element of both".to_owned(),
            _ => "name one role or user by its ARN, or make an access entry".to_owned(),
        };
        vec![help]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (map, read) in super::aws_auths(scene) {
        for (key, items) in [("mapRoles", &read.roles.items), ("mapUsers", &read.users.items)] {
            for Item { index, arn, problems, .. } in items {
                let worst = problems.iter().find(|problem| problem.drops() || problem.matches_nobody());
                if let Some(problem) = worst {
                    sink.found(super::block_place(map, key), &Nobody { key, index: *index, arn, problem });
                }
            }
        }
    }
}
