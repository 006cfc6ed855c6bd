//! Kubernetes YAML: a folder per cluster with a kustomization, and instructions for what YAML cannot say.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::ClusterArn;
use serde_json::{Value, json};

use super::{
    FIELD_MANAGER, File, helm,
    layout::{Layout, Place},
    steps::{Manifest, Step, steps},
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
        let mut body = manifest.object.body.value();
        for (key, text) in encode(&mut body) {
            let _ = writeln!(out, "# data.{}: {}", text::one_line(&key), text::one_line(&text));
        }
        out.push_str(&yaml::document(&body));
    }
    out
}

/// Writes a Secret's `stringData` as `data`, and gives the plain texts back for people to read. Server-side apply doesn't
/// know that the two are the same: with `stringData` nobody would be told of a conflict, and a key that the plan wants
/// no more (`project`, which opens a project's destinations) would stay (Kubernetes documentation, "Secrets").
fn encode(body: &mut Value) -> Vec<(String, String)> {
    let Some(object) = body.as_object_mut() else { return Vec::new() };
    if object.get("kind").and_then(Value::as_str) != Some("Secret") {
        return Vec::new();
    }
    let Some(Value::Object(plain)) = object.shift_remove("stringData") else { return Vec::new() };
    let mut texts = Vec::new();
    let data = object.entry("data").or_insert_with(|| json!({}));
    for (key, value) in plain {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Value::Object(data) = data {
            data.insert(key.clone(), Value::String(STANDARD.encode(&text)));
        }
        texts.push((key, text));
    }
    texts
}

fn cluster(layout: &Layout<'_>, arn: &ClusterArn, place: &Place<'_>, files: &mut Vec<File>) {
    let (folder, header) = (&place.folder, layout.header());
    let steps = steps(layout, place);
    let mut runs: Vec<Run<'_>> = Vec::new();
    for step in &steps {
        let file = match step {
            Step::Restart(restart, _) => {
                runs.push(Run::Restart(restart));
                continue;
            }
            Step::Apply(file) => file,
        };
        let name = file.file_name();
        let (path, body) = match file.ownership {
            Ownership::Whole => (format!("{folder}/{name}"), documents(&header, &file.all)),
            Ownership::Fields => (format!("{folder}/fields/{name}"), fields_file(&header, &file.all)),
        };
        files.push(File::text(path.clone(), body));
        match runs.last_mut() {
            Some(Run::Apply(ownership, paths)) if *ownership == file.ownership => paths.push(path),
            _ => runs.push(Run::Apply(file.ownership, vec![path])),
        }
    }
    let whole: Vec<&str> = files_of(&runs, Ownership::Whole).collect();
    if !whole.is_empty() {
        let names: Vec<&str> = whole.iter().filter_map(|path| path.rsplit('/').next()).collect();
        files.push(File::text(format!("{folder}/kustomization.yaml"), kustomization(&header, &names)));
    }
    files.push(File::text(format!("{folder}/README.md"), cluster_readme(layout, arn, folder, &runs)));
}

/// What one command does.
enum Run<'a> {
    Apply(Ownership, Vec<String>),
    Restart(&'a Restart),
}

fn files_of<'r>(runs: &'r [Run<'_>], ownership: Ownership) -> impl Iterator<Item = &'r str> {
    runs.iter()
        .filter_map(move |run| match run {
            Run::Apply(whose, paths) if *whose == ownership => Some(paths),
            _ => None,
        })
        .flatten()
        .map(String::as_str)
}

/// The same for objects that belong to somebody else.
pub(super) fn fields_file(header: &str, manifests: &[Manifest<'_>]) -> String {
    let warning = format!(
        "# These objects belong to somebody else; only the fields below are Oarlock's. A plain `kubectl apply` would\n\
         # take the whole object over, so:\n\
         #   kubectl apply --server-side --field-manager={FIELD_MANAGER} -f FILE\n"
    );
    documents(header, manifests).replacen('\n', &format!("\n{warning}"), 1)
}

/// `sortOptions: fifo` keeps the order of the list: kustomize would sort by kind otherwise.
fn kustomization(header: &str, names: &[&str]) -> String {
    let body = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "sortOptions": {"order": "fifo"},
        "resources": names,
    });
    format!("# {header}\n{}", yaml::document(&body))
}

