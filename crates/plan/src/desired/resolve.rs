//! From a plan's input to a site: every look-up in the inventory that the desired objects need.

use std::collections::{BTreeMap, HashMap};

use argocd::{CachedKind, ClusterSecret, ResourcesFilter, SECRET_TYPE_LABEL, Secret, Settings};
use facts::ClusterArn;
use fleet::{CacheWidth, Cluster, Install};
use inventory::{Description, Inventory, KubernetesObject};
use serde::Deserialize as _;

use super::{
    impersonation::{self, SyncAccount},
    repository_secret::RepositorySecret,
    site::{App, LiveSecret, Site, Spoke},
    today,
    trust::ServiceAccount,
};
use crate::{
    capability,
    destination::{self, Destinations},
    input::{ClusterNeeds, Deployed, Input},
};

/// Everything that the desired objects are worked out from.
pub(super) fn site<'a>(input: &'a Input<'a>, needs: &'a [ClusterNeeds]) -> Site<'a> {
    let fleet = input.fleet;
    let cm = config_map(input, "argocd-cm");
    let params = config_map(input, "argocd-cmd-params-cm");
    let settings = Settings::parse(&cm, None, &params).unwrap_or_default();
    let issuer = || description(input.inventory, &fleet.hub.arn)?.oidc_issuer.clone();
    let secrets = live_secrets(input);
    let clusters: HashMap<&ClusterArn, &Cluster> = fleet.clusters.iter().map(|c| (&c.arn, c)).collect();
    let of = |needs: &'a ClusterNeeds| spoke(input, needs, clusters.get(&needs.arn).copied(), &secrets);
    let mut spokes: Vec<Spoke<'a>> = needs.iter().map(of).collect();
    spokes.sort_by_key(|spoke| spoke.arn);
    let mut applications = applications(input);
    applications.sort_by(|a, b| (&a.cluster, a.name()).cmp(&(&b.cluster, b.name())));
    let relied_on = relied_on(input, &spokes, &cm);
    Site {
        fleet,
        inventory: input.inventory,
        spokes,
        projects: &input.projects,
        applications,
        issuer: fleet.hub.oidc_issuer.clone().or_else(issuer),
        impersonation: fleet.impersonation.unwrap_or(settings.impersonation_enabled),
        settings: relied_on,
        today: today::of(input),
        repository_secrets: hub_secrets(input).iter().filter_map(RepositorySecret::of).collect(),
        secret_keys: secret_keys(input.inventory),
        capabilities: capability::capabilities(fleet, input.inventory),
        capability_role: capability::role(fleet, input.inventory),
    }
}

/// As whom an Application syncs once the plan is applied; none where Argo CD refuses its project, or where the URL of
/// its cluster isn't known.
pub(crate) fn sync_account(
    input: &Input<'_>,
    arn: &ClusterArn,
    deployed: &Deployed,
) -> Option<ServiceAccount> {
    let fleet = input.fleet;
    let cluster = fleet.clusters.iter().find(|cluster| cluster.arn == *arn);
    let in_cluster = *arn == fleet.hub.arn && fleet.hub.argocd.install == Install::SelfManaged;
    let server = match cluster {
        _ if in_cluster => argocd::IN_CLUSTER_SERVER.to_owned(),
        cluster => {
            let described = || description(input.inventory, arn)?.endpoint.as_deref();
            destination::server(cluster?, cluster?.endpoint.as_deref().or_else(described))?
        }
    };
    let application = &deployed.application;
    let project = input.projects.iter().find(|project| project.name == application.project);
    match impersonation::choose(fleet, project, application, &server) {
        SyncAccount::Named(account) | SyncAccount::Planned(account, _) => {
            Some(ServiceAccount { namespace: account.namespace.to_string(), name: account.name.to_string() })
        }
        SyncAccount::Refused(_) => None,
    }
}

fn spoke<'a>(
    input: &'a Input<'a>,
    needs: &'a ClusterNeeds,
    cluster: Option<&'a Cluster>,
    secrets: &BTreeMap<String, LiveSecret>,
) -> Spoke<'a> {
    let described = description(input.inventory, &needs.arn);
    let endpoint = cluster.and_then(|cluster| cluster.endpoint.clone());
    let endpoint = endpoint.or_else(|| described?.endpoint.clone());
    let authority = cluster.and_then(|cluster| cluster.certificate_authority.clone());
    let mut spoke = Spoke {
        arn: &needs.arn,
        cluster,
        in_cluster: needs.in_cluster,
        needs: &needs.needs,
        cached_kinds: &needs.cached_kinds,
        endpoint,
        certificate_authority: authority.or_else(|| described?.certificate_authority.clone()),
        secret: None,
        authentication_mode: described.and_then(|described| described.authentication_mode.clone()),
    };
    spoke.secret = spoke.server().and_then(|server| secrets.get(&server).cloned());
    spoke
}

