//! The example fleet acme: each way from a pod on the hub to a spoke, as Oarlock plans and renders it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    aws::{Aws, Credentials},
    cases::NOT_MAPPED,
    cluster::{Arn, Cluster},
    pods::{PodIdentity, ServiceAccount},
    scene::{create_cluster, create_role},
};
use crate::{e2e::suite::Ground, process};

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";

/// What the plan says about access.
#[derive(Default)]
struct Planned {
    /// Trust policies by the roles' ARNs.
    trusts: BTreeMap<String, Value>,
    /// The groups by cluster and principal.
    entries: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// How Argo CD gets a token for a cluster, by the cluster's URL.
    logins: BTreeMap<String, Login>,
}

/// A cluster Secret's `awsAuthConfig`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    cluster_name: String,
    #[serde(rename = "roleARN")]
    role: Option<String>,
}

/// One of Argo CD's identities on the hub.
struct Pod {
    role: String,
    credentials: Credentials,
}

/// Applies the rendered scripts, and lets each of Argo CD's pods in wherever the plan says so.
pub(super) fn show(ground: &Ground<'_>, aws: &Aws) -> Result<String> {
    let planned = planned(ground)?;
    let urls = urls(&ground.examples().join("acme/inventory/clusters"))?;
    prepare(aws, &planned, &urls)?;
    apply(ground, aws, &urls)?;
    let pods = pods(aws, &planned)?;
    let mut ways = 0;
    for (arn, entries) in &planned.entries {
        let login = planned.logins.get(urls.get(arn).context("a cluster without URL")?);
        let login = login.with_context(|| format!("no cluster Secret leads to {arn}"))?;
        ways += enter(ground, aws, arn, entries, login, &pods, &planned.logins)?;
    }
    Ok(format!("{ways} ways into {} clusters of acme, with the planned groups", planned.entries.len()))
}

/// All pods that reach clusters go to one; how many come in. Who comes without what leads there, stays outside.
fn enter(
    ground: &Ground<'_>,
    aws: &Aws,
    arn: &str,
    entries: &BTreeMap<String, BTreeSet<String>>,
    login: &Login,
    pods: &[Pod],
    logins: &BTreeMap<String, Login>,
) -> Result<usize> {
    let cluster = Cluster::start(ground, aws, &Arn::parse(arn)?)?;
    let region = Arn::parse(HUB)?.region;
    let mut ways = 0;
    for pod in pods {
        let principal = login.role.as_deref().unwrap_or(&pod.role);
        let groups = entries.get(principal).with_context(|| format!("{principal} on {arn}"))?;
        let token = aws.token(&pod.credentials, &region, &login.cluster_name, login.role.as_deref())?;
        let user = cluster.user_soon(&token, |_| true)?;
        let expected = user_name(principal, user.session())?;
        let own: BTreeSet<_> = user.own_groups().into_iter().map(str::to_owned).collect();
        ensure!(own == *groups && user.username == expected, "{arn}: {user:?}, planned: {groups:?}");
        ways += 1;
        if login.role.is_some() {
            let alone = aws.token(&pod.credentials, &region, &login.cluster_name, None)?;
            cluster.refuses(&alone, NOT_MAPPED).with_context(|| format!("{} on {arn}", pod.role))?;
        }
        // The name in a token is all that says which cluster it is for: where two share it, the role has to differ.
        let namesakes = logins.values().filter(|other| other.cluster_name == login.cluster_name);
        for other in namesakes.filter(|other| other.role != login.role) {
            let token = aws.token(&pod.credentials, &region, &other.cluster_name, other.role.as_deref())?;
            cluster.refuses(&token, NOT_MAPPED).with_context(|| format!("{other:?} on {arn}"))?;
        }
    }
    println!("  {arn}: {ways} pods come in");
    Ok(ways)
}

/// What an access entry without a user name of its own gives: EKS User Guide, "Create access entries".
fn user_name(principal: &str, session: &str) -> Result<String> {
    let account = principal.split(':').nth(4).context("a role's account")?;
    let name = principal.rsplit('/').next().context("a role's name")?;
    Ok(format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"))
}

fn planned(ground: &Ground<'_>) -> Result<Planned> {
    let mut command = Command::new(ground.oarlock()?);
    let plan = ground.folder.join("plan.json");
    inputs(ground, command.arg("plan")).args(["-o", "json"]).stdout(fs::File::create(&plan)?);
    // Findings have an exit status of their own; that the run failed is 1.
    let output = command.output().context("cannot start oarlock")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() != Some(1), "{}: {said}", process::shown(&command));
    let plan: Value = serde_json::from_slice(&fs::read(plan)?)?;
    let mut planned = Planned::default();
    for step in plan.pointer("/steps").and_then(Value::as_array).context("a plan's steps")? {
        if let Some(object) = step.pointer("/desired/object") {
            planned.add(object)?;
        }
    }
    Ok(planned)
}

