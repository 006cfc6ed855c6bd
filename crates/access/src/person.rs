//! The hops before the first: a person, what Argo CD lets it do, and where the project lets that go.

use std::collections::{BTreeMap, BTreeSet};

use argocd::AppProject;
use facts::{ClusterArn, Gap, Outcome};
use inventory::{Cluster, Discovery};
use rbac::{Request, Target};
use serde_json::Value;

use crate::{
    accounts::Accounts,
    argocd_rbac::{ArgocdRbac, Ask, Holder, HolderKind, Subject, application_object},
    authorization::Authorizers,
    hop::{At, Hop, Passes, verdict},
    installation::{Component, Installation},
    through_argocd::Scene,
    way::{self, Way},
};

/// How a person makes Argo CD do something: a way for each project that may get there, or if none does, all that don't.
///
/// To have anything written it takes leave to create or change an Application, or to sync one with other manifests than its source's
/// (`override`); reading takes leave to get one, logs and terminals have their own (server/application/application.go). What is in an
/// Application's source isn't asked: whoever may write there writes with the same power.
pub fn ways_of_person(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    subject: &Subject,
    (arn, authorizers): (&ClusterArn, &Authorizers),
    request: &Request,
) -> Vec<(String, Way)> {
    let Some(scene) = Scene::of(accounts, argocd, arn, authorizers) else {
        let way = way::of_argocd(accounts, argocd, Component::Controller, arn);
        return vec![("by Argo CD".to_owned(), way)];
    };
    Asked { accounts, arn, rbac: rbac_of_argocd(scene.hub, &scene.argocd.namespace), scene, request }
        .ways(subject)
}

/// Whether a person may have a request made by deploying, by project.
pub(crate) fn leave_to_deploy<'a>(
    accounts: &'a Accounts<'a>,
    scene: Scene<'a>,
    arn: &'a ClusterArn,
    subject: &Subject,
    request: &'a Request,
) -> (Scene<'a>, BTreeMap<String, Hop>) {
    let asked =
        Asked { accounts, arn, rbac: rbac_of_argocd(scene.hub, &scene.argocd.namespace), scene, request };
    let projects = asked.scene.deployments.projects.values();
    let leave = projects.map(|project| (project.name.clone(), asked.allowed(subject, project))).collect();
    (asked.scene, leave)
}

/// Everybody whom Argo CD's RBAC names, as far as it lets them do any of it, with their ways.
pub(crate) fn ways_of_people(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    (arn, authorizers): (&ClusterArn, &Authorizers),
    request: &Request,
) -> Vec<(String, Way)> {
    let Some(scene) = Scene::of(accounts, argocd, arn, authorizers) else { return Vec::new() };
    let asked =
        Asked { accounts, arn, rbac: rbac_of_argocd(scene.hub, &scene.argocd.namespace), scene, request };
    let ways = asked.people().into_iter().flat_map(|(name, subject)| {
        let ways = asked.ways(&subject);
        ways.into_iter().map(move |(_, way)| (name.clone(), way))
    });
    ways.collect()
}

/// What the Argo CD in a namespace of a cluster lets people do: argocd-rbac-cm, and the roles of its AppProjects.
pub fn rbac_of_argocd(hub: &Cluster, namespace: &str) -> ArgocdRbac {
    let map = hub.kubernetes.find("configmaps", Some(namespace), "argocd-rbac-cm");
    let data = map.and_then(|map| map.body.at("/data")).unwrap_or_default();
    let data: BTreeMap<String, String> = data
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    let projects = hub.kubernetes.list("appprojects").unwrap_or_default();
    let projects: Vec<Value> = projects.iter().map(|project| project.body.value()).collect();
    ArgocdRbac::of_config(&data).0.with_projects(&projects).0
}

/// What is asked, of whomever.
struct Asked<'a> {
    accounts: &'a Accounts<'a>,
    arn: &'a ClusterArn,
    scene: Scene<'a>,
    rbac: ArgocdRbac,
    request: &'a Request,
}

