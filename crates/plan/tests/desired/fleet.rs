//! Small fleets as text, and their desired objects as people read them.

use std::{fmt::Write as _, sync::Arc};

use argocd::{AppProject, Application, Deployment, Identity, Need, SyncOptions};
use fleet::{Fleet, Install};
use oarlock_plan::{ClusterNeeds, Deployed, Input, Object, desired::Wanted};
use rbac::{Permission, Scope};

/// Base64 of a PEM that is none but looks like one.
pub(crate) const AUTHORITY: &str =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

/// A fleet file around the lines of `spec` that differ.
pub(crate) fn fleet(spec: &str) -> Fleet {
    let text =
        format!("apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {{name: acme}}\nspec:\n{spec}");
    Fleet::parse(&Arc::from("fleet.yaml"), text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// `spec` of a self-managed hub with one spoke in another account.
pub(crate) fn one_spoke(identity: &str, topology: &str) -> String {
    format!(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {{version: '3.5'}}
    identity: {identity}
    {issuer}
  topology: {topology}
  clusters:
  - arn: arn:aws:eks:us-east-1:444455556666:cluster/prod
    endpoint: https://PROD.gr7.us-east-1.eks.amazonaws.com
    certificateAuthority: {AUTHORITY}
",
        issuer = if identity == "irsa" {
            "oidcIssuer: https://oidc.eks.eu-west-1.amazonaws.com/id/HUB"
        } else {
            ""
        }
    )
}

/// The same needs on every cluster: the controller reads everything and deploys to `web`, the server reads logs.
pub(crate) fn needs(fleet: &Fleet) -> Vec<ClusterNeeds> {
    let all = |group, resource, verb| Permission::resource(Scope::Cluster, group, resource, verb);
    let web =
        |group, resource, verb| Permission::resource(Scope::Namespace("web".into()), group, resource, verb);
    let needs = [
        (Identity::Controller, all("", "pods", "list")),
        (Identity::Controller, all("", "pods", "watch")),
        (Identity::Controller, web("apps", "deployments", "create")),
        (Identity::Controller, web("apps", "deployments", "patch")),
        (Identity::Server, web("", "pods/log", "get")),
    ];
    on_all(fleet, &needs)
}

pub(crate) fn on_all(fleet: &Fleet, needs: &[(Identity, Permission)]) -> Vec<ClusterNeeds> {
    let need = |(identity, permission): &(Identity, Permission)| Need {
        identity: identity.clone(),
        permission: permission.clone(),
        reasons: [].into(),
        in_rbac: false,
        beyond: None,
    };
    let on = |cluster: &fleet::Cluster| ClusterNeeds {
        arn: cluster.arn.clone(),
        name: cluster.name.clone(),
        needs: needs.iter().map(need).collect(),
        cached_kinds: Vec::new(),
        findings: Vec::new(),
        unknown: Vec::new(),
        undecided: Vec::new(),
        in_cluster: cluster.arn == fleet.hub.arn && fleet.hub.argocd.install == Install::SelfManaged,
    };
    fleet.clusters.iter().map(on).collect()
}

/// An input without inventory.
pub(crate) fn input(fleet: &Fleet) -> Input<'_> {
    let (projects, applications) = (Vec::new(), Vec::new());
    Input { fleet, inventory: None, projects, applications, gaps: Vec::new(), removals: Vec::new() }
}

/// Applications whose manifests are one ConfigMap in the destination's namespace.
pub(crate) fn applications(text: &str) -> Vec<Deployed> {
    objects(text)
        .into_iter()
        .map(|application: Application| {
            let name: Arc<str> = application.name.as_str().into();
            let namespace = application.destination.namespace.as_str().into();
            let mut deployment = Deployment::new(Some(name), Some(namespace), SyncOptions::default());
            let configmap = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";
            manifest::read(&Arc::from("m.yaml"), configmap, &mut |object| {
                deployment.add(&object.unwrap()).unwrap()
            });
            Deployed { application, deployment: Some(deployment), gaps: Vec::new() }
        })
        .collect()
}

pub(crate) trait Parsed: Sized {
    fn parsed(object: &manifest::Object<'_>) -> Self;
}

impl Parsed for Application {
    fn parsed(object: &manifest::Object<'_>) -> Self {
        Self::parse(object).unwrap()
    }
}

impl Parsed for AppProject {
    fn parsed(object: &manifest::Object<'_>) -> Self {
        Self::parse(object).unwrap()
    }
}

/// The objects of a YAML stream.
pub(crate) fn objects<T: Parsed>(text: &str) -> Vec<T> {
    let mut all = Vec::new();
    manifest::read(&Arc::from("argocd.yaml"), text.as_bytes(), &mut |object| {
        all.push(T::parsed(&object.unwrap()))
    });
    all
}

/// Every object with what it comes after, its reason and its content.
pub(crate) fn shown(wanted: &Wanted) -> String {
    let mut text = String::new();
    for object in &wanted.desired.objects {
        let id = object.id();
        writeln!(text, "## {} {} ({})", id.kind, id.name, id.location).unwrap();
        writeln!(text, "   {}", object.reason).unwrap();
        for needed in &object.after {
            writeln!(text, "   after {} {} ({})", needed.kind, needed.name, needed.location).unwrap();
        }
        let content = match &object.object {
            Object::Kubernetes(object) => object.body.value(),
            Object::IamRole(role) => serde_json::json!({
                "trust": role.trust, "inline": role.inline_policies, "managed": role.managed_policies,
            }),
            Object::AccessEntry(entry) => serde_json::json!({ "groups": entry.groups }),
            Object::PodIdentityAssociation(association) => serde_json::json!({ "role": association.role }),
            Object::OidcProvider(provider) => serde_json::json!({ "clientIds": provider.client_ids }),
            Object::AuthenticationMode(wanted) => serde_json::json!({ "mode": wanted.mode }),
            Object::Restart(restart) => serde_json::json!({ "workloads": restart.workloads }),
        };
        writeln!(text, "{}", serde_json::to_string_pretty(&content).unwrap()).unwrap();
    }
    for note in &wanted.notes {
        writeln!(text, "note {}: {}", note.id, note.message).unwrap();
    }
    text
}

/// The ids of findings.
pub(crate) fn finding_ids(wanted: &Wanted) -> Vec<&str> {
    wanted.findings.iter().map(|finding| &*finding.id).collect()
}

/// The only role of a name.
pub(crate) fn role<'w>(wanted: &'w Wanted, name: &str) -> &'w oarlock_plan::IamRole {
    let mut roles = wanted.desired.objects.iter().filter_map(|object| match &object.object {
        Object::IamRole(role) if role.arn.name == name => Some(role),
        _ => None,
    });
    roles.next().unwrap_or_else(|| panic!("no role `{name}`"))
}

/// The Kubernetes objects of a kind.
pub(crate) fn kubernetes<'w>(wanted: &'w Wanted, kind: &str) -> Vec<&'w oarlock_plan::KubernetesObject> {
    let objects = wanted.desired.objects.iter().filter_map(|object| match &object.object {
        Object::Kubernetes(object) if object.kind == kind => Some(object),
        _ => None,
    });
    objects.collect()
}
