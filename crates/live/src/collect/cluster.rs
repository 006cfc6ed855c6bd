//! What is read of a cluster: what EKS says of it, and what its API server does.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use access::server_address;
use facts::{ClusterArn, Gap};
use futures_util::future::join;
use serde_json::Value;

use super::{
    Error,
    folder::key,
    run::{Run, locked},
};
use crate::{
    aws::{
        Session,
        answer::{all_pages, answer},
    },
    cause::Cause,
};

/// A cluster to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) arn: ClusterArn,
    pub(super) is_hub: bool,
    /// The addresses by which Argo CD may know it: where account and region are a guess, only these tell whether it is one that is
    /// meant. None where it is certain.
    pub(super) servers: BTreeSet<String>,
}

/// Where a cluster's secrets are gathered, if it is the hub.
pub(super) type Secrets<'s> = Option<&'s Mutex<Vec<Value>>>;

/// What is listed, and by which command.
const ACCESS_ENTRIES: (&str, &str) = ("the access entries", "list-access-entries");
const ASSOCIATIONS: (&str, &str) = ("the Pod Identity associations", "list-pod-identity-associations");

/// A cluster, and whose credentials EKS is asked with.
struct Asked<'a> {
    run: &'a Run<'a>,
    arn: &'a ClusterArn,
    session: &'a Session,
}

impl Target {
    pub(super) fn named(arn: ClusterArn) -> Self {
        Self { arn, is_hub: false, servers: BTreeSet::new() }
    }

    /// Below the inventory.
    pub(super) fn folder(&self) -> String {
        let ClusterArn { account, region, name, .. } = &self.arn;
        format!("clusters/{account}/{region}/{name}")
    }
}

impl Run<'_> {
    pub(super) async fn cluster(&self, target: &Target, secrets: Secrets<'_>) -> Result<(), Error> {
        let arn = &target.arn;
        let session = self.aws.session(&arn.account, &arn.region).await;
        let described = match &session {
            Ok(session) => {
                let client = session.eks(&arn.region);
                answer!(client.describe_cluster().name(&arn.name))
            }
            Err(cause) => Err(cause.clone()),
        };
        if !self.is_meant(target, &described) {
            return Ok(());
        }
        // Who hasn't answered isn't waited for again.
        let silence = described.as_ref().err().filter(|cause| cause.is_silence()).cloned();
        let asked = silence.map_or_else(|| session.as_ref().map_err(Clone::clone), Err);
        let path = format!("{}/eks/describe-cluster.json", target.folder());
        let described = self.keep(&path, described, |cause| undescribed(arn, cause))?;
        let endpoint = described.as_ref().and_then(|cluster| cluster.pointer("/cluster/endpoint")?.as_str());
        locked(&self.endpoints).extend(endpoint.map(server_address));
        let (eks, kubernetes) = join(
            self.eks(target, asked.as_ref(), described.as_ref()),
            self.kubernetes(target, session.as_ref(), described.as_ref(), secrets),
        )
        .await;
        eks.and(kubernetes)
    }

    /// Whether the cluster is one that is wanted. One that can't be described may be, and if nobody is sure there is only a gap.
    fn is_meant(&self, target: &Target, described: &Result<Value, Cause>) -> bool {
        let is_meant = match described {
            Ok(cluster) => target.is_at(cluster),
            Err(cause) => {
                let is_guess = !target.servers.is_empty();
                if is_guess && !cause.is("ResourceNotFoundException") {
                    self.gap(undescribed(&target.arn, cause));
                }
                !is_guess
            }
        };
        if is_meant {
            self.saw(&target.arn);
        }
        is_meant
    }

    /// Everything of EKS but the description.
    async fn eks(
        &self,
        target: &Target,
        session: Result<&&Session, &Cause>,
        described: Option<&Value>,
    ) -> Result<(), Error> {
        match session {
            Ok(session) => Asked { run: self, arn: &target.arn, session }.all(target, described).await,
            Err(cause) => {
                for (what, command) in [ACCESS_ENTRIES, ASSOCIATIONS] {
                    self.gap(gap(&target.arn, what, cause, command));
                }
                Ok(())
            }
        }
    }
}

impl Target {
    fn is_at(&self, described: &Value) -> bool {
        let endpoint = described.pointer("/cluster/endpoint").and_then(Value::as_str).map(server_address);
        self.servers.is_empty() || self.servers.iter().any(|server| Some(server_address(server)) == endpoint)
    }

    /// The same cluster again: perhaps by another address, perhaps for certain.
    pub(super) fn merge(&mut self, other: Self) {
        if self.servers.is_empty() || other.servers.is_empty() {
            self.servers.clear();
        } else {
            self.servers.extend(other.servers);
        }
    }
}

