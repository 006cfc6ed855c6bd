//! Terraform: a module per account and per cluster, and a root module that calls them.

mod aws;
mod hcl;
mod kubernetes;
mod names;
mod root;

use facts::{AccountId, ClusterArn};
use hcl::{Body, Expr};
use names::Names;
use serde_json::json;

use super::{
    File, helm, kubernetes as yaml_files,
    layout::{Layout, Place},
    steps::Manifest,
    text,
};
use crate::{DesiredObject, Object};

/// The AWS provider from 6.0 on: OIDC providers need no thumbprint, Pod Identity associations know `disable_session_tags`.
const AWS: (&str, &str, &str) = ("aws", "hashicorp/aws", "~> 6.0");
/// The Kubernetes provider from 2.35 on: typed `_v1` resources and `kubernetes_config_map_v1_data`.
const KUBERNETES: (&str, &str, &str) = ("kubernetes", "hashicorp/kubernetes", ">= 2.35, < 4.0");

/// Namespaces that must be there before Terraform puts something into them.
const NAMESPACES: &str = "namespaces.yaml";

/// One module: an account, or a cluster with EKS's and Kubernetes' objects together.
struct Module<'a> {
    key: Key<'a>,
    folder: String,
    /// The name of the module's call.
    label: String,
    places: Vec<&'a Place<'a>>,
    /// Modules that this one needs, by label.
    after: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Account(&'a AccountId),
    Cluster(&'a ClusterArn),
}

pub(super) fn render(layout: &Layout<'_>) -> Vec<File> {
    let modules = root::modules(layout);
    let mut files = root::render(layout, &modules);
    for module in &modules {
        match module.key {
            Key::Account(_) => account(layout, module, &mut files),
            Key::Cluster(_) => cluster(layout, module, &mut files),
        }
    }
    files
}

fn account(layout: &Layout<'_>, module: &Module<'_>, files: &mut Vec<File>) {
    let mut names = Names::default();
    let (mut main, mut arns) = (top(layout), Vec::new());
    for object in module.objects() {
        let (body, arn) = aws::iam(main, object, &mut names);
        main = body;
        arns.extend(arn);
    }
    let variables = variable(
        top(layout),
        "permissions_boundary",
        "string",
        json!(null),
        "ARN of a permissions boundary for every role, where the account demands one.",
    );
    let variables = tags_variable(variables);
    let outputs = top(layout).block(
        "output \"role_arns\"",
        Body::default().set("description", "Role ARNs by role name.").set("value", Expr::Object(arns)),
    );
    let folder = &module.folder;
    files.push(File::text(format!("{folder}/main.tf"), main.print()));
    files.push(File::text(format!("{folder}/variables.tf"), variables.print()));
    files.push(File::text(format!("{folder}/outputs.tf"), outputs.print()));
    files.push(File::text(format!("{folder}/versions.tf"), versions(layout, &[AWS]).print()));
}

fn cluster(layout: &Layout<'_>, module: &Module<'_>, files: &mut Vec<File>) {
    let mut names = Names::default();
    let (mut access, mut objects, mut namespaces) = (top(layout), top(layout), Vec::new());
    for object in module.objects() {
        match &object.object {
            Object::Kubernetes(wanted) if kubernetes::only_exists(wanted) => {
                namespaces.push(Manifest { object: wanted, reason: &object.reason });
            }
            Object::Kubernetes(wanted) => {
                let by_helm = helm::says(layout.helm_values, wanted);
                objects = kubernetes::object(objects, object, wanted, by_helm, &mut names);
            }
            Object::AccessEntry(_) | Object::PodIdentityAssociation(_) => {
                access = aws::eks(access, object, &mut names)
            }
            Object::Restart(wanted) => {
                objects = kubernetes::restart(objects, object, wanted, &cause(layout, object), &mut names);
            }
            // A cluster is in whatever module made it; the plan's warning has the command.
            Object::AuthenticationMode(_) | Object::IamRole(_) | Object::OidcProvider(_) => {}
        }
    }
    let folder = &module.folder;
    let mut file = |name: &str, contents| files.push(File::text(format!("{folder}/{name}"), contents));
    let mut providers = Vec::new();
    let mut variables = top(layout);
    if module.has_eks() {
        variables = tags_variable(variables);
        file("access.tf", access.print());
        providers.push(AWS);
    }
    if module.has_kubernetes() {
        file("kubernetes.tf", objects.print());
        providers.push(KUBERNETES);
    }
    if module.is_set_by_helm(layout) {
        variables = by_helm_variable(variables);
    }
    if module.has_eks() || module.is_set_by_helm(layout) {
        file("variables.tf", variables.print());
    }
    if !namespaces.is_empty() {
        file(NAMESPACES, yaml_files::fields_file(&layout.header(), &namespaces));
    }
    file("versions.tf", versions(layout, &providers).print());
}

/// A digest of what a restart comes after: another one is another reason to restart.
fn cause(layout: &Layout<'_>, restart: &DesiredObject) -> String {
    let objects = layout.places.iter().flat_map(|place| &place.objects);
    let causes = objects.filter(|object| restart.after.contains(&object.id()));
    let text = |object: &DesiredObject| serde_json::to_string(&object.object).unwrap_or_default();
    text::digest(&causes.map(|object| text(object) + "\n").collect::<String>())
}

fn tags_variable(body: Body) -> Body {
    variable(body, "tags", "map(string)", json!({}), "Tags to add to those that mark what is Oarlock's.")
}

fn by_helm_variable(body: Body) -> Body {
    let description =
        "Whether Argo CD's Helm chart has the values of argo-cd-values.yaml, so that they are not set here.";
    variable(body, kubernetes::BY_HELM, "bool", json!(false), description)
}

impl<'a> Module<'a> {
    fn objects(&self) -> impl Iterator<Item = &'a DesiredObject> {
        self.places.iter().flat_map(|place| place.objects.iter().copied())
    }

    fn has_eks(&self) -> bool {
        self.objects().any(|o| matches!(o.object, Object::AccessEntry(_) | Object::PodIdentityAssociation(_)))
    }

    fn has_kubernetes(&self) -> bool {
        self.objects().any(|o| match &o.object {
            Object::Kubernetes(wanted) => !kubernetes::only_exists(wanted),
            Object::Restart(_) => true,
            _ => false,
        })
    }

    fn has_namespaces(&self) -> bool {
        self.objects()
            .any(|o| matches!(&o.object, Object::Kubernetes(wanted) if kubernetes::only_exists(wanted)))
    }

    /// Whether something in it is also among the values of Argo CD's Helm chart.
    fn is_set_by_helm(&self, layout: &Layout<'_>) -> bool {
        self.objects().any(
            |o| matches!(&o.object, Object::Kubernetes(wanted) if helm::says(layout.helm_values, wanted)),
        )
    }
}

/// A file that so far has its header only.
fn top(layout: &Layout<'_>) -> Body {
    Body::default().comment(&layout.header()).blank()
}

fn variable(body: Body, name: &str, kind: &str, default: serde_json::Value, description: &str) -> Body {
    let inside =
        Body::default().set("description", description).set("type", Expr::raw(kind)).set("default", default);
    body.block(format!("variable \"{name}\""), inside)
}

/// `required_version` is that of `moved`, `optional` and the rest that people's own code around the modules may use.
fn versions(layout: &Layout<'_>, providers: &[(&str, &str, &str)]) -> Body {
    let mut required = Body::default();
    for (name, source, version) in providers {
        required = required.set(name, json!({"source": source, "version": version}));
    }
    let terraform = Body::default().set("required_version", ">= 1.5").block("required_providers", required);
    top(layout).block("terraform", terraform)
}

/// `depends_on`, where there is something to depend on.
fn depends_on(body: Body, needed: Vec<String>) -> Body {
    if needed.is_empty() {
        return body;
    }
    body.blank().set("depends_on", Expr::List(needed.into_iter().map(Expr::raw).collect()))
}
