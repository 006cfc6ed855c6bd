//! argocd-k8s-auth gave up; its exit code is all that the message keeps.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-exit-20",
    title: "argocd-k8s-auth got no AWS credentials for the cluster; the time-out in the message isn't the network's",
    patterns: &["exec: executable argocd-k8s-auth failed with exit code 20"],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::ServiceAccount, At::AssumeRole],
    causes: &[
        "pods of that component have no role: IRSA annotation or Pod Identity association is missing on its service account",
        "the role may not assume `roleARN` of the cluster Secret, or that role doesn't trust it",
        "the pods started before the role was given to their service account",
    ],
    evidence: &[
        "run `argocd-k8s-auth aws --cluster-name NAME --role-arn ROLE` in the pod: after a minute it prints AWS's own error",
        "CloudTrail: AssumeRole and AssumeRoleWithWebIdentity with an errorCode",
        "the plugin tries for 60 s and discovery waits for 32 s, hence `Client.Timeout exceeded`",
    ],
    fix: &[
        "give the role to the service accounts of the application controller and of argocd-server, both",
        "restart their pods",
    ],
    sources: &[
        "Argo CD, cmd/argocd-k8s-auth/commands/aws.go",
        "argo-cd#27906",
        "terraform-provider-argocd#194",
    ],
    asks: Asks::Cluster,
};
