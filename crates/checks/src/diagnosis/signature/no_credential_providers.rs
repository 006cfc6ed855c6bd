//! The same of the AWS SDK for Go v1, in Argo CD up to 3.3.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "no-credential-providers",
    title: "the pod has no AWS credentials at all",
    patterns: &["NoCredentialProviders: no valid providers in chain"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the pod's service account has neither an IRSA annotation nor a Pod Identity association",
        "the image's AWS SDK is too old for Pod Identity: Argo CD has it since 2.10",
    ],
    evidence: &[
        "`AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_CONTAINER_CREDENTIALS_FULL_URI` in the pod's environment",
    ],
    fix: &["give the role to the service account of that component", "restart its pods"],
    sources: &["AWS SDK for Go, aws/credentials/chain_provider.go", "argo-cd#17064"],
    asks: Asks::Credentials,
};
