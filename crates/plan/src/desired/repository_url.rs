//! Which AWS service a source is in, by its URL.

/// A source in AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// `https://git-codecommit.<region>.amazonaws.com/v1/repos/<name>`, and the same with `ssh`.
    CodeCommit {
        region: String,
        /// The URL doesn't say it: the account of whoever asks.
        account: Option<String>,
        name: String,
    },
    /// `https://codeconnections.<region>.amazonaws.com/git-http/<account>/<region>/<id>/<owner>/<repository>.git`
    CodeConnections {
        /// `codeconnections`, or `codestar-connections` as it was called before.
        service: &'static str,
        region: String,
        account: String,
        id: String,
    },
    /// `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`, perhaps with `oci://`, or with `dkr-ecr` and `on.aws`
    /// (ECR User Guide, "Amazon ECR interface endpoints": dual-stack).
    Ecr { region: String, account: String, name: String },
    /// `s3://<bucket>/<prefix>`
    S3 { bucket: String, prefix: String },
}

impl Source {
    /// Absent for everything that isn't in AWS.
    pub(super) fn of(url: &str) -> Option<Self> {
        if let Some(rest) = url.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            return Some(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() });
        }
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.split(':').next()?.strip_suffix(".cn").unwrap_or(host);
        let labels = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".on.aws"))?;
        let labels: Vec<&str> = labels.split('.').collect();
        let path: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        match (labels.as_slice(), path.as_slice()) {
            (["git-codecommit" | "git-codecommit-fips", region], ["v1", "repos", name]) => {
                Some(Self::CodeCommit {
                    region: (*region).to_owned(),
                    account: None,
                    name: (*name).to_owned(),
                })
            }
            (
                [host @ ("codeconnections" | "codestar-connections"), _],
                ["git-http", account, region, id, ..],
            ) => Some(Self::CodeConnections {
                service: if *host == "codeconnections" { "codeconnections" } else { "codestar-connections" },
                region: (*region).to_owned(),
                account: (*account).to_owned(),
                id: (*id).to_owned(),
            }),
            (
                [account, "dkr", "ecr" | "ecr-fips", region] | [account, "dkr-ecr" | "dkr-ecr-fips", region],
                repository,
            ) => Some(Self::Ecr {
                region: (*region).to_owned(),
                account: (*account).to_owned(),
                name: repository.join("/"),
            }),
            _ => None,
        }
    }

    /// The same, with the account that a CodeCommit URL leaves open.
    pub(super) fn in_account(self, hub: &str) -> Self {
        match self {
            Self::CodeCommit { region, name, account: None } => {
                Self::CodeCommit { region, name, account: Some(hub.to_owned()) }
            }
            other => other,
        }
    }

    /// What policies name; absent where the URL doesn't say enough.
    pub(super) fn arn(&self, partition: &str) -> Option<String> {
        Some(match self {
            Self::CodeCommit { region, account, name } => {
                format!("arn:{partition}:codecommit:{region}:{}:{name}", account.as_ref()?)
            }
            Self::CodeConnections { service, region, account, id } => {
                format!("arn:{partition}:{service}:{region}:{account}:connection/{id}")
            }
            // The registry alone is a Helm registry; which chart is pulled from it stands in `chart`.
            Self::Ecr { name, .. } if name.is_empty() => return None,
            Self::Ecr { region, account, name } => {
                format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
            }
            Self::S3 { bucket, prefix } => format!("arn:{partition}:s3:::{bucket}/{prefix}"),
        })
    }

    /// The account that it belongs to; absent for buckets, whose ARNs have none.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::CodeCommit { account, .. } => account.as_deref(),
            Self::CodeConnections { account, .. } | Self::Ecr { account, .. } => Some(account),
            Self::S3 { .. } => None,
        }
    }

    pub(super) fn is_read_by_the_capability(&self) -> bool {
        !matches!(self, Self::S3 { .. })
    }

    /// As people call it.
    pub(super) fn service(&self) -> &'static str {
        match self {
            Self::CodeCommit { .. } => "CodeCommit",
            Self::CodeConnections { .. } => "CodeConnections",
            Self::Ecr { .. } => "ECR",
            Self::S3 { .. } => "S3",
        }
    }

    /// What works instead.
    pub(super) fn help(&self) -> &'static [&'static str] {
        match self {
            Self::CodeCommit { .. } => {
                &["use HTTPS Git credentials or an SSH key of an IAM user in a repository Secret"]
            }
            Self::CodeConnections { .. } => {
                &["only the EKS capability reads through CodeConnections: use the Git server's own URL"]
            }
            Self::Ecr { .. } => &[
                "run a token refresher that writes the repository Secret, and name its service account under `credentials` with `ecr`",
            ],
            Self::S3 { .. } => {
                &["use a plugin that reads S3, and name its service account under `credentials` with `s3`"]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(url: &str) -> Option<String> {
        Source::of(url)?.in_account("111122223333").arn("aws")
    }

    #[test]
    fn each_service_has_its_url() {
        let codecommit = Some("arn:aws:codecommit:eu-west-1:111122223333:web".to_owned());
        assert_eq!(arn("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web"), codecommit);
        assert_eq!(arn("ssh://APKA@git-codecommit.eu-west-1.amazonaws.com/v1/repos/web"), codecommit);
        assert_eq!(
            arn(
                "https://codeconnections.eu-west-1.amazonaws.com/git-http/444455556666/us-east-1/0c1d/acme/web.git"
            ),
            Some("arn:aws:codeconnections:us-east-1:444455556666:connection/0c1d".to_owned())
        );
        assert_eq!(
            arn(
                "https://codestar-connections.us-east-1.amazonaws.com/git-http/444455556666/us-east-1/0c1d/acme/web.git"
            ),
            Some("arn:aws:codestar-connections:us-east-1:444455556666:connection/0c1d".to_owned())
        );
        let ecr = Some("arn:aws:ecr:us-east-1:444455556666:repository/charts/web".to_owned());
        assert_eq!(arn("oci://444455556666.dkr.ecr.us-east-1.amazonaws.com/charts/web"), ecr);
        assert_eq!(arn("444455556666.dkr.ecr.us-east-1.amazonaws.com/charts/web"), ecr);
        assert_eq!(arn("oci://444455556666.dkr-ecr.us-east-1.on.aws/charts/web"), ecr);
        assert_eq!(arn("s3://charts/stable"), Some("arn:aws:s3:::charts/stable".to_owned()));
    }

    #[test]
    fn other_hosts_are_not_in_aws() {
        for url in
            ["https://github.com/acme/web.git", "git@github.com:acme/web.git", "https://amazonaws.com/x", ""]
        {
            assert_eq!(Source::of(url), None, "{url}");
        }
    }
}