impl Asked<'_> {
    /// In authentication mode `CONFIG_MAP` EKS refuses to list access entries, of which there are
    /// none (EKS API, ListAccessEntries), and nothing can be associated with them.
    async fn all(&self, target: &Target, described: Option<&Value>) -> Result<(), Error> {
        let mode = described.and_then(|cluster| cluster.pointer("/cluster/accessConfig/authenticationMode"));
        if mode.is_none_or(|mode| mode != "CONFIG_MAP") {
            self.access_entries(target).await?;
            self.access_policies(target).await?;
        }
        self.associations(target).await?;
        if target.is_hub {
            self.capabilities(target).await?;
        }
        Ok(())
    }

    /// The same for all clusters of a region, but whose credentials may ask differs: each account is asked once.
    async fn access_policies(&self, target: &Target) -> Result<(), Error> {
        let key = (self.arn.account.clone(), self.arn.region.clone());
        let known = Arc::clone(locked(&self.run.access_policies).entry(key).or_default());
        let list = || async {
            let client = self.session.eks(&self.arn.region);
            all_pages!("accessPolicies", "nextToken", client.list_access_policies(), set_next_token)
        };
        let listed = known.get_or_init(list).await.clone();
        let path = format!("{}/eks/list-access-policies.json", target.folder());
        let gap = |cause: &Cause| {
            let what = format!("the access policies that EKS has for `{}`", self.arn);
            let command = format!("aws eks list-access-policies --region {}", self.arn.region);
            Gap::new(what, cause.to_string()).filled_by(command)
        };
        self.run.keep(&path, listed, gap).map(drop)
    }

    async fn access_entries(&self, target: &Target) -> Result<(), Error> {
        let client = self.session.eks(&self.arn.region);
        let listed = all_pages!(
            "accessEntries",
            "nextToken",
            client.list_access_entries().cluster_name(&self.arn.name),
            set_next_token
        );
        let path = format!("{}/eks/list-access-entries.json", target.folder());
        let listed =
            self.run.keep(&path, listed, |cause| self.gap(ACCESS_ENTRIES.0, cause, ACCESS_ENTRIES.1))?;
        let principals = texts(listed.as_ref(), "/accessEntries", "");
        self.run
            .each(principals, async |principal| self.access_entry(target, &client, &principal).await)
            .await
    }

    async fn access_entry(
        &self,
        target: &Target,
        client: &aws_sdk_eks::Client,
        principal: &str,
    ) -> Result<(), Error> {
        let (name, folder, key) = (&self.arn.name, target.folder(), key(principal));
        let entry = answer!(client.describe_access_entry().cluster_name(name).principal_arn(principal));
        self.run.keep(&format!("{folder}/eks/describe-access-entry-{key}.json"), entry, |cause| {
            self.gap(
                "the access entries",
                cause,
                &format!("describe-access-entry --principal-arn {principal}"),
            )
        })?;
        let policies = all_pages!(
            "associatedAccessPolicies",
            "nextToken",
            client.list_associated_access_policies().cluster_name(name).principal_arn(principal),
            set_next_token
        );
        self.run.keep(
            &format!("{folder}/eks/list-associated-access-policies-{key}.json"),
            policies,
            |cause| {
                let what = format!("the access policies of `{principal}`");
                self.gap(
                    &what,
                    cause,
                    &format!("list-associated-access-policies --principal-arn {principal}"),
                )
            },
        )?;
        Ok(())
    }

    async fn associations(&self, target: &Target) -> Result<(), Error> {
        let (client, name, folder) = (self.session.eks(&self.arn.region), &self.arn.name, target.folder());
        let listed = all_pages!(
            "associations",
            "nextToken",
            client.list_pod_identity_associations().cluster_name(name),
            set_next_token
        );
        let path = format!("{folder}/eks/list-pod-identity-associations.json");
        let listed = self.run.keep(&path, listed, |cause| self.gap(ASSOCIATIONS.0, cause, ASSOCIATIONS.1))?;
        let describe = async |id: String| {
            let answer =
                answer!(client.describe_pod_identity_association().cluster_name(name).association_id(&id));
            let path = format!("{folder}/eks/describe-pod-identity-association-{}.json", key(&id));
            let what = format!("the role of Pod Identity association `{id}`");
            let command = format!("describe-pod-identity-association --association-id {id}");
            self.run.keep(&path, answer, |cause| self.gap(&what, cause, &command)).map(drop)
        };
        self.run.each(texts(listed.as_ref(), "/associations", "associationId"), describe).await
    }

    async fn capabilities(&self, target: &Target) -> Result<(), Error> {
        let (client, name, folder) = (self.session.eks(&self.arn.region), &self.arn.name, target.folder());
        let listed = all_pages!(
            "capabilities",
            "nextToken",
            client.list_capabilities().cluster_name(name),
            set_next_token
        );
        let path = format!("{folder}/eks/list-capabilities.json");
        let listed = self
            .run
            .keep(&path, listed, |cause| self.gap("the EKS capabilities", cause, "list-capabilities"))?;
        let describe = async |capability: String| {
            let answer =
                answer!(client.describe_capability().cluster_name(name).capability_name(&capability));
            let path = format!("{folder}/eks/describe-capability-{}.json", key(&capability));
            let what = format!("the role of EKS capability `{capability}`");
            let command = format!("describe-capability --capability-name {capability}");
            self.run.keep(&path, answer, |cause| self.gap(&what, cause, &command)).map(drop)
        };
        self.run.each(texts(listed.as_ref(), "/capabilities", "capabilityName"), describe).await
    }

    fn gap(&self, what: &str, cause: &Cause, command: &str) -> Gap {
        gap(self.arn, what, cause, command)
    }
}

fn undescribed(arn: &ClusterArn, cause: &Cause) -> Gap {
    gap(arn, "the description", cause, "describe-cluster")
}

/// With the words that the inventory has for it.
fn gap(arn: &ClusterArn, what: &str, cause: &Cause, command: &str) -> Gap {
    let ClusterArn { region, name, .. } = arn;
    let flag = if command == "describe-cluster" { "--name" } else { "--cluster-name" };
    Gap::new(format!("{what} of `{arn}`"), cause.to_string())
        .filled_by(format!("aws eks {command} {flag} {name} --region {region}"))
}

/// The texts of a list, or of a field of its objects.
fn texts(answer: Option<&Value>, list: &str, field: &str) -> Vec<String> {
    let items = answer.and_then(|answer| answer.pointer(list)?.as_array()).into_iter().flatten();
    let text = |item: &Value| {
        if field.is_empty() { item.as_str() } else { item.get(field)?.as_str() }.map(str::to_owned)
    };
    items.filter_map(text).collect()
}
