//! The cases of a fleet file: what `oarlock plan` says of it, with the files that it was made from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    case::{Case, Deployed, Need, documents, text},
    clicks::Features,
    definitions,
    variant::Variant,
};
use crate::e2e::{apiserver::Token, suite::Ground};

/// A fleet, planned.
pub(super) struct Fleet {
    name: String,
    inventory: PathBuf,
    file: Value,
    plan: Value,
    clusters: Vec<ClusterNeeds>,
}

#[derive(Deserialize)]
struct ClusterNeeds {
    cluster: String,
    arn: String,
    needs: Vec<Need>,
}

impl Fleet {
    /// Plans a fleet. What is left to people to choose is chosen, in turns, so that each choice is tried; without a choice
    /// Argo CD is meant to fail.
    pub(super) fn plan(ground: &Ground<'_>, path: &Path, name: &str, variant: &Variant) -> Result<Self> {
        let base = path.parent().context("a fleet file without folder")?.to_owned();
        let mut documents = documents(&fs::read_to_string(path)?)?;
        let mut file = documents.pop().context("an empty fleet file")?;
        make_absolute(&mut file, &base);
        decide_anew(&mut file, variant);
        variant.applications(&mut file, &ground.folder.join(format!("{name}-applications")))?;
        let decided = ground.folder.join(format!("{name}.yaml"));
        let hub = text(&file, "/spec/hub/arn")?;
        let copy = ground.folder.join(format!("{name}-inventory"));
        let inventory = variant.inventory(&base.join("inventory"), &kubernetes(hub), &copy)?;
        let oarlock = ground.oarlock()?;
        let saved = ground.folder.join(format!("{name}-plan.json"));
        let plan = |file: &Value| {
            fs::write(&decided, file.to_string())?;
            let matrix = planned(&oarlock, &decided, &inventory, &saved)?;
            let plan: Value = serde_json::from_slice(&fs::read(&saved)?)?;
            anyhow::Ok((plan, matrix))
        };
        let (mut made, mut matrix) = plan(&file)?;
        if made.get("undecided").and_then(Value::as_array).is_some_and(|undecided| !undecided.is_empty()) {
            decide(&mut file, &made, variant)?;
            (made, matrix) = plan(&file)?;
        }
        let plan = made;
        let clusters = Vec::deserialize(matrix.get_mut("clusters").map(Value::take).unwrap_or_default())?;
        if plan.get("undecided").and_then(Value::as_array).is_none_or(|undecided| !undecided.is_empty()) {
            bail!("{name}: something is still to be chosen: {:?}", plan.get("undecided"));
        }
        Ok(Self { name: name.to_owned(), inventory, file, plan, clusters })
    }

    /// One case for each cluster that something is deployed to.
    pub(super) fn cases(&self) -> Result<Vec<Case>> {
        let cases = self.clusters.iter().map(|cluster| self.case(cluster));
        let cases: Vec<Case> = cases.collect::<Result<_>>()?;
        Ok(cases.into_iter().filter(|case| !case.applications.is_empty()).collect())
    }

    fn case(&self, cluster: &ClusterNeeds) -> Result<Case> {
        let secret = self.secret_of(&cluster.cluster);
        let server = match &secret {
            Some(secret) => text(secret, "/stringData/server")?.to_owned(),
            None => "https://kubernetes.default.svc".to_owned(),
        };
        let applications = self.applications(&cluster.cluster, &server)?;
        let planned = self.planned(&cluster.arn);
        let on_cluster = |object: &&Value| !ON_HUB.contains(&kind(object));
        let [controller, argocd_server] = self.tokens(cluster, secret.is_some())?;
        Ok(Case {
            name: format!("{}/{}", self.name, cluster.cluster),
            there: definitions::missing(&self.kubernetes(&cluster.arn).join("discovery"), &applications)?,
            planned: planned.iter().filter(on_cluster).cloned().collect(),
            settings: self.settings()?,
            projects: self.projects()?,
            planned_projects: self
                .planned(self.hub())
                .into_iter()
                .filter(|object| kind(object) == "AppProject")
                .collect(),
            features: match self.file.pointer("/spec/features") {
                Some(features) => Features::deserialize(features)?,
                None => Features::default(),
            },
            needs: cluster.needs.clone(),
            server,
            secret,
            applications,
            controller,
            argocd_server,
        })
    }

