//! `awsAuthConfig.profile` is the name of a profile.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "profile-missing",
    title: "the profile in the cluster Secret isn't in any configuration file of the pod",
    patterns: &[
        "failed to get shared config profile, {profile}",
        "SharedConfigProfileNotExistsError: failed to get profile, {profile}",
        "The config profile ({profile}) could not be found",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`awsAuthConfig.profile` is `{profile}`, and no configuration or credentials file in the pod has such a profile",
        "it is a path: the value is the name of a profile, the file is found by `AWS_SHARED_CREDENTIALS_FILE` or below `~/.aws`",
    ],
    evidence: &["`config` of the cluster Secret", "files below `~/.aws` in the pod"],
    fix: &["name a profile that is there", "or leave `profile` out and name `roleARN`"],
    sources: &["AWS SDK for Go v2, config/shared_config.go", "argo-cd#16767"],
    asks: Asks::Cluster,
};
