//! Which clusters Argo CD's cluster Secrets mean, and which an organisation has.

use std::collections::BTreeSet;

use access::{aws_of, server_address};
use argocd::{Authentication, AwsAuthConfig, ClusterSecret, IN_CLUSTER_SERVER, Secret};
use facts::{AccountId, ClusterArn, Gap, Partition, RoleArn};
use serde::Deserialize as _;
use serde_json::Value;

use super::{Accounts, Error, Tag, cluster::Target, run::Run};
use crate::{
    aws::answer::{all_pages, answer},
    cause::Cause,
};

/// The clusters that cluster Secrets may mean.
///
/// A Secret has the cluster's address and name, perhaps a role, and never its account: that is the role's account, or the hub's
/// where Argo CD goes by its own roles. Both are guesses, so each is read only where EKS gives the cluster that very address.
pub(super) fn of_secrets(hub: &ClusterArn, secrets: &[Value]) -> Vec<Target> {
    secrets.iter().filter_map(read).flat_map(|(_, secret)| guesses(hub, &secret)).collect()
}

fn guesses(hub: &ClusterArn, secret: &ClusterSecret) -> Vec<Target> {
    let by_plugin = match secret.authentication() {
        Authentication::Capability(arn) => return vec![Target::named(arn)],
        Authentication::Exec(exec) => aws_of(exec),
        _ => None,
    };
    let Some(aws) = by_plugin.as_ref().or(secret.config.aws_auth.as_ref()) else { return Vec::new() };
    let region = region(&secret.server).unwrap_or(&hub.region);
    let partition = Partition::of_region(region);
    let of = |account: AccountId| {
        let arn = format!("arn:{partition}:eks:{region}:{account}:cluster/{}", aws.cluster_name);
        let target = |arn| Target { servers: BTreeSet::from([secret.server.clone()]), ..Target::named(arn) };
        arn.parse().ok().map(target)
    };
    accounts(hub, aws).into_iter().filter_map(of).collect()
}

fn accounts(hub: &ClusterArn, aws: &AwsAuthConfig) -> BTreeSet<AccountId> {
    let role: Option<RoleArn> = aws.role_arn.parse().ok();
    role.map(|role| role.account).into_iter().chain([hub.account.clone()]).collect()
}

/// The label that looks like a region: `…gr7.eu-west-1.eks.amazonaws.com`, `….eks-cluster.eu-west-1.api.aws`.
fn region(server: &str) -> Option<&str> {
    let host = server.strip_prefix("https://")?.split(['/', ':']).next()?;
    let is_region = |label: &&str| {
        let mut parts = label.split('-');
        let is_word =
            |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|b| b.is_ascii_lowercase()));
        let is_number = label.rsplit('-').next().is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
        is_word(parts.next()) && is_word(parts.next()) && is_number && parts.next().is_some()
    };
    let is_aws =
        [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|suffix| host.ends_with(suffix));
    host.split('.').find(is_region).filter(|_| is_aws)
}

/// The Secrets whose cluster wasn't found.
pub(super) fn unknown(
    secrets: &[Value],
    clusters: &BTreeSet<ClusterArn>,
    endpoints: &BTreeSet<String>,
) -> Vec<Gap> {
    let is_known = |secret: &ClusterSecret| {
        secret.server == IN_CLUSTER_SERVER
            || secret.server.parse().is_ok_and(|arn| clusters.contains(&arn))
            || endpoints.contains(&server_address(&secret.server))
    };
    let missing = secrets.iter().filter_map(read).filter(|(_, secret)| !is_known(secret));
    let gap = |(name, secret): (String, ClusterSecret)| {
        let what = format!("which cluster the Secret `{name}` means by `{}`", secret.server);
        Gap::new(what, "no cluster of that address was found in the accounts that it hints at")
            .filled_by("oarlock collect --cluster ARN")
    };
    missing.map(gap).collect()
}

fn read(object: &Value) -> Option<(String, ClusterSecret)> {
    let secret = Secret::deserialize(object).ok()?;
    secret.secret_type().filter(|kind| *kind == "cluster")?;
    let name = object.pointer("/metadata/name")?.as_str()?.to_owned();
    Some((name, ClusterSecret::from_secret(&secret).ok()?))
}

