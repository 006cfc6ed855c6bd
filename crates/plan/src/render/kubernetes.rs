//! Kubernetes YAML: a folder per cluster with a kustomization, and instructions for what YAML cannot say.

use std::fmt::Write as _;

use facts::ClusterArn;
use serde_json::json;

use super::{
    FIELD_MANAGER, File,
    layout::{Layout, Place},
    steps::{Manifest, Step, file_name, steps},
    text, yaml,
};
use crate::{Object, Ownership, Restart};

pub(super) fn render(layout: &Layout<'_>) -> Vec<File> {
    let mut files = vec![File::text("README.md", readme(layout))];
    for (arn, place) in layout.clusters() {
        cluster(layout, arn, place, &mut files);
    }
    files
}

/// The documents of one file, each under the sentence that says why it is wanted.
pub(super) fn documents(header: &str, manifests: &[Manifest<'_>]) -> String {
    let mut out = format!("# {header}\n");
    for manifest in manifests {
        out.push_str("---\n");
        if !text::one_line(manifest.reason).is_empty() {
            out.push_str(&text::comment(manifest.reason, 0));
        }
        out.push_str(&yaml::document(&manifest.object.body));
    }
    out
}

fn cluster(layout: &Layout<'_>, arn: &ClusterArn, place: &Place<'_>, files: &mut Vec<File>) {
    let (mut whole, mut fields, mut restarts) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps(place) {
        match step {
            Step::Apply(manifests) if owned(&manifests) => whole.push(manifests),
            Step::Apply(manifests) => fields.push(manifests),
            Step::Restart(restart, _) => restarts.push(restart),
        }
    }
    let folder = &place.folder;
    let header = layout.header();
    let mut names = Vec::new();
    for (number, manifests) in whole.iter().enumerate() {
        let name = file_name(number + 1, manifests);
        files.push(File::text(format!("{folder}/{name}"), documents(&header, manifests)));
        names.push(name);
    }
    for (number, manifests) in fields.iter().enumerate() {
        let path = format!("{folder}/fields/{}", file_name(number + 1, manifests));
        files.push(File::text(path, fields_file(&header, manifests)));
    }
    if !names.is_empty() {
        files.push(File::text(format!("{folder}/kustomization.yaml"), kustomization(&header, &names)));
    }
    let steps = cluster_readme(layout, arn, place, !names.is_empty(), !fields.is_empty(), &restarts);
    files.push(File::text(format!("{folder}/README.md"), steps));
}

fn owned(manifests: &[Manifest<'_>]) -> bool {
    manifests.iter().all(|manifest| manifest.object.ownership == Ownership::Whole)
}

fn fields_file(header: &str, manifests: &[Manifest<'_>]) -> String {
    let body = documents(header, manifests);
    let warning = format!(
        "# These objects belong to somebody else; only the fields below are Oarlock's. A plain `kubectl apply` would\n\
         # take the whole object over, so:\n\
         #   kubectl apply --server-side --field-manager={FIELD_MANAGER} -f FILE\n"
    );
    body.replacen('\n', &format!("\n{warning}"), 1)
}

/// `sortOptions: fifo` keeps the order of the list: kustomize would sort by kind otherwise.
fn kustomization(header: &str, names: &[String]) -> String {
    let body = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "sortOptions": {"order": "fifo"},
        "resources": names,
    });
    format!("# {header}\n{}", yaml::document(&body))
}

fn cluster_readme(
    layout: &Layout<'_>,
    arn: &ClusterArn,
    place: &Place<'_>,
    whole: bool,
    fields: bool,
    restarts: &[&Restart],
) -> String {
    let folder = &place.folder;
    let mut out = format!(
        "<!-- {} -->\n\n# {}\n\n`{arn}`\n\nRun from the folder above, in this order:\n",
        layout.header(),
        arn.name
    );
    let context = format!("--context {arn}");
    if whole {
        let _ = write!(
            out,
            "\nObjects that are Oarlock's as a whole:\n\n    kubectl {context} apply --server-side --field-manager={FIELD_MANAGER} -k {folder}\n"
        );
    }
    if fields {
        let _ = write!(
            out,
            "\nFields of objects that belong to somebody else. They stand apart since a plain `kubectl apply`, or a GitOps tool that \
             manages this folder, would take over or prune the whole object:\n\n    \
             kubectl {context} apply --server-side --field-manager={FIELD_MANAGER} -f {folder}/fields/\n\n\
             A conflict names whoever sets the field now. Change it there, or take it over with `--force-conflicts`.\n"
        );
    }
    for restart in restarts {
        let _ = write!(out, "\nWorkloads that read these settings only when they start:\n\n");
        for workload in &restart.workloads {
            let namespace = &restart.namespace;
            let _ = writeln!(out, "    kubectl {context} -n {namespace} rollout restart {workload}");
            let _ =
                writeln!(out, "    kubectl {context} -n {namespace} rollout status {workload} --timeout=10m");
        }
    }
    out
}

fn readme(layout: &Layout<'_>) -> String {
    let mut out = format!("<!-- {} -->\n\n# Kubernetes objects\n\n", layout.header());
    out.push_str(
        "One folder per cluster; its README has the commands. `--context` is the cluster's ARN, as\n\
         `aws eks update-kubeconfig` names it. Go through the clusters in this order, so that nothing is used before it is there:\n\n",
    );
    for (number, (arn, place)) in layout.clusters().enumerate() {
        let objects = place.objects.iter().filter(|o| matches!(o.object, Object::Kubernetes(_))).count();
        let _ = writeln!(
            out,
            "{}. [{}]({}/README.md): {} (`{arn}`)",
            number + 1,
            arn.name,
            place.folder,
            text::count(objects, "object")
        );
    }
    out.push_str(&elsewhere(layout));
    out
}

/// Kubernetes YAML has no words for AWS's objects: they are named so that nobody takes this folder for the whole plan.
fn elsewhere(layout: &Layout<'_>) -> String {
    let mut lines = String::new();
    for place in &layout.places {
        for object in &place.objects {
            let id = object.id();
            if !matches!(object.object, Object::Kubernetes(_) | Object::Restart(_)) {
                let _ = writeln!(lines, "- {}: {} `{}`", id.location, id.kind, text::one_line(&id.name));
            }
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!(
        "\n## Not in this folder\n\nAWS's objects. Render `terraform`, `cloudformation` or `aws-cli` for them, and apply them first:\n\n{lines}"
    )
}
