//! kubectl, as whoever sets a scene uses it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process;

/// How long the API server may take to do what it has accepted.
const WITHIN: Duration = Duration::from_secs(60);

/// What `kubectl apply` writes as (kubectl/pkg/cmd/apply/apply.go, FieldManagerClientSideApply).
const CLIENT_SIDE_APPLY: &str = "kubectl-client-side-apply";

/// kubectl with the kubeconfig of one identity on one cluster.
#[derive(Clone, Debug)]
pub(super) struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    pub(super) fn new(program: &Path, kubeconfig: &Path) -> Self {
        Self { program: program.to_owned(), kubeconfig: kubeconfig.to_owned() }
    }

    /// Applies objects on the server's side, in one call. Who applies an object again without a field gives that up, if it was
    /// the same manager's.
    pub(super) fn apply(&self, manager: &str, objects: &[Value]) -> Result<()> {
        self.apply_in(None, manager, objects)
    }

    /// The same, for objects that leave their namespace to whoever applies them.
    pub(super) fn apply_in(&self, namespace: Option<&str>, manager: &str, objects: &[Value]) -> Result<()> {
        if objects.is_empty() {
            return Ok(());
        }
        let manager = format!("--field-manager={manager}");
        let mut arguments = vec!["apply", "--server-side", "--force-conflicts", &manager, "-f", "-"];
        arguments.extend(namespace.into_iter().flat_map(|namespace| ["--namespace", namespace]));
        self.fed(&arguments, &list(objects)).map(drop)
    }

    /// Applies objects as somebody else, with more arguments.
    pub(super) fn apply_as(&self, arguments: &[&str], objects: &[Value]) -> Result<()> {
        let apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=replay", "-f", "-"];
        self.fed(&[&apply, arguments].concat(), &list(objects)).map(drop)
    }

    /// Waits until all CustomResourceDefinitions are served.
    pub(super) fn established(&self) -> Result<()> {
        let is_established = |definition: &Value| {
            let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
            conditions.into_iter().flatten().any(|condition| {
                condition.get("type").is_some_and(|kind| kind == "Established")
                    && condition.get("status").is_some_and(|status| status == "True")
            })
        };
        let deadline = Instant::now() + WITHIN;
        while !self.list("customresourcedefinitions", "")?.iter().all(is_established) {
            if Instant::now() > deadline {
                bail!("a CustomResourceDefinition isn't served after {} s", WITHIN.as_secs());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Puts objects in the place of those of the same names, as a client-side apply does.
    pub(super) fn replace(&self, objects: &[Value]) -> Result<()> {
        let manager = format!("--field-manager={CLIENT_SIDE_APPLY}");
        self.fed(&["replace", &manager, "-f", "-"], &list(objects)).map(drop)
    }

    /// Deletes objects and creates them anew, as others.
    pub(super) fn remake(&self, objects: &[Value]) -> Result<()> {
        self.fed(&["replace", "--force", "-f", "-"], &list(objects)).map(drop)
    }

    /// Those of these objects that are there. A namespace is given for namespaced kinds.
    pub(super) fn get(&self, kind: &str, namespace: Option<&str>, names: &[&str]) -> Result<Vec<Value>> {
        let mut arguments = vec!["get", kind];
        arguments.extend(names);
        arguments.extend(namespace.into_iter().flat_map(|namespace| ["--namespace", namespace]));
        arguments.extend(["--ignore-not-found", "-o", "json"]);
        let text = self.run(&arguments)?;
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut answer: Value = serde_json::from_str(&text)?;
        // A single one comes without a list around it.
        match answer.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(vec![answer]),
        }
    }

    /// Creates objects, or only asks whether they could be; what the API server answers.
    pub(super) fn create(&self, objects: &[Value], arguments: &[&str]) -> Result<Vec<Value>> {
        let text = self.fed(&[&["create", "-f", "-", "-o", "json"], arguments].concat(), &list(objects))?;
        // One after the other, not as a list.
        let answers = serde_json::Deserializer::from_str(&text).into_iter();
        Ok(answers.collect::<Result<_, _>>()?)
    }

    /// All objects of a resource, everywhere, perhaps by label.
    pub(super) fn list(&self, resource: &str, selector: &str) -> Result<Vec<Value>> {
        let text = self.run(&["get", resource, "--all-namespaces", "--selector", selector, "-o", "json"])?;
        let mut list: Value = serde_json::from_str(&text)?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => bail!("kubectl printed no list: {text}"),
        }
    }

    /// Its stdout.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(arguments);
        let output = command.stdin(Stdio::null()).output();
        printed(&command, output.with_context(|| format!("cannot start {}", process::shown(&command)))?)
    }

    fn fed(&self, arguments: &[&str], input: &Value) -> Result<String> {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", process::shown(&command)))?;
        let mut stdin = child.stdin.take().context("kubectl has no stdin")?;
        stdin.write_all(input.to_string().as_bytes())?;
        drop(stdin);
        printed(&command, child.wait_with_output()?)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.env("KUBECONFIG", &self.kubeconfig).args(arguments);
        command
    }
}

fn list(objects: &[Value]) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "items": objects })
}

fn printed(command: &Command, output: Output) -> Result<String> {
    if !output.status.success() {
        bail!("{} failed: {}", process::shown(command), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