/// The Secrets that register clusters already, by server. A second Secret for one server would be ignored or, worse,
/// not: util/db/cluster.go takes whichever comes first.
fn live_secrets(input: &Input<'_>) -> BTreeMap<String, LiveSecret> {
    let secrets = hub_secrets(input).into_iter().filter(|secret| secret.secret_type() == Some("cluster"));
    secrets
        .filter_map(|secret| {
            let content = ClusterSecret::from_secret(&secret).ok()?;
            Some((content.server.clone(), LiveSecret { name: secret.metadata.name, content }))
        })
        .collect()
}

fn applications<'a>(input: &'a Input<'a>) -> Vec<App<'a>> {
    let destinations = Destinations::new(input.fleet, input.inventory);
    let app = |deployed: &'a Deployed| {
        let deployment = deployed.deployment.as_ref();
        App {
            application: &deployed.application,
            cluster: destinations.resolve(&deployed.application).ok().cloned(),
            deployment,
        }
    };
    input.applications.iter().map(app).collect()
}

/// The keys of argocd-cm that decide the needs: those of today, and the inclusions that the fleet file asks for.
fn relied_on(
    input: &Input<'_>,
    spokes: &[Spoke<'_>],
    cm: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let relied = ["resource.exclusions", "resource.inclusions", "resource.respectRBAC"];
    let mut keys: BTreeMap<String, String> = cm
        .iter()
        .filter(|(key, _)| relied.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if input.fleet.cache == Some(CacheWidth::Inclusions) {
        keys.insert("resource.inclusions".to_owned(), inclusions(spokes));
    }
    keys
}

/// One entry for each set of kinds and the clusters that have it: a kind that only one cluster may list would stop
/// the others.
fn inclusions(spokes: &[Spoke<'_>]) -> String {
    let mut sets: BTreeMap<Vec<(&str, &str)>, Vec<String>> = BTreeMap::new();
    for spoke in spokes {
        let kinds = spoke.cached_kinds.iter().map(|CachedKind { group, kind, .. }| (&**group, &**kind));
        let servers = match spoke.in_cluster {
            true => in_cluster_patterns(),
            false => vec![spoke.server().unwrap_or_default()],
        };
        sets.entry(kinds.collect()).or_default().extend(servers);
    }
    sets.iter()
        .map(|(kinds, servers)| {
            let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
            ResourcesFilter::to_inclusions_yaml(kinds.iter().copied(), &servers)
        })
        .collect()
}

/// On the hub Argo CD matches `clusters` against the address in `KUBERNETES_SERVICE_HOST` (client-go,
/// rest.InClusterConfig): an IPv4 or IPv6 service address, never a name.
fn in_cluster_patterns() -> Vec<String> {
    [argocd::IN_CLUSTER_SERVER, "https://[0-9]*:443", "https://\\[*\\]:443"].map(str::to_owned).into()
}

fn secret_keys(inventory: Option<&Inventory>) -> BTreeMap<String, Option<String>> {
    let accounts = inventory.into_iter().flat_map(|inventory| inventory.accounts.values());
    accounts
        .flat_map(|account| &account.secrets)
        .map(|(arn, secret)| (arn.clone(), secret.kms_key.clone()))
        .collect()
}

/// The Secrets of Argo CD's namespace that are labelled as its own.
fn hub_secrets(input: &Input<'_>) -> Vec<Secret> {
    let objects = hub_objects(input, "secrets").unwrap_or_default();
    let labelled = objects.into_iter().filter(|object| {
        object.body.at("/metadata/labels").is_some_and(|labels| labels.get(SECRET_TYPE_LABEL).is_some())
    });
    labelled.filter_map(|object| object.body.read()).collect()
}

fn hub_objects<'a>(input: &'a Input<'_>, resource: &str) -> Option<Vec<&'a KubernetesObject>> {
    let namespace = input.fleet.hub.argocd.namespace.as_str();
    let kubernetes = &input.inventory?.clusters.get(&input.fleet.hub.arn)?.kubernetes;
    let objects = kubernetes.objects.get(resource)?;
    Some(objects.iter().filter(|object| object.namespace.as_deref() == Some(namespace)).collect())
}

fn config_map(input: &Input<'_>, name: &str) -> BTreeMap<String, String> {
    let objects = hub_objects(input, "configmaps").unwrap_or_default();
    let found = objects.into_iter().find(|object| object.name == name);
    found.and_then(|object| BTreeMap::deserialize(object.body.at("/data")?).ok()).unwrap_or_default()
}

fn description<'a>(inventory: Option<&'a Inventory>, arn: &ClusterArn) -> Option<&'a Description> {
    inventory?.clusters.get(arn)?.description.known()
}
