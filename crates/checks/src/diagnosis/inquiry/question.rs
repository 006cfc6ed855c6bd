//! What is asked of the chain for an error, and how it is asked.

use access::{
    Accounts, At, Component, Hop, Installation, Passes, ServiceAccount, Way, authorization::Authorizers,
    verdict, way,
};
use facts::{ClusterArn, Gap, RoleArn};
use inventory::Inventory;
use rbac::Request;

use super::{Inquiry, who::Comer};
use crate::diagnosis::{diagnosed::Diagnosed, signature::Asks};

/// A question, by names alone: it is asked of inventories that a change made, too.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// Whether somebody may make a request.
    Request { cluster: ClusterArn, by: Comer, request: Request },
    /// Whether components come to a cluster.
    Arrival { cluster: ClusterArn, components: Vec<Component> },
    /// Whether a role's sessions may assume another.
    Assume { principal: RoleArn, role: RoleArn },
    /// Whether pods of service accounts get credentials of their own.
    Credentials { accounts: Vec<ServiceAccount> },
    /// Whether a cluster Secret has the cluster's certificate authority.
    Certificate { cluster: ClusterArn, hub: ClusterArn, namespace: String, name: String },
    /// Whether an AppProject permits something.
    Project(super::project::Permit),
    /// Whether a cluster Secret has something managed.
    Managed(super::managed::Managed),
    /// Whether Argo CD's own RBAC lets somebody do something.
    Person(super::person::Person),
    /// Whether somebody holds what a role has in it.
    Escalation(super::escalation::Escalation),
}

pub(super) const BOTH: [Component; 2] = [Component::Controller, Component::Server];

