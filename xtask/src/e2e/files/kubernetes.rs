//! Kubernetes YAML on real API servers that have what the inventory says: what the READMEs say is done, twice.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    Counts, Rendered, has_extension,
    mistake::{Mistake, all_found},
    readme,
    said::{Said, said},
};
use crate::e2e::{
    aws::clusters::{self, Clusters},
    go,
};

const APPLY: &str = "apply --server-side --field-manager=oarlock";

/// The way out of a conflict that READMEs offer.
const TAKE_OVER: &str = "--force-conflicts";

/// The API server knows each field of its own kinds, and Argo CD's definitions those of an AppProject.
const MISTAKES: [Mistake; 3] = [
    Mistake { from: "\nrules:", to: "\nrule:", told: ".rule: field not declared" },
    Mistake {
        from: "\n  kind: ClusterRole\n",
        to: "\n  kind: ClusterRolle\n",
        told: "Unsupported value: \"ClusterRolle\"",
    },
    Mistake {
        from: "\n  destinations:",
        to: "\n  destination:",
        told: ".spec.destination: field not declared",
    },
];

/// Objects by where they are, each with its version.
type Versions = BTreeMap<String, String>;

pub(super) fn check(rendered: &Rendered<'_>) -> Result<Counts> {
    let inventory = rendered.ground.examples().join(rendered.fleet.inventory);
    let clusters =
        Clusters::start(rendered.ground, &format!("{}/clusters", rendered.fleet.name), &inventory)?;
    let shell = Shell { rendered, kubeconfig: &clusters.kubeconfig };
    let hub = clusters::folders(&inventory)?.into_iter().next().context("an inventory without clusters")?;
    shell.define(&hub.arn)?;
    shell.check().with_context(|| clusters.logs())
}

/// Somebody at a shell in the rendered folder.
struct Shell<'a> {
    rendered: &'a Rendered<'a>,
    kubeconfig: &'a Path,
}