impl Asked<'_> {
    fn ways(&self, subject: &Subject) -> Vec<(String, Way)> {
        let projects = self.scene.deployments.projects.values();
        let ways =
            projects.map(|project| (format!("by project `{}`", project.name), self.way(subject, project)));
        let mut ways: Vec<(String, Way)> = ways.collect();
        let gaps = &self.scene.deployments.gaps;
        if ways.is_empty() || !gaps.is_empty() {
            let hop = if gaps.is_empty() {
                Hop::no(At::Project, "Argo CD has no AppProject")
            } else {
                Hop::unknown(At::Project, "what Argo CD deploys", gaps.iter().cloned())
            };
            ways.push(("by Argo CD".to_owned(), Way { hops: vec![hop], end: None }));
        }
        let (open, closed): (Vec<_>, Vec<_>) =
            ways.into_iter().partition(|(_, way)| verdict(&way.hops) != Passes::No);
        if open.is_empty() { closed } else { open }
    }

    /// Whoever may do any of what would do, by name.
    fn people(&self) -> BTreeMap<String, Subject> {
        let projects = self.scene.deployments.projects.values();
        let asks = projects.flat_map(|project| self.asks(project));
        let holders = asks.flat_map(|ask| self.rbac.holders(&ask));
        let named = |holder: Holder| match holder.kind {
            HolderKind::Everyone => Some(("everybody".to_owned(), Subject::default())),
            HolderKind::ProjectRole => Some((holder.name.clone(), Subject::new(holder.name))),
            HolderKind::Name if holder.as_group => {
                let name = format!("sso:{0} or account:{0}", holder.name);
                Some((name, Subject::default().in_groups([holder.name])))
            }
            HolderKind::Name => Some((format!("account:{}", holder.name), Subject::new(holder.name))),
            // Whoever has it is named himself.
            HolderKind::Role => None,
        };
        holders.filter_map(named).collect()
    }

    fn way(&self, subject: &Subject, project: &AppProject) -> Way {
        let mut hops = vec![self.allowed(subject, project)];
        if verdict(&hops) != Passes::No {
            hops.push(self.permitted(project));
        }
        if verdict(&hops) == Passes::No {
            return Way { hops, end: None };
        }
        let component = if self.writes() { Component::Controller } else { Component::Server };
        let mut way = way::of_argocd(self.accounts, self.scene.argocd, component, self.arn);
        if component == Component::Controller {
            match self.scene.account(project, self.namespace(), &self.scene.argocd.namespace) {
                Ok(None) => {}
                Ok(Some(account)) => way = self.scene.impersonating(&way, &account).1,
                Err(why) => {
                    hops.push(Hop::no(At::Impersonation, why));
                    return Way { hops, end: None };
                }
            }
        }
        hops.append(&mut way.hops);
        Way { hops, end: way.end }
    }

    /// What Argo CD's RBAC says: of what would do, the first that is allowed.
    fn allowed(&self, subject: &Subject, project: &AppProject) -> Hop {
        let at = At::ArgocdRbac;
        let mut undecided = Vec::new();
        for ask in self.asks(project) {
            match self.rbac.decide(subject, &ask) {
                Outcome::Allowed { by } => {
                    return Hop::yes(
                        at,
                        format!("`{}, {}, {}` by {by}", ask.resource, ask.action, ask.object),
                    );
                }
                Outcome::Unknown { missing } => undecided.extend(missing),
                Outcome::Denied { .. } | Outcome::NotAllowed => {}
            }
        }
        if !undecided.is_empty() {
            return Hop::unknown(at, "what argocd-rbac-cm allows", undecided);
        }
        let (resource, action) = self.actions().first().copied().unwrap_or_default();
        let who = subject.groups.first().unwrap_or(&subject.id);
        let change = format!(
            "p, {who}, {resource}, {action}, {}/*, allow (in `policy.csv` of argocd-rbac-cm)",
            project.name
        );
        let why = format!("nothing lets `{who}` `{action}` {resource} of project `{}`", project.name);
        Hop::no(at, why).changed_by(change)
    }

    /// Each action on Applications that there are, and of new ones on every name that a policy may mean.
    fn asks(&self, project: &AppProject) -> Vec<Ask> {
        let namespace = &self.scene.argocd.namespace;
        let there: BTreeSet<String> = self
            .scene
            .deployments
            .to(&self.scene.found.secret)
            .filter(|application| application.project == project.name)
            .filter(|application| {
                self.namespace().is_empty() || application.destination.namespace == self.namespace()
            })
            .map(|application| {
                let own = application.namespace.as_deref().unwrap_or(namespace);
                application_object(namespace, &project.name, own, &application.name)
            })
            .collect();
        let new: BTreeSet<String> = self
            .rbac
            .objects()
            .filter_map(|object| Some(object.rsplit_once('/')?.1.replace(['*', '?'], "x")))
            .chain(["x".to_owned()])
            .map(|name| application_object(namespace, &project.name, namespace, &name))
            .collect();
        let asks = self.actions().iter().flat_map(|(resource, action)| {
            let objects = if *action == "create" && *resource == "applications" { &new } else { &there };
            objects.iter().map(move |object| Ask::new(*resource, *action, object.as_str()))
        });
        asks.collect()
    }

    /// What would do, the strongest first.
    fn actions(&self) -> &'static [(&'static str, &'static str)] {
        let Target::Resource { resource, subresource, .. } = &self.request.target else { return &[] };
        match (&**resource, subresource.as_deref(), self.writes()) {
            ("pods", Some("log"), _) => &[("logs", "get")],
            ("pods", Some("exec"), _) => &[("exec", "create")],
            (_, _, true) => {
                &[("applications", "create"), ("applications", "update"), ("applications", "override")]
            }
            (_, _, false) => &[("applications", "get")],
        }
    }

    /// argocd-server looks, and the application controller writes.
    fn writes(&self) -> bool {
        let Target::Resource { subresource, .. } = &self.request.target else { return false };
        let looks = ["get", "list", "watch"].contains(&&*self.request.verb);
        !looks && subresource.as_deref() != Some("exec")
    }

    fn namespace(&self) -> &str {
        match &self.request.target {
            Target::Resource { namespace, .. } => namespace.as_deref().unwrap_or_default(),
            Target::NonResource { .. } => "",
        }
    }

    /// Whether the project lets Applications deploy such an object there.
    fn permitted(&self, project: &AppProject) -> Hop {
        let (at, name) = (At::Project, &project.name);
        let Target::Resource { group, resource, name: object, .. } = &self.request.target else {
            return Hop::no(at, "Applications deploy no paths");
        };
        if !self.scene.deployments.permits(project, &self.scene.found.secret, self.namespace()) {
            let why =
                format!("AppProject `{name}` permits no destination `{}` on this cluster", self.namespace());
            return Hop::no(at, why).at_place(&project.place).changed_by("add it to `spec.destinations`");
        }
        if &**resource == "*" || &**group == "*" {
            return Hop::yes(at, format!("AppProject `{name}` permits the destination"))
                .at_place(&project.place);
        }
        let served = self.scene.cluster.kubernetes.discovery.iter().chain([Discovery::builtin()]);
        let mut served = served.flat_map(Discovery::iter);
        let Some(kind) = served.find(|kind| kind.group == **group && kind.plural == **resource) else {
            let gap = Gap::new(
                format!("the kind of `{resource}.{group}`"),
                "the cluster's discovery isn't in the inventory",
            );
            return Hop::unknown(at, format!("what AppProject `{name}` permits"), [gap]);
        };
        let object = object.as_deref().unwrap_or_default();
        if project.is_group_kind_permitted(group, &kind.kind, object, kind.namespaced) {
            return Hop::yes(at, format!("AppProject `{name}` permits destination and kind"))
                .at_place(&project.place);
        }
        let why = format!("AppProject `{name}` doesn't permit the kind `{}`", kind.kind);
        let list = if kind.namespaced { "namespaceResourceWhitelist" } else { "clusterResourceWhitelist" };
        Hop::no(at, why).at_place(&project.place).changed_by(format!("add it to `spec.{list}`"))
    }
}
