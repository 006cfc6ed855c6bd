//! The hop from a pod to a role: whose credentials the AWS SDK in a pod of a service account finds.
//!
//! It looks in an order, and the first that is set counts, even if it fails (AWS SDKs and Tools Reference Guide, "Standardized
//! credential providers"): the web identity token of IRSA, the container credentials of Pod Identity, the node's role.

mod irsa;
mod node_role;
mod pod_identity;

pub use irsa::{ROLE_ANNOTATION, STS_AUDIENCE, annotation as annotated_role};
pub(crate) use node_role::{arrivals as of_nodes, roles as node_roles};

use std::collections::BTreeSet;

use facts::{ClusterArn, Gap, RoleArn};
use inventory::{Cluster, Known, KubernetesObject};

use crate::{
    accounts::Accounts,
    credentials::Credentials,
    hop::{At, Hop},
};

/// The service account of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceAccount {
    /// The cluster that the pod runs in.
    pub cluster: ClusterArn,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The hops from a pod to credentials; none where it ends. Where something isn't known they are those that there would be.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// In their order.
    pub hops: Vec<Hop>,
    /// What the pod has then.
    pub credentials: Option<Credentials>,
}

impl Arrival {
    pub(crate) fn ends(hop: Hop) -> Self {
        Self { hops: vec![hop], credentials: None }
    }
}

/// A pod's own place.
pub(crate) struct Pod<'a> {
    pub(crate) accounts: &'a Accounts<'a>,
    pub(crate) cluster: &'a Cluster,
    pub(crate) account: &'a ServiceAccount,
}

/// The credentials that pods of a service account have.
pub fn credentials(accounts: &Accounts<'_>, account: &ServiceAccount) -> Arrival {
    let at = At::ServiceAccount;
    let who = format!("`{}/{}` on `{}`", account.namespace, account.name, account.cluster.name);
    let cluster = match accounts.cluster(&account.cluster) {
        Ok(cluster) => cluster,
        Err(gap) => return Arrival::ends(Hop::unknown(at, who, [gap])),
    };
    let object = match cluster.kubernetes.list("serviceaccounts") {
        Err(gap) => return Arrival::ends(Hop::unknown(at, who, [gap])),
        Ok(_) => cluster.kubernetes.find("serviceaccounts", Some(&account.namespace), &account.name),
    };
    let Some(object) = object else {
        return Arrival::ends(Hop::no(at, format!("{who}: there is no such service account")));
    };
    let pod = Pod { accounts, cluster, account };
    if let Some(role) = irsa::annotation(object) {
        return irsa::credentials(&pod, object, &role);
    }
    match &cluster.pod_identity_associations {
        Known::Gap(gap) => Arrival::ends(Hop::unknown(at, who, [gap.clone()])),
        Known::Known(all) => match all.get(&(account.namespace.clone(), account.name.clone())) {
            Some(association) => pod_identity::credentials(&pod, association),
            None => node_role::credentials(&pod),
        },
    }
}

/// The credentials of a role that a token of a service account for STS gets: whoever writes a pod has one, though nothing is annotated.
pub(crate) fn by_token(accounts: &Accounts<'_>, account: &ServiceAccount, role: &RoleArn) -> Arrival {
    match accounts.cluster(&account.cluster) {
        Ok(cluster) => irsa::by_token(&Pod { accounts, cluster, account }, role),
        Err(gap) => Arrival::ends(Hop::unknown(At::ServiceAccount, "whether a token gets it", [gap])),
    }
}

/// Adds the service accounts of a cluster that name a role, or have an association; what wasn't read of them.
pub(crate) fn with_credentials(
    arn: &ClusterArn,
    cluster: &Cluster,
    accounts: &mut BTreeSet<ServiceAccount>,
) -> Vec<Gap> {
    let mut missing = Vec::new();
    let mut add = |namespace: &str, name: &str| {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        accounts.insert(ServiceAccount { cluster: arn.clone(), namespace, name });
    };
    match cluster.kubernetes.list("serviceaccounts") {
        Err(gap) => missing.push(gap),
        Ok(objects) => {
            for object in objects.iter().filter(|object| irsa::annotation(object).is_some()) {
                add(object.namespace.as_deref().unwrap_or_default(), &object.name);
            }
        }
    }
    match &cluster.pod_identity_associations {
        Known::Gap(gap) => missing.push(gap.clone()),
        Known::Known(all) => all.keys().for_each(|(namespace, name)| add(namespace, name)),
    }
    missing
}

/// Most have none: the text tells that without being taken apart, since nothing in these keys is ever escaped.
fn annotation(object: &KubernetesObject, key: &str) -> Option<String> {
    if !object.body.as_str().contains(key) {
        return None;
    }
    object.body.at("/metadata/annotations")?.get(key)?.as_str().map(str::to_owned)
}
