//! What was asked, as the servers under test wrote it down.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context, Result};
use serde_json::Value;

use super::fleet::HUB;

/// Counts of what was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Recordings {
    /// Requests to AWS that weren't too many, by service.
    pub(super) aws: BTreeMap<String, usize>,
    /// Those to EKS that name a cluster, by the cluster.
    pub(super) eks: BTreeMap<String, usize>,
    /// Requests to API servers, by cluster.
    pub(super) api_servers: BTreeMap<String, usize>,
    /// Requests that were one too many, by what was asked.
    pub(super) throttled: BTreeMap<String, usize>,
}

impl Recordings {
    pub(super) fn of(aws: &[Value], api_servers: &[Value]) -> Result<Self> {
        let mut all = Self::default();
        for call in aws {
            let service = text(call, "/service");
            if all.limited(call) {
                continue;
            }
            count(&mut all.aws, service);
            if let Some(cluster) = cluster(call).filter(|_| service == "eks") {
                count(&mut all.eks, cluster);
            }
        }
        for call in api_servers {
            let cluster = call.get("cluster").and_then(Value::as_str).context("a call to no cluster")?;
            if !all.limited(call) {
                count(&mut all.api_servers, cluster);
            }
        }
        Ok(all)
    }

    /// Whether it was one too many; then it is counted as such, and asked again.
    fn limited(&mut self, call: &Value) -> bool {
        let is_limited = text(call, "/by") == "limit";
        if is_limited {
            count(&mut self.throttled, &format!("{} {}", text(call, "/service"), text(call, "/action")));
        }
        is_limited
    }

    /// What was asked after `before`.
    pub(super) fn since(&self, before: &Self) -> Self {
        let less = |now: &BTreeMap<String, usize>, before: &BTreeMap<String, usize>| {
            let of = |(name, count): (&String, &usize)| {
                (name.clone(), count - before.get(name).copied().unwrap_or_default())
            };
            now.iter().map(of).filter(|(_, count)| *count > 0).collect()
        };
        Self {
            aws: less(&self.aws, &before.aws),
            eks: less(&self.eks, &before.eks),
            api_servers: less(&self.api_servers, &before.api_servers),
            throttled: less(&self.throttled, &before.throttled),
        }
    }

    /// All that weren't too many.
    pub(super) fn served(&self) -> usize {
        self.aws.values().chain(self.api_servers.values()).sum()
    }

    /// All of it.
    pub(super) fn all(&self) -> usize {
        self.served() + self.too_many()
    }

    pub(super) fn too_many(&self) -> usize {
        self.throttled.values().sum()
    }

    /// The most that a spoke was asked about, of EKS and of its API server. The hub has objects for each of them.
    pub(super) fn of_a_spoke(&self) -> (usize, usize) {
        let hub = HUB.rsplit('/').next().unwrap_or_default();
        let most = |counts: &BTreeMap<String, usize>| {
            counts.iter().filter(|(name, _)| *name != hub).map(|(_, count)| *count).max().unwrap_or_default()
        };
        (most(&self.eks), most(&self.api_servers))
    }
}

/// The cluster that a call to EKS names, by its name or by the ARN of something of it: `arn:…:access-entry/CLUSTER/…`.
fn cluster(call: &Value) -> Option<&str> {
    let named = ["clusterName", "name"].map(|name| text(call, &format!("/parameters/{name}")));
    let of_arn = text(call, "/parameters/resourceArn").split('/').nth(1);
    named.into_iter().find(|name| !name.is_empty()).or(of_arn)
}

fn text<'v>(call: &'v Value, pointer: &str) -> &'v str {
    call.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn count(counts: &mut BTreeMap<String, usize>, what: &str) {
    *counts.entry(what.to_owned()).or_default() += 1;
}

impl fmt::Display for Recordings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services: Vec<String> =
            self.aws.iter().map(|(service, count)| format!("{count} {service}")).collect();
        let (eks, api_server) = self.of_a_spoke();
        write!(
            f,
            "{} requests to AWS ({}) and {} to API servers; at most {eks} to EKS and {api_server} to its API server about one spoke; {} throttled",
            self.aws.values().sum::<usize>(),
            services.join(", "),
            self.api_servers.values().sum::<usize>(),
            self.too_many(),
        )?;
        if !self.throttled.is_empty() {
            write!(f, " {:?}", self.throttled)?;
        }
        Ok(())
    }
}