impl Question {
    /// What an error asks; `None` where an inventory can't say anything.
    pub(super) fn of(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Option<Result<Self, Gap>> {
        match error.signature.asks {
            Asks::Nothing => None,
            Asks::Managed => Some(super::managed::Managed::of(inquiry, error).map(Self::Managed)),
            Asks::ArgocdRbac => Some(super::person::Person::of(inquiry, error).map(Self::Person)),
            Asks::Escalation => Some(super::escalation::Escalation::of(inquiry, error).map(Self::Escalation)),
            Asks::Project => {
                super::project::Permit::of(inquiry, error).map(|permit| permit.map(Self::Project))
            }
            Asks::Request => Some(request(inquiry, error)),
            Asks::Impersonation => Some(super::impersonated::question(inquiry, error)),
            Asks::Certificate => Some(certificate(inquiry, error)),
            Asks::Cluster => Some(arrival(inquiry, error)),
            Asks::AssumeRole => Some(super::assumption::question(inquiry, error)),
            Asks::Credentials => Some(credentials(inquiry, error)),
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Request { cluster, request, .. } => {
                format!("whether it may {request} on `{}`", cluster.name)
            }
            Self::Arrival { cluster, .. } => format!("whether Argo CD comes to `{}`", cluster.name),
            Self::Assume { principal, role } => format!("whether `{principal}` may assume `{role}`"),
            Self::Credentials { .. } => "whether Argo CD's pods get a role".to_owned(),
            Self::Project(permit) => permit.words(),
            Self::Managed(own) => own.words(),
            Self::Person(own) => own.words(),
            Self::Escalation(own) => own.words(),
            Self::Certificate { cluster, .. } => {
                format!("whether the cluster Secret has the certificate authority of `{}`", cluster.name)
            }
        }
    }

    /// The hops, up to the one at which it ends. Of several ways the worst.
    pub(super) fn hops(&self, inventory: &Inventory, argocd: Option<&Installation>) -> Vec<Hop> {
        let accounts = Accounts::of(inventory);
        match self {
            Self::Request { cluster: arn, by, request } => {
                let Some(cluster) = inventory.clusters.get(arn) else { return Vec::new() };
                match by.who(inventory) {
                    Ok(who) => {
                        let way = Way { hops: Vec::new(), end: Some(who) };
                        let hops = access::can_by(cluster, &Authorizers::of(cluster), &way, request);
                        if &*request.verb == "impersonate" {
                            hops.into_iter().map(impersonation).collect()
                        } else {
                            hops
                        }
                    }
                    Err(why) => vec![ended(At::ClusterIdentity, why)],
                }
            }
            Self::Arrival { cluster: arn, components } => {
                let (Some(cluster), Some(argocd)) = (inventory.clusters.get(arn), argocd) else {
                    return Vec::new();
                };
                let authorizers = Authorizers::of(cluster);
                let version = Request::path("get", "/version");
                let ways = components.iter().map(|component| {
                    let way = way::of_argocd(&accounts, argocd, *component, arn);
                    access::can_by(cluster, &authorizers, &way, &version)
                });
                worst(ways)
            }
            Self::Assume { principal, role } => {
                let own = argocd.and_then(|argocd| account_with(&accounts, argocd, principal));
                let any = argocd
                    .map(|argocd| argocd.hub.clone())
                    .or_else(|| inventory.clusters.keys().next().cloned());
                let Some(any) = any else { return Vec::new() };
                let roles = std::slice::from_ref(role);
                let way = match own {
                    Some(account) => way::of_pod(&accounts, &account, roles, &any),
                    None => way::of_principal(&accounts, principal.clone(), roles, &any),
                };
                way.hops.into_iter().filter(|hop| hop.at <= At::AssumeRole).collect()
            }
            Self::Credentials { accounts: own } => {
                worst(own.iter().map(|account| access::credentials(&accounts, account).hops))
            }
            Self::Certificate { cluster, hub, namespace, name } => {
                vec![trusted(inventory, cluster, hub, (namespace, name))]
            }
            Self::Project(permit) => vec![permit.hop(inventory)],
            Self::Managed(own) => vec![own.hop(inventory)],
            Self::Person(own) => vec![own.hop(inventory)],
            Self::Escalation(own) => own.hops(inventory),
        }
    }
}

/// The first that ends, else the first that isn't known, else the first.
fn worst(ways: impl Iterator<Item = Vec<Hop>>) -> Vec<Hop> {
    let rank = |hops: &Vec<Hop>| match verdict(hops) {
        Passes::No => 0,
        Passes::Unknown { .. } => 1,
        Passes::Yes => 2,
    };
    ways.min_by_key(rank).unwrap_or_default()
}

/// Whether somebody may act as somebody else is a hop of its own.
fn impersonation(hop: Hop) -> Hop {
    if hop.at == At::Authorization { Hop { at: At::Impersonation, ..hop } } else { hop }
}

fn ended(at: At, by: String) -> Hop {
    Hop::new(at, Passes::No, by)
}

fn components(error: &Diagnosed) -> Vec<Component> {
    match error.part("component") {
        Some("controller") => vec![Component::Controller],
        Some("server") => vec![Component::Server],
        _ => BOTH.to_vec(),
    }
}

fn request(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    let cluster = inquiry.place(error)?;
    let asked =
        asked(error).ok_or_else(|| Gap::new("what was asked for", "the error doesn't say it whole"))?;
    request_of(inquiry, error, cluster, asked)
}

/// A request of the error's user.
pub(super) fn request_of(
    inquiry: &Inquiry<'_>,
    error: &Diagnosed,
    cluster: ClusterArn,
    request: Request,
) -> Result<Question, Gap> {
    let own = inquiry.inventory.clusters.get(&cluster);
    let by = own.map_or_else(
        || Err(Gap::new(format!("`{cluster}`"), "it isn't in the inventory")),
        |own| Comer::of(own, error),
    )?;
    Ok(Question::Request { cluster, by, request })
}

/// The request of a refusal.
pub(crate) fn asked(error: &Diagnosed) -> Option<Request> {
    let verb = error.part("verb")?;
    if let Some(path) = error.part("path") {
        return Some(Request::path(verb, path));
    }
    let request = Request::resource(verb, error.part("group").unwrap_or_default(), error.part("resource")?);
    let request = match error.part("namespace").filter(|own| !own.is_empty()) {
        Some(namespace) => request.in_namespace(namespace),
        None => request,
    };
    // A refused create names what is in the body only in some versions; the authorizer never has that name.
    Some(
        match error.part("name").filter(|_| !matches!(verb, "create" | "list" | "watch" | "deletecollection"))
        {
            Some(name) => request.named(name),
            None => request,
        },
    )
}

/// Whether components come to the cluster; where nobody knows to which, whether their pods have credentials at all.
fn arrival(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    inquiry.argocd()?;
    inquiry.place(error).map(|cluster| Question::Arrival { cluster, components: components(error) }).or_else(
        |gap| {
            let at_credentials = error.signature.hops.contains(&At::ServiceAccount);
            let own = credentials(inquiry, error).ok().filter(|_| at_credentials);
            let fails = |own: &Question| {
                verdict(&own.hops(inquiry.inventory, inquiry.argocd.as_ref())) != Passes::Yes
            };
            own.filter(fails).ok_or(gap)
        },
    )
}

fn credentials(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    if let Some((namespace, name)) =
        error.part("subject").and_then(|own| own.strip_prefix("system:serviceaccount:")?.split_once(':'))
    {
        let cluster = inquiry.argocd()?.hub.clone();
        let account = ServiceAccount { cluster, namespace: namespace.to_owned(), name: name.to_owned() };
        return Ok(Question::Credentials { accounts: vec![account] });
    }
    let argocd = inquiry.argocd()?;
    let accounts = components(error).into_iter().map(|component| account(argocd, component)).collect();
    Ok(Question::Credentials { accounts })
}

/// The service account of a component.
pub(super) fn account(argocd: &Installation, component: Component) -> ServiceAccount {
    ServiceAccount {
        cluster: argocd.hub.clone(),
        namespace: argocd.namespace.clone(),
        name: argocd.account_of(component).to_owned(),
    }
}

/// The service account of Argo CD whose pods have a role.
pub(super) fn account_with(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    role: &RoleArn,
) -> Option<ServiceAccount> {
    let own = BOTH.into_iter().map(|component| account(argocd, component));
    own.into_iter().find(|own| {
        access::credentials(accounts, own).credentials.is_some_and(|found| found.owner.role() == Some(role))
    })
}

fn certificate(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    let cluster = inquiry.place(error)?;
    let found = inquiry.secret_of(&cluster).zip(inquiry.argocd.as_ref());
    let ((object, _), argocd) = found.ok_or_else(|| {
        Gap::new(format!("the cluster Secret of `{}`", cluster.name), "none in the inventory has its server")
    })?;
    let (hub, namespace, name) = (argocd.hub.clone(), argocd.namespace.clone(), object.name.clone());
    Ok(Question::Certificate { cluster, hub, namespace, name })
}

/// Whether a Secret's certificate authority is the cluster's.
fn trusted(
    inventory: &Inventory,
    arn: &ClusterArn,
    hub: &ClusterArn,
    (namespace, name): (&str, &str),
) -> Hop {
    let object =
        inventory.clusters.get(hub).and_then(|hub| hub.kubernetes.find("secrets", Some(namespace), name));
    let secret = object.and_then(access::read_cluster_secret);
    let own = secret.map(|secret| secret.config.tls.ca_data).filter(|own| !own.is_empty());
    let place = object.map(|object| object.place.clone());
    let description = inventory.clusters.get(arn).map(|cluster| &cluster.description);
    let wanted = description.and_then(|own| own.known()).and_then(|own| own.certificate_authority.as_deref());
    let hop = |passes, by| Hop { place: place.clone(), ..Hop::new(At::ClusterSecret, passes, by) };
    match (wanted, own.as_deref()) {
        (None, _) => {
            let gap = Gap::new(
                format!("the certificate authority of `{}`", arn.name),
                "its description isn't in the inventory",
            );
            hop(
                Passes::Unknown { missing: vec![gap.filled_by("aws eks describe-cluster")] },
                format!("the Secret `{name}`"),
            )
        }
        (Some(wanted), Some(own)) if wanted.trim() == own.trim() => {
            hop(Passes::Yes, format!("`caData` of the Secret `{name}` is the cluster's"))
        }
        (Some(_), Some(_)) => {
            hop(Passes::No, format!("`caData` of the Secret `{name}` is another one than the cluster's"))
        }
        (Some(_), None) => hop(Passes::No, format!("the Secret `{name}` has no `caData`")),
    }
}
