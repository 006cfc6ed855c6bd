//! RBAC that Applications ship, written by somebody who holds exactly what `oarlock needs` prints: tests/e2e/admission.yaml.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{enough::case::documents, live::Live, ours, suite::Ground, writes};
use crate::process;

/// The group that the rules are for.
const GROUP: &str = "argocd";

/// What is shipped, and what becomes of writes like `create ClusterRole/operator`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// For `--shipped-rbac`.
    #[serde(default)]
    choices: Vec<String>,
    /// Options of `oarlock needs`.
    #[serde(default)]
    options: Vec<String>,
    /// Who writes, where it isn't who holds what `oarlock needs` prints.
    #[serde(default)]
    groups: Vec<String>,
    ships: Vec<Value>,
    /// What exists already, as it is shipped.
    #[serde(default)]
    there: Vec<String>,
    /// What exists already, without rules.
    #[serde(default)]
    older: Vec<String>,
    /// What exists already and is neither.
    #[serde(default)]
    before: Vec<Value>,
    writes: BTreeMap<String, String>,
    /// A verb or a resource without which the same writes are refused.
    decisive: Option<String>,
    #[serde(default)]
    without: BTreeMap<String, String>,
}

/// Tries all; how many writes there were.
pub(super) fn run(ground: &Ground<'_>, live: &mut Live) -> Result<usize> {
    let file = ground.workspace.root.join("tests/e2e/admission.yaml");
    let cases: Vec<Case> = serde_saphyr::from_str(&fs::read_to_string(&file)?)?;
    let oarlock = ground.oarlock()?;
    let mut count = 0;
    for case in cases.iter().filter(|case| ground.wants(&case.name)) {
        let granted = if case.groups.is_empty() { case.needs(ground, &oarlock)? } else { Vec::new() };
        case.play(live, &granted, &case.writes).with_context(|| case.name.clone())?;
        count += case.writes.len() + case.without.len();
        if let Some(word) = &case.decisive {
            let less = granted.iter().map(|object| without(object, word)).collect::<Vec<_>>();
            case.play(live, &less, &case.without)
                .with_context(|| format!("{}, without `{word}`", case.name))?;
        }
        println!("    {}", case.name);
    }
    Ok(count)
}

impl Case {
    /// What `oarlock needs -o yaml` prints.
    fn needs(&self, ground: &Ground<'_>, oarlock: &Path) -> Result<Vec<Value>> {
        let manifests = ground.folder.join("shipped.yaml");
        let texts: Vec<String> = self.ships.iter().map(Value::to_string).collect();
        fs::write(&manifests, texts.join("\n---\n"))?;
        let mut needs = Command::new(oarlock);
        needs
            .arg("needs")
            .arg(&manifests)
            .args(["-n", "shop", "-o", "yaml", "--group", GROUP])
            .args(&self.options);
        for choice in &self.choices {
            needs.args(["--shipped-rbac", choice]);
        }
        let printed = needs.output().with_context(|| format!("cannot start {}", process::shown(&needs)))?;
        if !printed.status.success() {
            bail!("{} failed: {}", process::shown(&needs), String::from_utf8_lossy(&printed.stderr));
        }
        documents(&String::from_utf8(printed.stdout)?)
    }

    fn play(&self, live: &mut Live, granted: &[Value], writes: &BTreeMap<String, String>) -> Result<()> {
        let mut objects = [granted, &self.before].concat();
        for name in &self.there {
            objects.push(self.shipped(name)?.clone());
        }
        for name in &self.older {
            objects.push(emptied(self.shipped(name)?));
        }
        let adopted = live.adopt(&ours::by_kind(&objects))?;
        if adopted.refused > 0 {
            bail!("the server refuses {} of {objects:?}", adopted.refused);
        }
        let questions = writes.keys().map(|write| self.question(write)).collect::<Result<Vec<_>>>()?;
        let asked: Vec<Value> = questions.iter().map(|question| json!({ "write": question })).collect();
        for (((write, expected), question), theirs) in writes.iter().zip(&questions).zip(live.ask(&asked)?) {
            let ours = writes::outcome(&adopted.policy, question)?;
            if theirs != *expected || ours != *expected {
                bail!(
                    "{write}: expected {expected}, ours {ours}, theirs {theirs}\nquestion: {question}\ngranted: {}",
                    json!(granted)
                );
            }
        }
        Ok(())
    }

    fn question(&self, write: &str) -> Result<Value> {
        let (operation, name) = write.split_once(' ').with_context(|| format!("`{write}` is no write"))?;
        let mut groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        if groups.is_empty() {
            groups.push(GROUP);
        }
        groups.push("system:authenticated");
        Ok(
            json!({ "user": "argocd", "groups": groups, "operation": operation, "object": self.shipped(name)? }),
        )
    }

    /// `Kind/name`
    fn shipped(&self, name: &str) -> Result<&Value> {
        let is_it = |object: &&Value| {
            let own = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            format!("{}/{own}", ours::text(object, "kind")) == name
        };
        self.ships.iter().find(is_it).with_context(|| format!("`{name}` isn't shipped"))
    }
}

fn emptied(role: &Value) -> Value {
    let mut role = role.clone();
    if let Some(rules) = role.get_mut("rules") {
        *rules = json!([]);
    }
    role
}

/// The object without a verb or a resource; a rule that has no other goes.
fn without(object: &Value, word: &str) -> Value {
    let mut object = object.clone();
    if let Some(Value::Array(rules)) = object.get_mut("rules") {
        rules.retain_mut(|rule| {
            ["verbs", "resources"].into_iter().all(|field| match rule.get_mut(field) {
                Some(Value::Array(words)) => {
                    words.retain(|other| other != word);
                    !words.is_empty()
                }
                _ => true,
            })
        });
    }
    object
}
