//! Where Argo CD runs.

use argocd::SECRET_TYPE_LABEL;
use facts::ClusterArn;
use inventory::{Cluster, Inventory, KubernetesObject};

/// One Argo CD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The cluster that it runs in.
    pub hub: ClusterArn,
    /// The namespace of its objects.
    pub namespace: String,
    /// The service account of the application controller.
    pub controller: String,
    /// The service account of argocd-server.
    pub server: String,
}

/// A component of Argo CD that talks to the clusters that it deploys to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// The application controller.
    Controller,
    /// argocd-server.
    Server,
}

/// Why it isn't clear which Argo CD is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInstallation {
    /// No cluster has any of its objects.
    #[error(
        "no cluster of the inventory has Argo CD's objects: the ConfigMap `argocd-cm`, cluster Secrets, or a capability of type ARGOCD"
    )]
    None,
    /// Several clusters have.
    #[error("several clusters have an Argo CD: {}", .0.join(", "))]
    Several(Vec<String>),
}

impl Installation {
    /// The only Argo CD of an inventory, or the one on a cluster.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn find(inventory: &Inventory, on: Option<&ClusterArn>) -> Result<Self, NoInstallation> {
        let clusters = inventory.clusters.iter().filter(|(arn, _)| on.is_none_or(|on| on == *arn));
        let found: Vec<Self> = clusters.filter_map(|(arn, cluster)| Self::on(arn, cluster)).collect();
        match found.as_slice() {
            [] => Err(NoInstallation::None),
            [one] => Ok(one.clone()),
            several => Err(NoInstallation::Several(several.iter().map(|one| one.hub.to_string()).collect())),
        }
    }

    /// The Argo CD on a cluster.
    pub fn on(arn: &ClusterArn, cluster: &Cluster) -> Option<Self> {
        let namespace = namespace(cluster)?;
        let account = |default: &str| service_account(cluster, &namespace, default);
        Some(Self {
            hub: arn.clone(),
            controller: account("argocd-application-controller"),
            server: account("argocd-server"),
            namespace,
        })
    }

    /// The service account of a component.
    pub fn account_of(&self, component: Component) -> &str {
        match component {
            Component::Controller => &self.controller,
            Component::Server => &self.server,
        }
    }
}

fn namespace(cluster: &Cluster) -> Option<String> {
    let objects = |list: &'static str| cluster.kubernetes.list(list).unwrap_or_default().iter();
    let is_cluster = |object: &&KubernetesObject| {
        let labels = object.body.at("/metadata/labels");
        labels.as_ref().and_then(|labels| labels.get(SECRET_TYPE_LABEL)).is_some_and(|kind| kind == "cluster")
    };
    let by_settings = objects("configmaps").find(|map| map.name == "argocd-cm");
    let by_secret = || objects("secrets").find(is_cluster);
    if let Some(object) = by_settings.or_else(by_secret) {
        return object.namespace.clone();
    }
    let mut capabilities = cluster.capabilities.known()?.values();
    let capability = capabilities.find(|capability| capability.kind == "ARGOCD")?;
    let details = capability.details.known();
    Some(details.and_then(|details| details.namespace.clone()).unwrap_or_else(|| "argocd".to_owned()))
}

/// By its usual name, or what a Helm release made of that: its end stays the same (the chart's `serviceAccountName` templates).
fn service_account(cluster: &Cluster, namespace: &str, usual: &str) -> String {
    let accounts = cluster.kubernetes.list("serviceaccounts").unwrap_or_default().iter();
    let own: Vec<&str> = accounts
        .filter(|account| account.namespace.as_deref() == Some(namespace))
        .map(|account| account.name.as_str())
        .collect();
    let end = usual.strip_prefix("argocd").unwrap_or(usual);
    let renamed = || own.iter().find(|name| name.ends_with(end) && !name.contains("repo-server"));
    let found = own.iter().find(|name| **name == usual).or_else(renamed);
    found.map_or_else(|| usual.to_owned(), |name| (*name).to_owned())
}
