//! Ways through Argo CD: as itself, and as the service accounts that it impersonates.

use std::{collections::BTreeSet, sync::Arc};

use argocd::{AppProject, Identity, ServiceAccount, SyncIdentity};
use facts::ClusterArn;
use inventory::Cluster;
use rbac::Request;

use crate::{
    Who,
    accounts::Accounts,
    authorization::Authorizers,
    can::can_with,
    cluster_secret::{self, Found},
    deployments::Deployments,
    hop::{At, Hop, Passes, verdict},
    installation::{Component, Installation},
    way::{self, Way},
};

/// How each identity of Argo CD comes to a cluster with these authorizers: its components, and the service accounts as which
/// Applications sync there.
pub fn ways_of_argocd(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    arn: &ClusterArn,
    authorizers: &Authorizers,
) -> Vec<(Identity, Way)> {
    let way = |component| way::of_argocd(accounts, argocd, component, arn);
    let controller = way(Component::Controller);
    let server = (Identity::Server, way(Component::Server));
    let mut ways = vec![(Identity::Controller, controller.clone()), server];
    if let Some(scene) = Scene::of(accounts, argocd, arn, authorizers) {
        let accounts = scene.accounts_of_applications();
        ways.extend(accounts.into_iter().map(|account| scene.impersonating(&controller, &account)));
    }
    ways
}

/// How one identity of Argo CD comes to a cluster.
pub(crate) fn way_of(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    identity: &Identity,
    arn: &ClusterArn,
    authorizers: &Authorizers,
) -> Way {
    let Identity::Impersonated { namespace, name } = identity else {
        let component = if *identity == Identity::Server { Component::Server } else { Component::Controller };
        return way::of_argocd(accounts, argocd, component, arn);
    };
    let controller = way::of_argocd(accounts, argocd, Component::Controller, arn);
    let Some(scene) = Scene::of(accounts, argocd, arn, authorizers) else { return controller };
    if !scene.deployments.impersonates {
        let why = "`application.sync.impersonation.enabled` isn't `true` in argocd-cm";
        let hop = Hop::no(At::Impersonation, why).changed_by("set it to `\"true\"`");
        return Way { hops: [controller.hops, vec![hop]].concat(), end: None };
    }
    let account = ServiceAccount { namespace: namespace.clone(), name: name.clone() };
    scene.impersonating(&controller, &account).1
}

/// A cluster as Argo CD knows it, with what Argo CD deploys.
pub(crate) struct Scene<'a> {
    pub(crate) argocd: &'a Installation,
    pub(crate) hub: &'a Cluster,
    pub(crate) cluster: &'a Cluster,
    authorizers: &'a Authorizers,
    pub(crate) found: Found,
    pub(crate) deployments: Arc<Deployments>,
}

impl<'a> Scene<'a> {
    /// None where Argo CD doesn't know the cluster, or nobody knows whether it does.
    pub(crate) fn of(
        accounts: &Accounts<'a>,
        argocd: &'a Installation,
        arn: &ClusterArn,
        authorizers: &'a Authorizers,
    ) -> Option<Self> {
        let clusters = &accounts.inventory().clusters;
        let (hub, cluster) = clusters.get(&argocd.hub).zip(clusters.get(arn))?;
        let deployments = accounts.deployments(argocd, hub);
        let found = cluster_secret::of_cluster(
            &deployments.secrets,
            (&argocd.hub, hub),
            &argocd.namespace,
            arn,
            cluster,
        )
        .ok()?;
        Some(Self { argocd, hub, cluster, authorizers, found, deployments })
    }

    /// The cluster's.
    pub(crate) fn authorizers(&self) -> &'a Authorizers {
        self.authorizers
    }

    /// As which service account Applications of a project sync to a namespace; none: as Argo CD itself.
    ///
    /// # Errors
    /// Why they don't sync.
    pub(crate) fn account(
        &self,
        project: &AppProject,
        destination: &str,
        own: &str,
    ) -> Result<Option<ServiceAccount>, String> {
        if !self.deployments.impersonates {
            return Ok(None);
        }
        match SyncIdentity::account(project, &self.found.secret.server, destination, own)? {
            None if self.deployments.enforced => Err(format!(
                "no item of `destinationServiceAccounts` of AppProject `{}` matches the server and `{destination}`",
                project.name
            )),
            account => Ok(account),
        }
    }

    fn accounts_of_applications(&self) -> Vec<ServiceAccount> {
        let mut accounts = BTreeSet::new();
        for application in self.deployments.to(&self.found.secret) {
            let Some(project) = self.deployments.projects.get(&application.project) else { continue };
            let own = application.namespace.as_deref().unwrap_or(&self.argocd.namespace);
            if let Ok(Some(account)) = self.account(project, &application.destination.namespace, own) {
                accounts.insert((account.namespace, account.name));
            }
        }
        accounts.into_iter().map(|(namespace, name)| ServiceAccount { namespace, name }).collect()
    }

    /// The controller's way, and on as a service account: the API server asks whether it may impersonate it.
    pub(crate) fn impersonating(&self, controller: &Way, account: &ServiceAccount) -> (Identity, Way) {
        let ServiceAccount { namespace, name } = account;
        let impersonate =
            Request::resource("impersonate", "", "serviceaccounts").in_namespace(namespace).named(name);
        let mut hops = controller.hops.clone();
        let mut end = None;
        if let Some(who) = &controller.end {
            let asked = can_with(self.cluster, self.authorizers, who, &impersonate);
            let named = |hop: Hop| match hop.at {
                At::Authorization => Hop { at: At::Impersonation, ..hop },
                _ => hop,
            };
            hops.extend(asked.into_iter().map(named));
            let account = rbac::Identity::service_account(namespace, name);
            end = Some(Who::Kubernetes(account)).filter(|_| verdict(&hops) != Passes::No);
        }
        let identity = Identity::Impersonated { namespace: namespace.clone(), name: name.clone() };
        (identity, Way { hops, end })
    }
}
