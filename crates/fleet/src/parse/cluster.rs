//! The clusters: each sound by itself, and no two the same.

use std::collections::BTreeMap;

use facts::{ClusterArn, Place};

use super::Reader;
use crate::{Cluster, Hub, Install, Topology, file::ClusterFile, located::At, name};

/// The API server of the cluster that Argo CD runs in (Argo CD, common.go and v1alpha1/types.go).
const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";
const IN_CLUSTER_NAME: &str = "in-cluster";

/// Base64 of `-----BEGIN `, as far as it doesn't depend on what follows.
const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTi";

/// The label by which Argo CD finds cluster Secrets; it sets it itself.
const SECRET_TYPE_LABEL: &str = "argocd.argoproj.io/secret-type";

/// What is taken already, and where.
#[derive(Default)]
struct Taken {
    arns: BTreeMap<String, Place>,
    names: BTreeMap<String, Place>,
    servers: BTreeMap<String, Place>,
}

impl Reader {
    pub(super) fn clusters(
        &mut self,
        written: &At<Vec<At<ClusterFile>>>,
        topology: Topology,
        hub: Option<&Hub>,
    ) -> Vec<Cluster> {
        if written.get().is_empty() {
            let help = "name at least one; the hub too, if Argo CD deploys to it";
            self.wrong(written, "the fleet has no clusters", help);
        }
        let mut taken = Taken::default();
        let problems = self.problems.len();
        let clusters = written.get().iter().filter_map(|item| self.cluster(item, topology, hub, &mut taken));
        let clusters = clusters.collect();
        self.clusters_are_known = self.problems.len() == problems;
        clusters
    }

    fn cluster(
        &mut self,
        item: &At<ClusterFile>,
        topology: Topology,
        hub: Option<&Hub>,
        taken: &mut Taken,
    ) -> Option<Cluster> {
        let written = item.get();
        let topology = match &written.topology {
            Some(own) => self.topology_for(own, hub.map(|hub| hub.argocd.install)),
            None => topology,
        };
        let endpoint = written.endpoint.as_ref().and_then(|url| self.https(url, "an API server"));
        let certificate_authority =
            written.certificate_authority.as_ref().and_then(|ca| self.certificate(ca));
        let project = written.project.as_ref().and_then(|project| self.subdomain("an AppProject", project));
        let namespaces = written.namespaces.iter().filter_map(|n| self.label("a namespace", n)).collect();
        self.cluster_resources(written);
        let labels = self.labels(&written.labels);
        let arn = self.parsed::<ClusterArn>(&written.arn)?;
        let name = written.name.as_ref().map_or_else(|| arn.name.clone(), |name| name.get().clone());
        self.same_partition(written, &arn, hub);
        self.not_taken(written, &arn, &name, endpoint.as_deref(), taken);
        self.in_cluster_is_the_hub(written, &arn, hub);
        if written.leaving.unwrap_or_default() {
            self.leaving.insert(arn.clone());
        }
        Some(Cluster {
            arn,
            name,
            endpoint,
            certificate_authority,
            topology,
            project,
            namespaces,
            cluster_resources: written.cluster_resources.as_ref().is_some_and(|c| *c.get()),
            labels,
            opens_to_entries: written.authentication_mode.is_some(),
            place: item.place(&self.file),
        })
    }

    fn certificate(&mut self, text: &At<String>) -> Option<String> {
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if text.get().starts_with(PEM_IN_BASE64) && text.get().bytes().all(is_base64) {
            return Some(text.get().clone());
        }
        self.wrong(
            text,
            "this is not base64 of a PEM certificate",
            "write what `aws eks describe-cluster --query cluster.certificateAuthority.data` prints",
        );
        None
    }

    /// Without `namespaces` Argo CD doesn't look at `clusterResources` (gitops-engine, pkg/cache/cluster.go).
    fn cluster_resources(&mut self, written: &ClusterFile) {
        if let Some(value) = &written.cluster_resources
            && !value.get()
            && written.namespaces.is_empty()
        {
            self.wrong(
                value,
                "without `namespaces` Argo CD manages cluster-scoped objects whatever `clusterResources` says",
                "name the `namespaces`, or leave `clusterResources` out",
            );
        }
    }