impl Planned {
    fn add(&mut self, object: &Value) -> Result<()> {
        let field = |name| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match field("type").as_str() {
            "iam-role" => {
                let trust = object.get("trust").context("a role's trust policy")?;
                self.trusts.insert(field("arn"), trust.clone());
            }
            "access-entry" => {
                let groups = BTreeSet::deserialize(object.get("groups").context("an entry's groups")?)?;
                self.entries.entry(field("cluster")).or_default().insert(field("principal"), groups);
            }
            "kubernetes" if field("kind") == "Secret" => {
                let text = |name: &str| object.pointer(&format!("/body/stringData/{name}"))?.as_str();
                let (Some(server), Some(config)) = (text("server"), text("config")) else { return Ok(()) };
                let config: Value = serde_json::from_str(config)?;
                if let Some(login) = config.get("awsAuthConfig") {
                    self.logins.insert(server.to_owned(), Login::deserialize(login)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The roles that trust policies name and that are there before the plan.
    fn foreign(&self) -> BTreeSet<String> {
        let texts = self.trusts.values().map(Value::to_string).collect::<String>();
        let named =
            texts.split('"').filter(|word| word.starts_with("arn:aws:iam::") && word.contains(":role/"));
        named.filter(|arn| !self.trusts.contains_key(*arn)).map(str::to_owned).collect()
    }
}

fn inputs<'c>(ground: &Ground<'_>, command: &'c mut Command) -> &'c mut Command {
    let acme = ground.examples().join("acme");
    command.arg("-f").arg(acme.join("fleet.yaml")).arg("-i").arg(acme.join("inventory"))
}

/// The clusters' URLs by their ARNs, from `clusters/<account>/<region>/<name>/eks/describe-cluster.json`.
fn urls(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut folders = vec![folder.to_owned()];
    for _ in ["account", "region", "name"] {
        folders = folders.iter().map(|folder| subfolders(folder)).collect::<Result<Vec<_>>>()?.concat();
    }
    let mut urls = BTreeMap::new();
    for folder in folders {
        let cluster: Value = serde_json::from_slice(&fs::read(folder.join("eks/describe-cluster.json"))?)?;
        let field = |name: &str| cluster.pointer(&format!("/cluster/{name}"))?.as_str().map(str::to_owned);
        urls.insert(field("arn").context("a cluster's ARN")?, field("endpoint").context("its endpoint")?);
    }
    Ok(urls)
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    found.sort();
    Ok(found)
}

/// Makes what the plan finds: the clusters, and the roles that it leaves to others.
fn prepare(aws: &Aws, planned: &Planned, urls: &BTreeMap<String, String>) -> Result<()> {
    for arn in urls.keys() {
        create_cluster(aws, &Arn::parse(arn)?)?;
    }
    for role in planned.foreign() {
        let (account, name) =
            (role.split(':').nth(4).unwrap_or_default(), role.rsplit('/').next().unwrap_or_default());
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole",
        }] });
        create_role(aws, account, name, &trust)?;
    }
    Ok(())
}

/// Runs the rendered scripts for AWS, in `apply.sh`'s order.
fn apply(ground: &Ground<'_>, aws: &Aws, urls: &BTreeMap<String, String>) -> Result<()> {
    let folder = ground.folder.join("acme");
    let mut render = Command::new(ground.oarlock()?);
    inputs(ground, render.arg("render")).args(["--format", "aws-cli", "--out-dir"]).arg(&folder);
    let output = render.output().context("cannot start oarlock")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() != Some(1), "{}: {said}", process::shown(&render));
    let accounts: BTreeSet<_> = urls.keys().map(|arn| Ok(Arn::parse(arn)?.account)).collect::<Result<_>>()?;
    aws.environment.write_profiles(&accounts)?;
    let all = fs::read_to_string(folder.join("apply.sh"))?;
    for script in all.lines().filter(|line| line.ends_with("/iam.sh") || line.ends_with("/eks.sh")) {
        let mut command = aws.environment.command("bash", "eu-west-1");
        command.current_dir(&folder).arg(script);
        command.envs(accounts.iter().map(|account| (format!("OARLOCK_PROFILE_{account}"), account)));
        let output = command.output().context("cannot start bash")?;
        if !output.status.success() {
            bail!("{script}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    Ok(())
}

/// Argo CD's pods that reach clusters, with what their Pod Identity associations give them.
fn pods(aws: &Aws, planned: &Planned) -> Result<Vec<Pod>> {
    let hub = Arn::parse(HUB)?;
    let identity = PodIdentity::start(aws, &hub.account)?;
    let root = Credentials::of_root(&hub.account);
    let call = |operation, parameters| aws.call(&root, &hub.region, ("eks", operation), &parameters);
    let list = call("ListPodIdentityAssociations", json!({ "clusterName": hub.name }))?;
    let mut pods = Vec::new();
    for association in list.pointer("/associations").and_then(Value::as_array).into_iter().flatten() {
        let id = association.get("associationId");
        let parameters = json!({ "clusterName": hub.name, "associationId": id });
        let described = call("DescribePodIdentityAssociation", parameters)?;
        let field = |name: &str| described.pointer(&format!("/association/{name}"))?.as_str();
        let (Some(role), Some(namespace), Some(name)) =
            (field("roleArn"), field("namespace"), field("serviceAccount"))
        else {
            bail!("an association without role: {described}");
        };
        if name == "argocd-applicationset-controller" {
            continue;
        }
        let trust = planned.trusts.get(role).with_context(|| format!("{role} is not planned"))?;
        identity.stand_in(role, trust)?;
        let pod = ServiceAccount { cluster: HUB, namespace, name };
        let credentials = identity.credentials(role, &pod)?;
        pods.push(Pod { role: role.to_owned(), credentials });
    }
    ensure!(!pods.is_empty(), "no pod of the hub has a role");
    Ok(pods)
}