impl Shell<'_> {
    /// Gives the hub Argo CD's own definitions, which know each field.
    fn define(&self, hub: &str) -> Result<()> {
        let argocd = go::module(self.rendered.ground.workspace, "argocd", "github.com/argoproj/argo-cd/v3")?;
        let folder = argocd.join("manifests/crds");
        let command = format!(
            "kubectl --context {hub} apply --server-side --field-manager=somebody -k {}",
            folder.display()
        );
        self.run(&command)?.yes().map(drop)
    }

    fn check(&self) -> Result<Counts> {
        let commands = self.commands()?;
        let mut taken_over = 0;
        for command in &commands {
            taken_over += usize::from(self.first(command)?);
        }
        let applied: Vec<_> = commands.iter().filter(|command| command.contains(APPLY)).collect();
        let once = self.versions(&applied)?;
        for command in &applied {
            self.run(command)?.yes()?;
        }
        same(&once, &self.versions(&applied)?)?;
        let folders = self.folders(&commands)?;
        let mistakes = self.mistakes(&applied)?;
        Ok(Counts::from([
            ("commands of READMEs", commands.len()),
            ("commands that take fields over", taken_over),
            ("objects applied twice", once.len()),
            ("kustomizations", folders),
            ("mistakes found", mistakes),
        ]))
    }

    /// Those of all clusters' READMEs, in the order that the folder's README says.
    fn commands(&self) -> Result<Vec<String>> {
        let mut commands = Vec::new();
        for readme in readme::steps(&self.rendered.folder.join("README.md"))? {
            let found = readme::commands(&readme, "kubectl")?;
            let applies = found.iter().any(|command| command.contains(APPLY));
            if applies && !fs::read_to_string(&readme)?.contains(TAKE_OVER) {
                bail!("{} doesn't say what to do about a conflict", readme.display());
            }
            commands.extend(found);
        }
        Ok(commands)
    }

    /// Runs it, after a dry run where it applies something. Whether it met a conflict about fields, and took them over as the
    /// README offers.
    fn first(&self, command: &str) -> Result<bool> {
        let command = command.to_owned();
        if !command.contains(APPLY) {
            return self.run(&command)?.yes().map(|_| false);
        }
        let said = self.run(&dry(&command))?;
        let conflicts = !said.fine && said.text.contains("conflict");
        if !conflicts {
            said.yes()?;
        }
        let command = if conflicts { format!("{command} {TAKE_OVER}") } else { command };
        self.run(&dry(&command))?.yes()?;
        self.run(&command)?.yes()?;
        Ok(conflicts)
    }

    /// The objects of the commands, as the API servers have them.
    fn versions(&self, applied: &[&String]) -> Result<Versions> {
        let mut versions = Versions::new();
        for command in applied {
            let text = self.run(&command.replace(APPLY, "get -o json"))?.yes()?;
            let got: Value = serde_json::from_str(&text)?;
            let one = std::slice::from_ref(&got);
            for object in got.get("items").and_then(Value::as_array).map_or(one, Vec::as_slice) {
                let field = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let uid = field("/metadata/uid");
                let name = format!("{} {} {uid}", field("/kind"), field("/metadata/name"));
                versions.insert(name, field("/metadata/resourceVersion").to_owned());
            }
        }
        Ok(versions)
    }

    /// What a tool that applies a whole folder sends is accepted, too; how many folders.
    fn folders(&self, commands: &[String]) -> Result<usize> {
        let kustomizations = self
            .rendered
            .files(|path, _| path.file_name().is_some_and(|name| name == "kustomization.yaml"))?;
        for file in &kustomizations {
            let folder = self.folder_of(file)?;
            let kubectl = kubectl_of(commands, &folder)?;
            self.run(&format!("{kubectl} apply --dry-run=server -k {folder}"))?.yes()?;
        }
        Ok(kustomizations.len())
    }

    fn mistakes(&self, applied: &[&String]) -> Result<usize> {
        let files = self.rendered.files(|path, _| {
            has_extension(path, "yaml")
                && !path.ends_with("kustomization.yaml")
                && path.parent() != Some(&self.rendered.folder)
        })?;
        all_found(&MISTAKES, &files, |file| {
            let kubectl = kubectl_of(applied, &self.folder_of(file)?)?;
            self.run(&format!("{kubectl} {APPLY} {TAKE_OVER} --dry-run=server -f {}", file.display()))
        })
    }

    /// The cluster's folder that a file is in.
    fn folder_of(&self, file: &Path) -> Result<String> {
        let relative = file.strip_prefix(&self.rendered.folder)?;
        let first = relative.components().next().context("a file without folder")?;
        Ok(first.as_os_str().to_string_lossy().into_owned())
    }

    fn run(&self, command: &str) -> Result<Said> {
        let path = env::var_os("PATH").unwrap_or_default();
        let bins = std::iter::once(self.rendered.tools.bin.clone()).chain(env::split_paths(&path));
        said(
            Command::new("bash")
                .args(["-euc", command])
                .current_dir(&self.rendered.folder)
                .env("KUBECONFIG", self.kubeconfig)
                .env("PATH", env::join_paths(bins)?),
        )
    }
}

fn dry(command: &str) -> String {
    format!("{command} --dry-run=server")
}

/// How the commands for a cluster's folder begin: with kubectl and the cluster's context.
fn kubectl_of<'c>(commands: &'c [impl AsRef<str>], folder: &str) -> Result<&'c str> {
    let is_for = |command: &&str| {
        command.ends_with(&format!(" -k {folder}")) || command.contains(&format!(" -f {folder}/"))
    };
    let mut commands = commands.iter().map(AsRef::as_ref);
    let command = commands.find(is_for).with_context(|| format!("no README has a command for {folder}"))?;
    Ok(command.split_once(" apply ").map_or(command, |(kubectl, _)| kubectl))
}

fn same(once: &Versions, twice: &Versions) -> Result<()> {
    let changed: Vec<_> =
        once.iter().filter(|(object, version)| twice.get(*object) != Some(version)).collect();
    if changed.is_empty() { Ok(()) } else { bail!("applying again changes {changed:?}") }
}