    fn labels(&mut self, written: &BTreeMap<String, At<String>>) -> BTreeMap<String, String> {
        for (key, value) in written {
            if key == SECRET_TYPE_LABEL {
                self.wrong(value, format!("the label `{key}` belongs to Argo CD"), "leave it out");
            } else if !name::is_label_key(key) {
                self.wrong(
                    value,
                    format!("`{key}` can't be a label"),
                    "see Kubernetes, \"Labels and Selectors\"",
                );
            } else if !name::is_label_value(value.get()) {
                let message = format!("`{}` can't be the value of a label", value.get());
                self.wrong(value, message, "use letters, digits, `-`, `_` and `.`, 63 characters at most");
            }
        }
        written.iter().map(|(key, value)| (key.clone(), value.get().clone())).collect()
    }

    fn same_partition(&mut self, written: &ClusterFile, arn: &ClusterArn, hub: Option<&Hub>) {
        if let Some(hub) = hub
            && arn.partition != hub.arn.partition
        {
            let message = format!(
                "the cluster is in the partition `{}`, its hub in `{}`: IAM doesn't reach across partitions",
                arn.partition, hub.arn.partition
            );
            self.wrong(&written.arn, message, "each partition needs a hub of its own");
        }
    }

    fn not_taken(
        &mut self,
        written: &ClusterFile,
        arn: &ClusterArn,
        name: &str,
        endpoint: Option<&str>,
        taken: &mut Taken,
    ) {
        self.only_once("ARN", &mut taken.arns, arn.to_string(), &written.arn);
        let name_stands_at = written.name.as_ref().unwrap_or(&written.arn);
        if name.trim().is_empty() {
            self.wrong(name_stands_at, "a cluster's name can't be empty", "leave it out for its name in EKS");
        }
        self.only_once("name", &mut taken.names, name.to_owned(), name_stands_at);
        if let (Some(endpoint), Some(place)) = (endpoint, &written.endpoint) {
            self.only_once("server", &mut taken.servers, endpoint.to_owned(), place);
        }
    }

    /// Argo CD takes the first of two Secrets with one server, silently, and refuses two with one name (util/argo/argo.go).
    fn only_once(
        &mut self,
        what: &str,
        taken: &mut BTreeMap<String, Place>,
        key: String,
        value: &At<String>,
    ) {
        let place = value.place(&self.file);
        let help = if what == "ARN" { "name each cluster once" } else { "give each cluster its own" };
        match taken.get(&key) {
            Some(first) => {
                self.wrong(
                    value,
                    format!("two clusters have the {what} `{key}`: the other is at {first}"),
                    help,
                );
            }
            None => drop(taken.insert(key, place)),
        }
    }

    /// `https://kubernetes.default.svc` and `in-cluster` mean the cluster that Argo CD runs in.
    fn in_cluster_is_the_hub(&mut self, written: &ClusterFile, arn: &ClusterArn, hub: Option<&Hub>) {
        let Some(hub) = hub else { return };
        let in_cluster = |text: &At<String>, reserved: &str| text.get().trim_end_matches('/') == reserved;
        if let Some(endpoint) = written.endpoint.as_ref().filter(|e| in_cluster(e, IN_CLUSTER_SERVER)) {
            if *arn != hub.arn {
                let message = format!("`{IN_CLUSTER_SERVER}` is the hub, and this cluster isn't");
                self.wrong(
                    endpoint,
                    message,
                    "write the endpoint that `aws eks describe-cluster` prints, or leave it out",
                );
            } else if hub.argocd.install == Install::EksCapability {
                let message = format!("the EKS capability doesn't know `{IN_CLUSTER_SERVER}`");
                self.wrong(
                    endpoint,
                    message,
                    "leave it out: the hub is a cluster like any other, by its ARN",
                );
            }
        }
        if let Some(name) = written.name.as_ref().filter(|n| in_cluster(n, IN_CLUSTER_NAME))
            && *arn != hub.arn
        {
            let message =
                format!("`{IN_CLUSTER_NAME}` is Argo CD's name for the hub, and this cluster isn't");
            self.wrong(name, message, "choose another");
        }
    }
}
