//! The hop from a cluster to the credentials that Argo CD uses for it: its cluster Secret (util/db/cluster.go,
//! `GetCluster`; pkg/apis/application/v1alpha1/types.go, `RawRestConfig`).

use argocd::{AwsAuthConfig, ClusterSecret, ExecProviderConfig, IN_CLUSTER_SERVER, Secret};
use facts::{ClusterArn, Gap, Place};
use inventory::{Cluster, KubernetesObject};

use crate::hop::{At, Hop};

/// A cluster Secret, and where it was read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// As Argo CD reads it.
    pub(crate) secret: ClusterSecret,
    /// Its name; none for the hub, which Argo CD knows without one.
    pub(crate) name: Option<String>,
    /// Where it was read.
    pub(crate) place: Option<Place>,
    /// Its server, as [`server_address`] has it.
    address: String,
}

/// The cluster Secrets in Argo CD's namespace that it can read, in the order of their names.
pub(crate) fn all(secrets: &[KubernetesObject], namespace: &str) -> Vec<Found> {
    let own = secrets.iter().filter(|object| object.namespace.as_deref() == Some(namespace));
    let mut found: Vec<Found> = own.filter_map(read).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn read(object: &KubernetesObject) -> Option<Found> {
    let secret = read_cluster_secret(object)?;
    let address = server_address(&secret.server);
    Some(Found { secret, name: Some(object.name.clone()), place: Some(object.place.clone()), address })
}

/// A cluster Secret as Argo CD reads it; it skips one that it can't read.
pub fn read_cluster_secret(object: &KubernetesObject) -> Option<ClusterSecret> {
    let secret = object.body.read::<Secret>()?;
    secret.secret_type().filter(|kind| *kind == "cluster")?;
    ClusterSecret::from_secret(&secret).ok()
}

/// How Argo CD knows a cluster.
///
/// # Errors
/// With the hop at which it ends.
pub(crate) fn of_cluster(
    all: &[Found],
    hub: (&ClusterArn, &Cluster),
    namespace: &str,
    arn: &ClusterArn,
    cluster: &Cluster,
) -> Result<Found, Hop> {
    let at = At::ClusterSecret;
    let what = || format!("how Argo CD knows `{}`", arn.name);
    hub.1.kubernetes.list("secrets").map_err(|gap| Hop::unknown(at, what(), [gap]))?;
    let endpoint = cluster.description.known().and_then(|description| description.endpoint.as_deref());
    let (endpoint, own_arn) = (endpoint.map(server_address), arn.to_string());
    let is_of = |found: &&Found| {
        endpoint.as_ref() == Some(&found.address)
            || found.secret.server == own_arn
            || (found.secret.server == IN_CLUSTER_SERVER && hub.0 == arn)
    };
    let mut own = all.iter().filter(is_of);
    match (own.next(), own.next()) {
        (Some(found), None) => Ok(found.clone()),
        (Some(one), Some(other)) if one.secret.server == other.secret.server => {
            let names = [one, other].map(|found| found.name.clone().unwrap_or_default());
            let gap = Gap::new(
                format!(
                    "which of the Secrets `{}` Argo CD takes for `{}`",
                    names.join("` and `"),
                    one.secret.server
                ),
                "both have that server, and Argo CD takes the first that its cache has",
            );
            Err(Hop::unknown(at, what(), [gap.filled_by("delete one of them")]))
        }
        // By its own address and by its API server's: Applications say by which, and each is a way of its own.
        (Some(found), Some(_)) => Ok(found.clone()),
        // A Secret may have the hub's own address.
        (None, _) if hub.0 == arn => match cluster.description.gap().filter(|_| !all.is_empty()) {
            Some(gap) => Err(Hop::unknown(at, what(), [gap.clone()])),
            None => in_cluster(hub.1, namespace),
        },
        (None, _) => Err(no_secret(all, hub.0, namespace, arn, cluster)),
    }
}

/// The cluster's address may be one that nobody described, or one that only leads there, such as a proxy's.
fn no_secret(all: &[Found], hub: &ClusterArn, namespace: &str, arn: &ClusterArn, cluster: &Cluster) -> Hop {
    let at = At::ClusterSecret;
    let what = format!("how Argo CD knows `{}`", arn.name);
    if let Some(gap) = cluster.description.gap() {
        return Hop::unknown(at, what, [gap.clone()]);
    }
    let endpoint = cluster.description.known().and_then(|description| description.endpoint.as_deref());
    let is_for = |found: &&Found| {
        found.secret.config.aws_auth.as_ref().is_some_and(|aws| aws.cluster_name == arn.name)
    };
    if let Some(found) = all.iter().find(is_for) {
        let name = found.name.as_deref().unwrap_or_default();
        let leads =
            format!("whether `{}` of the Secret `{name}` leads to `{}`", found.secret.server, arn.name);
        let gap =
            Gap::new(leads, "its `clusterName` is this one's, and its server isn't the cluster's endpoint");
        let fill = format!("set its `server` to {}", endpoint.unwrap_or("the cluster's endpoint"));
        return Hop::unknown(at, what, [gap.filled_by(fill)]);
    }
    let why = format!("no cluster Secret in `{namespace}` on `{}` has this cluster's server", hub.name);
    Hop::no(at, why).changed_by(format!(
        "make a Secret with the label `argocd.argoproj.io/secret-type: cluster` and `server: {}`",
        endpoint.unwrap_or("…")
    ))
}

/// A URL as far as it says which server is meant: hosts have no case, and 443 is the port of `https`.
pub fn server_address(url: &str) -> String {
    let url = url.trim_end_matches('/').to_lowercase();
    url.strip_suffix(":443").unwrap_or(&url).to_owned()
}

/// The hub itself needs no Secret, unless `cluster.inClusterEnabled` is off (util/db/cluster.go, `getLocalCluster`).
fn in_cluster(hub: &Cluster, namespace: &str) -> Result<Found, Hop> {
    let settings = hub.kubernetes.find("configmaps", Some(namespace), "argocd-cm");
    let enabled = settings.and_then(|map| map.body.text("/data/cluster.inClusterEnabled"));
    if enabled.as_deref() == Some("false") {
        let hop = Hop::no(
            At::ClusterSecret,
            "`cluster.inClusterEnabled` is `false` in argocd-cm, and no Secret names the hub",
        );
        return Err(hop.changed_by("make a cluster Secret for the hub"));
    }
    let secret = ClusterSecret { server: IN_CLUSTER_SERVER.to_owned(), ..ClusterSecret::default() };
    Ok(Found { address: server_address(&secret.server), secret, name: None, place: None })
}

/// What a command that gets a token for EKS is told: Argo CD's own, or the AWS CLI's.
pub fn aws_of(exec: &ExecProviderConfig) -> Option<AwsAuthConfig> {
    let program = exec.command.rsplit('/').next().unwrap_or_default();
    let arguments: Vec<&str> = exec.args.iter().map(String::as_str).collect();
    let rest = match (program, arguments.as_slice()) {
        ("argocd-k8s-auth", ["aws", rest @ ..]) | ("aws", ["eks", "get-token", rest @ ..]) => rest,
        _ => return None,
    };
    if exec
        .env
        .keys()
        .any(|name| name.starts_with("AWS_") && name != "AWS_REGION" && name != "AWS_DEFAULT_REGION")
    {
        return None;
    }
    let mut aws = AwsAuthConfig::default();
    let mut words = rest.iter().copied();
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, value),
            None => (word, words.next().unwrap_or_default()),
        };
        match flag {
            "--cluster-name" => aws.cluster_name = value.to_owned(),
            "--role-arn" => aws.role_arn = value.to_owned(),
            "--profile" => aws.profile = value.to_owned(),
            "--region" | "--output" => {}
            _ => return None,
        }
    }
    Some(aws)
}