fn cluster_readme(layout: &Layout<'_>, arn: &ClusterArn, folder: &str, runs: &[Run<'_>]) -> String {
    let mut out = format!(
        "<!-- {} -->\n\n# {}\n\n`{arn}`\n\nRun from the folder above, in this order:\n\n",
        layout.header(),
        arn.name
    );
    let apply = format!("    kubectl --context {arn} apply --server-side --field-manager={FIELD_MANAGER}");
    let wholes = runs.iter().filter(|run| matches!(run, Run::Apply(Ownership::Whole, _))).count();
    for run in runs {
        let _ = match run {
            Run::Apply(Ownership::Whole, _) if wholes == 1 => writeln!(out, "{apply} -k {folder}"),
            Run::Apply(_, paths) => writeln!(out, "{apply} -f {}", paths.join(" -f ")),
            Run::Restart(restart) => writeln!(out, "{}", restart_commands(arn, restart).trim_end()),
        };
    }
    let [whole, fields] =
        [Ownership::Whole, Ownership::Fields].map(|ownership| files_of(runs, ownership).next().is_some());
    for (_, section) in
        [(whole || fields, ORDER), (whole, KUSTOMIZATION), (fields, FIELDS)].iter().filter(|(is, _)| *is)
    {
        out.push_str(section);
    }
    out
}

/// Objects that are Oarlock's as a whole may be there already, made by others: a cluster Secret by `argocd cluster add`.
const ORDER: &str = "
The numbers of the files are their order. A conflict names whoever sets a field now: change it there, or take it over with
`--force-conflicts`.
";

const KUSTOMIZATION: &str = "
`kustomization.yaml` has what is Oarlock's as a whole, for tools that apply a folder.
";

const FIELDS: &str = "
`fields/` has what Oarlock sets in objects that belong to somebody else, or that must only be there. It is in no kustomization: a
plain `kubectl apply` would take over the whole object, and a GitOps tool would prune it.
";

/// Restarts, one workload after the other.
pub(super) fn restart_commands(arn: &ClusterArn, restart: &Restart) -> String {
    let mut out = String::new();
    for workload in &restart.workloads {
        let kubectl = format!("    kubectl --context {arn} -n {} rollout", restart.namespace);
        let _ = writeln!(out, "{kubectl} restart {workload}\n{kubectl} status {workload} --timeout=10m");
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
    out.push_str(&helm::section(layout.helm_values, &format!("in place of {}", left_to_helm(layout))));
    out.push_str(&elsewhere(layout));
    out
}

fn left_to_helm(layout: &Layout<'_>) -> String {
    let mut paths = Vec::new();
    for (_, place) in layout.clusters() {
        for step in steps(layout, place) {
            if let Step::Apply(file) = &step
                && file.by_helm
            {
                paths.push(format!("`{}/fields/{}`", place.folder, file.file_name()));
            }
        }
    }
    paths.join(" and ")
}

/// Kubernetes YAML has no words for AWS's objects: they are named so that nobody takes this folder for the whole plan.
fn elsewhere(layout: &Layout<'_>) -> String {
    let mut lines = String::new();
    for place in &layout.places {
        let when =
            layout.between(place).map(|(before, after)| format!(" (between `{before}` and `{after}`)"));
        let when = when.unwrap_or_default();
        for object in &place.objects {
            let id = object.id();
            if !matches!(object.object, Object::Kubernetes(_) | Object::Restart(_)) {
                let _ =
                    writeln!(lines, "- {}: {} `{}`{when}", id.location, id.kind, text::one_line(&id.name));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_applied_encoded_and_read_in_plain_text() {
        let mut body =
            json!({"kind": "Secret", "data": {"a": "eA=="}, "stringData": {"server": "https://x", "b": ""}});
        let texts = encode(&mut body);
        assert_eq!(body, json!({"kind": "Secret", "data": {"a": "eA==", "server": "aHR0cHM6Ly94", "b": ""}}));
        assert_eq!(texts, [("server".to_owned(), "https://x".to_owned()), ("b".to_owned(), String::new())]);
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        let mut body = json!({"kind": "ConfigMap", "stringData": {"a": "b"}});
        assert_eq!(encode(&mut body), []);
        assert_eq!(body, json!({"kind": "ConfigMap", "stringData": {"a": "b"}}));
    }
}
