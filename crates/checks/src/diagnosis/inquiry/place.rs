//! Which cluster an error is about: by its server, by a name, by an Application, by a role that only one cluster knows.

use argocd::{ClusterSecret, IN_CLUSTER_SERVER};
use facts::{ClusterArn, Gap};
use inventory::{Inventory, KubernetesObject};

use super::Inquiry;
use crate::diagnosis::diagnosed::{Diagnosed, role_of};

impl Inquiry<'_> {
    /// The cluster.
    pub(super) fn place(&self, error: &Diagnosed) -> Result<ClusterArn, Gap> {
        if let Some(server) = error.part("server") {
            let what = format!("which cluster `{server}` is");
            let cause = "the inventory has no cluster with that endpoint";
            return self.by_server(server).ok_or_else(|| {
                Gap::new(what, cause).filled_by("add it to the inventory: aws eks describe-cluster")
            });
        }
        let named = ["cluster", "cluster-arn"].iter().find_map(|part| self.by_name(error.part(part)?));
        let own = named.or_else(|| self.by_application(error)).or_else(|| self.cluster.clone());
        own.or_else(|| self.by_user(error)).or_else(|| self.only()).ok_or_else(|| {
            Gap::new("which cluster it is about", "the error names none")
                .filled_by("name it: `--cluster NAME`")
        })
    }

    /// The cluster Secrets that Argo CD can read.
    pub(super) fn secrets(&self) -> Vec<(&KubernetesObject, ClusterSecret)> {
        let Some(argocd) = &self.argocd else { return Vec::new() };
        let hub = self.inventory.clusters.get(&argocd.hub);
        let objects = hub.and_then(|hub| hub.kubernetes.list("secrets").ok()).unwrap_or_default().iter();
        let own = objects.filter(|object| object.namespace.as_deref() == Some(&argocd.namespace));
        own.filter_map(|object| Some((object, access::read_cluster_secret(object)?))).collect()
    }

    /// The cluster Secret of a cluster: by its address, its ARN, or the name for which tokens are made.
    pub(super) fn secret_of(&self, arn: &ClusterArn) -> Option<(&KubernetesObject, ClusterSecret)> {
        let mut all = self.secrets();
        let own = all.iter().position(|(_, secret)| self.by_server(&secret.server).as_ref() == Some(arn));
        own.map(|index| all.swap_remove(index))
    }

    fn by_server(&self, server: &str) -> Option<ClusterArn> {
        let server = server.trim_end_matches('/');
        if server == IN_CLUSTER_SERVER {
            return self.argocd.as_ref().map(|argocd| argocd.hub.clone());
        }
        let is = |arn: &ClusterArn| arn.to_string() == server;
        let mut all = self.inventory.clusters.iter();
        let found = all.find(|(arn, cluster)| {
            let endpoint = cluster.description.known().and_then(|own| own.endpoint.as_deref());
            endpoint
                .is_some_and(|endpoint| access::server_address(endpoint) == access::server_address(server))
                || is(arn)
        });
        found.map(|(arn, _)| arn.clone()).or_else(|| self.by_old_server(server))
    }

    /// By a cluster Secret with an address that is no cluster's: by the name for which it makes tokens.
    fn by_old_server(&self, server: &str) -> Option<ClusterArn> {
        let all = self.secrets();
        let secret = all
            .iter()
            .map(|(_, secret)| secret)
            .find(|secret| access::server_address(&secret.server) == access::server_address(server))?;
        named(self.inventory, &secret.config.aws_auth.as_ref()?.cluster_name)
    }

    /// By its ARN, its name in Argo CD, or its name in EKS if only one has it.
    fn by_name(&self, name: &str) -> Option<ClusterArn> {
        if name == "in-cluster" {
            return self.argocd.as_ref().map(|argocd| argocd.hub.clone());
        }
        let known = self.secrets().into_iter().find(|(_, secret)| secret.name == name);
        known.and_then(|(_, secret)| self.by_server(&secret.server)).or_else(|| named(self.inventory, name))
    }

    fn by_application(&self, error: &Diagnosed) -> Option<ClusterArn> {
        let destination = self.application(error)?.body.at("/spec/destination")?;
        let at = |field: &str| destination.get(field).and_then(|own| own.as_str());
        at("server").and_then(|server| self.by_server(server)).or_else(|| self.by_name(at("name")?))
    }

    /// The Application beside an error: of logs it has its namespace before its name.
    pub(super) fn application(&self, error: &Diagnosed) -> Option<&KubernetesObject> {
        let name = error.part("application")?;
        let name = name.rsplit('/').next().unwrap_or(name);
        let hub = self.inventory.clusters.get(&self.argocd.as_ref()?.hub)?;
        hub.kubernetes.list("applications").ok()?.iter().find(|own| own.name == name)
    }

    /// The only cluster that has an access entry of the role that asks.
    fn by_user(&self, error: &Diagnosed) -> Option<ClusterArn> {
        let user = error.part("caller-arn").or_else(|| error.part("user"))?;
        let argocd = self.argocd.as_ref();
        if let Some(argocd) =
            argocd.filter(|argocd| user.starts_with(&format!("system:serviceaccount:{}:", argocd.namespace)))
        {
            return Some(argocd.hub.clone());
        }
        let (account, role) = (user.split(':').nth(4)?, role_of(user)?);
        let is = |principal: &String| {
            principal.split(':').nth(4) == Some(account) && role_of(principal) == Some(role)
        };
        let mut own = self.inventory.clusters.iter().filter(|(_, cluster)| {
            cluster.access_entries.known().is_some_and(|entries| entries.keys().any(is))
        });
        let first = own.next()?;
        own.next().is_none().then(|| first.0.clone())
    }

    fn only(&self) -> Option<ClusterArn> {
        let mut all = self.inventory.clusters.keys();
        all.next().filter(|_| all.next().is_none()).cloned()
    }
}

fn named(inventory: &Inventory, name: &str) -> Option<ClusterArn> {
    let mut own = inventory.clusters.keys().filter(|arn| arn.name == name || arn.to_string() == name);
    own.next().filter(|_| own.next().is_none()).cloned()
}