impl Run<'_> {
    /// The clusters with these tags of all accounts of the organisation that aren't closed. Accounts without any aren't looked at
    /// further.
    pub(super) async fn of_organization(
        &self,
        regions: &[String],
        tags: &[Tag],
        all: &mut Vec<Target>,
        accounts: &mut Accounts,
    ) -> Result<(), Error> {
        let own = self.aws.region();
        let regions = if regions.is_empty() { own.as_slice() } else { regions };
        let first = regions.first().ok_or(Error::Region)?;
        let account = self.options.targets.account();
        let client = self.aws.about_organization(account, first).await.organizations();
        let listed = all_pages!("Accounts", "NextToken", client.list_accounts(), set_next_token);
        let listed = listed.map_err(|cause| Error::Organization(cause.to_string()))?;
        let is_active = |account: &&Value| account.get("Status").is_none_or(|status| status == "ACTIVE");
        let active =
            listed.pointer("/Accounts").and_then(Value::as_array).into_iter().flatten().filter(is_active);
        let ids = active.filter_map(|account| account.get("Id")?.as_str()?.parse::<AccountId>().ok());
        let found = std::sync::Mutex::new(Vec::new());
        let wanted = ids.flat_map(|id| regions.iter().map(move |region| (id.clone(), region)));
        self.each(wanted, async |(id, region): (AccountId, &String)| {
            match self.clusters(&id, region, tags).await {
                Ok(clusters) => super::run::locked(&found).extend(clusters),
                Err(cause) => {
                    let fill = format!("aws eks list-clusters --region {region}");
                    let gap =
                        Gap::new(format!("the clusters of account `{id}` in `{region}`"), cause.to_string());
                    self.gap(gap.filled_by(fill));
                }
            }
            Ok(())
        })
        .await?;
        for arn in super::run::locked(&found).drain(..) {
            accounts.entry(arn.account.clone()).or_insert_with(|| arn.region.clone());
            all.push(Target::named(arn));
        }
        Ok(())
    }

    async fn clusters(
        &self,
        account: &AccountId,
        region: &str,
        tags: &[Tag],
    ) -> Result<Vec<ClusterArn>, Cause> {
        let client = self.aws.session(account, region).await?.eks(region);
        let listed = all_pages!("clusters", "nextToken", client.list_clusters(), set_next_token)?;
        let names = listed
            .pointer("/clusters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let partition = Partition::of_region(region);
        let arn = |name: &str| format!("arn:{partition}:eks:{region}:{account}:cluster/{name}").parse().ok();
        let mut clusters = Vec::new();
        for arn in names.filter_map(arn) {
            if tags.is_empty() || self.is_tagged(&client, &arn, tags).await {
                clusters.push(arn);
            }
        }
        Ok(clusters)
    }

    /// A cluster that can't be described is left out, with a gap: it may be one that is wanted.
    async fn is_tagged(&self, client: &aws_sdk_eks::Client, arn: &ClusterArn, tags: &[Tag]) -> bool {
        match answer!(client.describe_cluster().name(&arn.name)) {
            Ok(described) => tags.iter().all(|tag| tag.is_of(&described)),
            Err(cause) => {
                let gap = Gap::new(format!("the tags of `{arn}`"), cause.to_string());
                self.gap(gap.filled_by(format!("oarlock collect --cluster {arn}")));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret(name: &str, server: &str, config: &Value) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": name, "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
            "stringData": {"name": name, "server": server, "config": config.to_string()},
        })
    }

    fn hub() -> ClusterArn {
        "arn:aws:eks:eu-west-1:111122223333:cluster/hub".parse().unwrap()
    }

    fn guessed(server: &str, config: &Value) -> Vec<String> {
        let targets = of_secrets(&hub(), &[secret("spoke", server, config)]);
        targets.into_iter().map(|target| target.arn.to_string()).collect()
    }

    #[test]
    fn a_role_tells_the_account_and_the_address_the_region() {
        let config = json!({"awsAuthConfig": {
            "clusterName": "prod", "roleARN": "arn:aws:iam::444455556666:role/argocd",
        }});
        let server = "https://0A1B.gr7.us-east-1.eks.amazonaws.com";
        let expected = [
            "arn:aws:eks:us-east-1:111122223333:cluster/prod",
            "arn:aws:eks:us-east-1:444455556666:cluster/prod",
        ];
        assert_eq!(guessed(server, &config), expected);
        let plugin = json!({"execProviderConfig": {
            "command": "argocd-k8s-auth",
            "args": ["aws", "--cluster-name", "prod", "--role-arn", "arn:aws:iam::444455556666:role/argocd"],
        }});
        assert_eq!(guessed(server, &plugin), expected);
    }

    #[test]
    fn who_goes_by_the_hubs_role_is_looked_for_in_its_account() {
        let config = json!({"awsAuthConfig": {"clusterName": "prod"}});
        let expected = ["arn:aws:eks:eu-west-1:111122223333:cluster/prod"];
        assert_eq!(
            guessed("https://127.0.0.1:6443", &config),
            expected,
            "the hub's region, where none is named"
        );
        assert!(guessed("https://127.0.0.1:6443", &json!({"bearerToken": "hunter2"})).is_empty());
    }

    #[test]
    fn the_capability_names_clusters_by_arn() {
        let arn = "arn:aws:eks:us-east-1:444455556666:cluster/prod";
        assert_eq!(guessed(arn, &json!({})), [arn]);
    }

    #[test]
    fn addresses_of_eks_have_their_region_in_them() {
        assert_eq!(region("https://0A1B.gr7.us-gov-west-1.eks.amazonaws.com"), Some("us-gov-west-1"));
        assert_eq!(region("https://0A1B.sk1.cn-north-1.eks.amazonaws.com.cn"), Some("cn-north-1"));
        assert_eq!(region("https://0A1B.eks-cluster.eu-west-1.api.aws"), Some("eu-west-1"));
        assert_eq!(region("https://eu-west-1.proxy.example"), None);
    }

    #[test]
    fn a_secret_whose_cluster_was_not_found_is_a_gap() {
        let secrets = [
            secret("by-token", "https://proxy.example:443/", &json!({"bearerToken": "hunter2"})),
            secret("here", IN_CLUSTER_SERVER, &json!({})),
        ];
        let gaps = unknown(&secrets, &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert!(gaps[0].what.contains("`by-token`") && !format!("{gaps:?}").contains("hunter2"), "{gaps:?}");
        let found = BTreeSet::from(["https://proxy.example".to_owned()]);
        assert_eq!(unknown(&secrets, &BTreeSet::new(), &found), []);
    }
}
