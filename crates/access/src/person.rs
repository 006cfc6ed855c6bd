//! The hops before the first: a person, what Argo CD lets it do, and where the project lets that go.

use std::collections::{BTreeMap, BTreeSet};

use argocd::AppProject;
use facts::{ClusterArn, Gap, Outcome};
use inventory::Discovery;
use rbac::{Request, Target};

use crate::{
    accounts::Accounts,
    argocd_rbac::{ArgocdRbac, Ask, HolderKind, Subject, application_object},
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
    arn: &ClusterArn,
    request: &Request,
) -> Vec<(String, Way)> {
    let whose = |what: &str| format!("by {what}");
    let Some(scene) = Scene::of(accounts, argocd, arn) else {
        return vec![(whose("Argo CD"), way::of_argocd(accounts, argocd, Component::Controller, arn))];
    };
    let person = Person { scene: &scene, rbac: rbac(&scene), subject, request };
    let projects = scene.deployments.projects.values();
    let ways = projects
        .map(|project| (whose(&format!("project `{}`", project.name)), person.way(accounts, project, arn)));
    let mut ways: Vec<(String, Way)> = ways.collect();
    let gaps = &scene.deployments.gaps;
    if ways.is_empty() || !gaps.is_empty() {
        let hop = if gaps.is_empty() {
            Hop::no(At::Project, "Argo CD has no AppProject")
        } else {
            Hop::unknown(At::Project, "what Argo CD deploys", gaps.iter().cloned())
        };
        ways.push((whose("Argo CD"), Way { hops: vec![hop], end: None }));
    }
    let (open, closed): (Vec<_>, Vec<_>) =
        ways.into_iter().partition(|(_, way)| verdict(&way.hops) != Passes::No);
    if open.is_empty() { closed } else { open }
}

/// Everybody whom Argo CD's RBAC names, as far as it lets them do any of it, with their ways.
pub(crate) fn ways_of_people(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    arn: &ClusterArn,
    request: &Request,
) -> Vec<(String, Way)> {
    let Some(scene) = Scene::of(accounts, argocd, arn) else { return Vec::new() };
    let nobody = Subject::default();
    let person = Person { scene: &scene, rbac: rbac(&scene), subject: &nobody, request };
    let projects = scene.deployments.projects.values();
    let asks = projects.flat_map(|project| person.asks(project));
    let holders = asks.flat_map(|ask| person.rbac.holders(&ask));
    let people: BTreeMap<String, Subject> = holders
        .filter_map(|holder| match holder.kind {
            HolderKind::Everyone => Some(("everybody".to_owned(), Subject::default())),
            HolderKind::ProjectRole => Some((holder.name.clone(), Subject::new(holder.name))),
            HolderKind::Name if holder.as_group => {
                let name = format!("sso:{0} or account:{0}", holder.name);
                Some((name, Subject::default().in_groups([holder.name])))
            }
            HolderKind::Name => Some((format!("account:{}", holder.name), Subject::new(holder.name))),
            // Whoever has it is named himself.
            HolderKind::Role => None,
        })
        .collect();
    let ways = people.into_iter().flat_map(|(name, subject)| {
        let ways = ways_of_person(accounts, argocd, &subject, arn, request);
        ways.into_iter().map(move |(_, way)| (name.clone(), way))
    });
    ways.collect()
}

fn rbac(scene: &Scene<'_>) -> ArgocdRbac {
    let namespace = Some(scene.argocd.namespace.as_str());
    let map = scene.hub.kubernetes.find("configmaps", namespace, "argocd-rbac-cm");
    let data = map.and_then(|map| map.body.get("data")?.as_object());
    let data: BTreeMap<String, String> = data
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    let projects = scene.hub.kubernetes.list("appprojects").unwrap_or_default();
    ArgocdRbac::of_config(&data).0.with_projects(projects.iter().map(|project| &project.body)).0
}

struct Person<'a> {
    scene: &'a Scene<'a>,
    rbac: ArgocdRbac,
    subject: &'a Subject,
    request: &'a Request,
}

impl Person<'_> {
    fn way(&self, accounts: &Accounts<'_>, project: &AppProject, arn: &ClusterArn) -> Way {
        let mut hops = vec![self.allowed(project)];
        if verdict(&hops) != Passes::No {
            hops.push(self.permitted(project));
        }
        if verdict(&hops) == Passes::No {
            return Way { hops, end: None };
        }
        let component = if self.writes() { Component::Controller } else { Component::Server };
        let mut way = way::of_argocd(accounts, self.scene.argocd, component, arn);
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
    fn allowed(&self, project: &AppProject) -> Hop {
        let at = At::ArgocdRbac;
        let mut undecided = Vec::new();
        for ask in self.asks(project) {
            match self.rbac.decide(self.subject, &ask) {
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
        let who = self.subject.groups.first().unwrap_or(&self.subject.id);
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