    fn hub(&self) -> &str {
        self.file.pointer("/spec/hub/arn").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the plan wants on a cluster.
    fn planned(&self, arn: &str) -> Vec<Value> {
        let objects =
            self.desired().filter(|(location, _)| location.get("cluster").is_some_and(|c| c == arn));
        objects.filter_map(|(_, object)| object.get("body").cloned()).collect()
    }

    /// Location and object of all that is wanted.
    fn desired(&self) -> impl Iterator<Item = (&Value, &Value)> {
        let steps = self.plan.get("steps").and_then(Value::as_array).into_iter().flatten();
        steps.filter_map(|step| {
            let desired = step.get("desired")?;
            Some((desired.get("location")?, desired.get("object")?))
        })
    }

    fn secret_of(&self, cluster: &str) -> Option<Value> {
        let named = |object: &Value| object.pointer("/stringData/name").is_some_and(|name| name == cluster);
        self.planned(self.hub()).into_iter().find(|object| kind(object) == "Secret" && named(object))
    }

    /// argocd-cm as it is, then as the plan changes it.
    fn settings(&self) -> Result<BTreeMap<String, String>> {
        let path = self.kubernetes(self.hub()).join("configmaps.yaml");
        let there = if path.exists() { documents(&fs::read_to_string(path)?)? } else { Vec::new() };
        let items = there.iter().filter_map(|list| list.get("items")?.as_array()).flatten();
        let planned = self.planned(self.hub());
        let maps = items.chain(&planned).filter(|object| {
            kind(object) == "ConfigMap"
                && object.pointer("/metadata/name").is_some_and(|name| name == "argocd-cm")
        });
        let data = maps.filter_map(|map| map.get("data")?.as_object()).flatten();
        Ok(data.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
    }

    fn projects(&self) -> Result<Vec<Value>> {
        let mut projects = Vec::new();
        for pattern in strings(&self.file, "/spec/projects") {
            for file in expanded(Path::new(pattern))? {
                projects.extend(documents(&fs::read_to_string(file)?)?);
            }
        }
        Ok(projects)
    }

    fn applications(&self, cluster: &str, server: &str) -> Result<Vec<Deployed>> {
        let mut deployed = Vec::new();
        let sources = self.file.pointer("/spec/applications").and_then(Value::as_array);
        for source in sources.into_iter().flatten() {
            let manifests = text(source, "/manifests")?;
            for object in documents(&fs::read_to_string(text(source, "/path")?)?)? {
                let name = text(&object, "/metadata/name")?.to_owned();
                let manifests = manifests.replace("{name}", &name).into();
                let field =
                    |field| object.pointer(&format!("/spec/destination/{field}")).and_then(Value::as_str);
                let by_server = field("server").is_some_and(|url| url.trim_end_matches('/') == server);
                if by_server || field("name") == Some(cluster) {
                    deployed.push(Deployed { name, object, manifests });
                }
            }
        }
        Ok(deployed)
    }

    /// The identities of controller and server: the groups of the access entries that name their roles, or, where one role
    /// serves both, of the only one. On the hub they are the pods' service accounts.
    fn tokens(&self, cluster: &ClusterNeeds, through_iam: bool) -> Result<[Token; 2]> {
        const ACCOUNTS: [&str; 2] = ["argocd-application-controller", "argocd-server"];
        if !through_iam {
            return Ok(ACCOUNTS.map(|account| Token::of_service_account("argocd", account)));
        }
        let entries: Vec<(&str, Vec<String>)> = self
            .desired()
            .filter(|(location, object)| {
                location.get("eks").is_some_and(|arn| arn == cluster.arn.as_str())
                    && object.get("type").is_some_and(|kind| kind == "access-entry")
            })
            .map(|(_, entry)| {
                let groups = strings(entry, "/groups").map(str::to_owned).collect();
                Ok((text(entry, "/principal")?, groups))
            })
            .collect::<Result<_>>()?;
        let [controller, server] = ACCOUNTS.map(|account| {
            let role = self.role_of(account);
            let own = entries.iter().find(|(principal, _)| role.as_deref() == Some(principal));
            let (_, groups) =
                own.or(entries.first()).with_context(|| format!("no access entry for {account}"))?;
            let token = format!("token-of-{account}");
            anyhow::Ok(Token { token, user: format!("iam:{account}"), groups: groups.clone() })
        });
        Ok([controller?, server?])
    }

    /// The role that the pods of a service account of Argo CD's get: by an association, or by an annotation.
    fn role_of(&self, account: &str) -> Option<String> {
        let mut objects = self.desired().map(|(_, object)| object);
        objects.find_map(|object| {
            let field = |pointer| object.pointer(pointer).and_then(Value::as_str);
            let role = if field("/type") == Some("pod-identity-association") {
                field("/role").filter(|_| field("/serviceAccount") == Some(account))
            } else {
                field("/body/metadata/annotations/eks.amazonaws.com~1role-arn")
                    .filter(|_| field("/name") == Some(account))
            };
            role.map(str::to_owned)
        })
    }

    fn kubernetes(&self, arn: &str) -> PathBuf {
        self.inventory.join(kubernetes(arn))
    }
}

/// The folder of a cluster's Kubernetes files in an inventory.
fn kubernetes(arn: &str) -> PathBuf {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = parts.next().unwrap_or_default().trim_start_matches("cluster/");
    Path::new("clusters").join(account).join(region).join(name).join("kubernetes")
}

/// Kinds that the plan puts on the hub for Argo CD to read; everything else is access.
const ON_HUB: [&str; 3] = ["AppProject", "ConfigMap", "Secret"];

pub(super) fn kind(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or_default()
}

fn strings<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v str> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Runs `oarlock plan`, which saves the plan and prints the access matrix; fleets with findings end with 4 or 5, and have done
/// both all the same.
fn planned(oarlock: &Path, fleet: &Path, inventory: &Path, saved: &Path) -> Result<Value> {
    let mut command = Command::new(oarlock);
    command.args(["plan", "--adopt", "-f"]).arg(fleet).arg("-i").arg(inventory).args([
        "-o",
        "matrix-json",
        "--out",
    ]);
    let ran = command.arg(saved).output()?;
    if !ran.status.code().is_some_and(|code| [0, 4, 5].contains(&code)) {
        bail!("oarlock plan -f {}: {}", fleet.display(), String::from_utf8_lossy(&ran.stderr));
    }
    Ok(serde_json::from_slice(&ran.stdout)?)
}

/// Chooses, for each role that somebody has to choose about, one of the choices that all its objects have.
fn decide(file: &mut Value, plan: &Value, variant: &Variant) -> Result<()> {
    let mut choices: BTreeMap<(String, Vec<&str>), BTreeSet<&str>> = BTreeMap::new();
    let mut written = BTreeSet::new();
    for undecided in plan.get("undecided").and_then(Value::as_array).into_iter().flatten() {
        let role = undecided.get("role").context("nothing to choose about")?;
        let namespace = role.get("namespace").and_then(Value::as_str).map(|name| format!("{name}/"));
        let path =
            format!("{}/{}{}", text(role, "/kind")?, namespace.unwrap_or_default(), text(role, "/name")?);
        if undecided.get("object") == Some(role) {
            written.insert(path.clone());
        }
        let offered: BTreeSet<&str> = strings(undecided, "/choices").collect();
        let of_all = choices.entry((path, strings(undecided, "/clusters").collect()));
        let kept = of_all.or_insert_with(|| offered.clone());
        *kept = kept.intersection(&offered).copied().collect();
    }
    let mut decisions: Vec<Value> = Vec::new();
    for (turn, ((object, clusters), offered)) in choices.into_iter().enumerate() {
        let choice = if written.contains(&object) {
            choice_for_writing(variant)
        } else {
            offered.iter().nth(turn % offered.len().max(1)).context("no choice serves all objects")?
        };
        decisions.push(json!({ "object": object, "choice": choice, "clusters": clusters }));
    }
    let spec = file.get_mut("spec").and_then(Value::as_object_mut).context("a fleet file without spec")?;
    match spec.entry("shippedRbac").or_insert_with(|| json!([])) {
        Value::Array(known) => known.extend(decisions),
        other => bail!("shippedRbac is no list: {other}"),
    }
    Ok(())
}

/// The choice with which Argo CD can write a role again and again. With `bind` somebody else has to, and with `escalate` on its
/// name whoever makes it, except by a server-side apply, whose request has a name.
fn choice_for_writing(variant: &Variant) -> &'static str {
    if variant.applies_by_server() { "escalate" } else { "hold" }
}

/// Decisions that the fleet file made for somebody who writes roles by hand: here nobody does.
fn decide_anew(file: &mut Value, variant: &Variant) {
    let known = file.pointer_mut("/spec/shippedRbac").and_then(Value::as_array_mut);
    for decision in known.into_iter().flatten() {
        let object = decision.get("object").and_then(Value::as_str).unwrap_or_default();
        let is_role = object.split('/').next().is_some_and(|kind| kind.ends_with("Role"));
        if let (true, Some(choice)) = (is_role, decision.get_mut("choice")) {
            *choice = json!(choice_for_writing(variant));
        }
    }
}

/// Paths are relative to the fleet file, and it is written anew elsewhere.
fn make_absolute(file: &mut Value, base: &Path) {
    let joined = |path: &str| Value::String(base.join(path).display().to_string());
    let list = |file: &'_ mut Value, pointer| {
        file.pointer_mut(pointer).and_then(Value::as_array_mut).map(std::mem::take)
    };
    if let Some(projects) = list(file, "/spec/projects") {
        let projects = projects.iter().filter_map(Value::as_str).map(joined).collect();
        if let Some(place) = file.pointer_mut("/spec/projects") {
            *place = Value::Array(projects);
        }
    }
    let applications = file.pointer_mut("/spec/applications").and_then(Value::as_array_mut);
    for source in applications.into_iter().flatten() {
        for field in ["path", "manifests"] {
            if let Some(path) = source.get(field).and_then(Value::as_str).map(joined)
                && let Some(place) = source.get_mut(field)
            {
                *place = path;
            }
        }
    }
}

/// The files of a path whose last part may be `*.yaml`.
fn expanded(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.ends_with("*.yaml") {
        return Ok(vec![path.to_owned()]);
    }
    let folder = path.parent().context("a pattern without folder")?;
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut files: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    Ok(files)
}
