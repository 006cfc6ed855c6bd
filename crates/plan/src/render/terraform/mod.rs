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
    File,
    layout::{Layout, Place},
};
use crate::{DesiredObject, Object};

/// The AWS provider from 6.0 on: OIDC providers need no thumbprint, Pod Identity associations know `disable_session_tags`.
const AWS: (&str, &str, &str) = ("aws", "hashicorp/aws", "~> 6.0");
/// The Kubernetes provider from 2.35 on: typed `_v1` resources and `kubernetes_config_map_v1_data`.
const KUBERNETES: (&str, &str, &str) = ("kubernetes", "hashicorp/kubernetes", ">= 2.35, < 4.0");

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
    let variables = variable(
        variables,
        "tags",
        "map(string)",
        json!({}),
        "Tags to add to those that mark what is Oarlock's.",
    );
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
    let (mut access, mut objects) = (top(layout), top(layout));
    for object in module.objects() {
        match &object.object {
            Object::Kubernetes(wanted) => objects = kubernetes::object(objects, object, wanted, &mut names),
            Object::AccessEntry(_) | Object::PodIdentityAssociation(_) => {
                access = aws::eks(access, object, &mut names)
            }
            Object::IamRole(_) | Object::OidcProvider(_) | Object::Restart(_) => {}
        }
    }
    let folder = &module.folder;
    let mut providers = Vec::new();
    if module.has_eks() {
        let variables = variable(
            top(layout),
            "tags",
            "map(string)",
            json!({}),
            "Tags to add to those that mark what is Oarlock's.",
        );
        files.push(File::text(format!("{folder}/variables.tf"), variables.print()));
        files.push(File::text(format!("{folder}/access.tf"), access.print()));
        providers.push(AWS);
    }
    if module.has_kubernetes() {
        files.push(File::text(format!("{folder}/kubernetes.tf"), objects.print()));
        providers.push(KUBERNETES);
    }
    files.push(File::text(format!("{folder}/versions.tf"), versions(layout, &providers).print()));
}

impl<'a> Module<'a> {
    fn objects(&self) -> impl Iterator<Item = &'a DesiredObject> {
        self.places.iter().flat_map(|place| place.objects.iter().copied())
    }

    fn has_eks(&self) -> bool {
        self.objects().any(|o| matches!(o.object, Object::AccessEntry(_) | Object::PodIdentityAssociation(_)))
    }

    fn has_kubernetes(&self) -> bool {
        self.objects().any(|o| matches!(o.object, Object::Kubernetes(_)))
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
