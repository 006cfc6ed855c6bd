//! The example fleet acme: each way from a pod on the hub to a spoke, as Oarlock plans and renders it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{
    aws::{Aws, Credentials},
    cases::NOT_MAPPED,
    cluster::{Arn, Cluster},
    planned::{Entries, Login, Planned, oarlock, urls},
    pods::{PodIdentity, ServiceAccount},
    scene::{create_cluster, create_role},
};
use crate::e2e::suite::Ground;

pub(super) const NAME: &str = "the fleet acme";

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";

/// Argo CD's pods with a role of their own.
struct Pod {
    role: String,
    credentials: Credentials,
    /// Whether the plan lets them into any cluster.
    reaches_clusters: bool,
}

/// The way that the plan has into one cluster.
struct Way<'a> {
    arn: &'a str,
    entries: &'a Entries,
    login: &'a Login,
    /// How Argo CD comes to other clusters of the same name.
    namesakes: Vec<&'a Login>,
}

/// Applies the rendered scripts, and lets each of Argo CD's pods in wherever the plan says so, and nowhere else.
pub(super) fn show(ground: &Ground<'_>, aws: &Aws) -> Result<String> {
    let planned = Planned::read(ground)?;
    let urls = urls(ground)?;
    prepare(aws, &planned, &urls)?;
    apply(ground, aws, &urls)?;
    let pods = pods(aws, &planned)?;
    for (arn, entries) in &planned.entries {
        let login = urls.get(arn).and_then(|url| planned.logins.get(url));
        let login = login.with_context(|| format!("no cluster Secret leads to {arn}"))?;
        let namesakes = planned.logins.values();
        let namesakes =
            namesakes.filter(|other| other.cluster_name == login.cluster_name && other.role != login.role);
        let way = Way { arn, entries, login, namesakes: namesakes.collect() };
        way.show(aws, &Cluster::start(ground, aws, &Arn::parse(arn)?)?, &pods)?;
        println!("  {NAME}: {arn}");
    }
    let entries: usize = planned.entries.values().map(BTreeMap::len).sum();
    Ok(format!("{} clusters of acme let in whom their {entries} access entries name", planned.entries.len()))
}

impl Way<'_> {
    fn show(&self, aws: &Aws, cluster: &Cluster<'_>, pods: &[Pod]) -> Result<()> {
        let mut came = BTreeSet::new();
        for pod in pods {
            if pod.reaches_clusters {
                came.insert(self.lets_in(aws, cluster, pod)?);
            } else {
                self.keeps_out(aws, cluster, pod)?;
            }
        }
        ensure!(
            came.iter().eq(self.entries.keys()),
            "{}: of {:?} only {came:?} came",
            self.arn,
            self.entries
        );
        Ok(())
    }

    /// The principal as which a pod comes in, and only as this one.
    fn lets_in(&self, aws: &Aws, cluster: &Cluster<'_>, pod: &Pod) -> Result<String> {
        let principal = self.login.role.as_deref().unwrap_or(&pod.role);
        let groups = self.entries.get(principal).with_context(|| format!("{principal} on {}", self.arn))?;
        let user = cluster.user_soon(&token(aws, pod, self.login)?, |_| true)?;
        let own: BTreeSet<_> = user.own_groups().into_iter().map(str::to_owned).collect();
        let expected = user_name(principal, user.session())?;
        ensure!(own == *groups && user.username == expected, "{}: {user:?}, planned: {groups:?}", self.arn);
        if self.login.role.is_some() {
            let alone = Login { role: None, ..self.login.clone() };
            cluster.refuses(&token(aws, pod, &alone)?, NOT_MAPPED)?;
        }
        // Nothing but the name in a token says which cluster it is for. Where two share it, only the role keeps them apart.
        for namesake in &self.namesakes {
            cluster.refuses(&token(aws, pod, namesake)?, NOT_MAPPED)?;
        }
        Ok(principal.to_owned())
    }

    fn keeps_out(&self, aws: &Aws, cluster: &Cluster<'_>, pod: &Pod) -> Result<()> {
        let Some(role) = &self.login.role else {
            return cluster.refuses(&token(aws, pod, self.login)?, NOT_MAPPED);
        };
        let parameters = json!({ "RoleArn": role, "RoleSessionName": "argocd" });
        aws.denied(&pod.credentials, "us-east-1", ("sts", "AssumeRole"), &parameters)
    }
}

/// Pods sign in the region that they run in.
fn token(aws: &Aws, pod: &Pod, login: &Login) -> Result<String> {
    aws.token(
        &pod.credentials.variables(),
        &Arn::parse(HUB)?.region,
        &login.cluster_name,
        login.role.as_deref(),
    )
}

/// What an access entry without a user name of its own gives: EKS User Guide, "Create access entries".
fn user_name(principal: &str, session: &str) -> Result<String> {
    let account = principal.split(':').nth(4).context("a role's account")?;
    let name = principal.rsplit('/').next().context("a role's name")?;
    Ok(format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"))
}

/// Makes what the plan finds: the clusters, and the roles that it leaves to others.
fn prepare(aws: &Aws, planned: &Planned, urls: &BTreeMap<String, String>) -> Result<()> {
    for arn in urls.keys() {
        create_cluster(aws, &Arn::parse(arn)?)?;
    }
    for role in planned.foreign() {
        let account = role.split(':').nth(4).unwrap_or_default();
        let name = role.rsplit('/').next().unwrap_or_default();
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
    oarlock(ground, "render", &["--format", "aws-cli", "--out-dir", &folder.to_string_lossy()])?;
    let accounts: BTreeSet<_> = urls.keys().map(|arn| Ok(Arn::parse(arn)?.account)).collect::<Result<_>>()?;
    aws.environment.write_profiles(&accounts)?;
    let all = fs::read_to_string(folder.join("apply.sh"))?;
    for script in all.lines().filter(|line| line.ends_with("/iam.sh") || line.ends_with("/eks.sh")) {
        let mut command = aws.environment.command("bash", "us-east-1");
        command.current_dir(&folder).arg(script);
        command.envs(accounts.iter().map(|account| (format!("OARLOCK_PROFILE_{account}"), account)));
        let output = command.output().context("cannot start bash")?;
        ensure!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The pods on the hub, with what their Pod Identity associations give them.
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
        identity
            .stand_in(role, planned.trusts.get(role).with_context(|| format!("{role} is not planned"))?)?;
        pods.push(Pod {
            role: role.to_owned(),
            credentials: identity.credentials(role, &ServiceAccount { cluster: HUB, namespace, name })?,
            reaches_clusters: planned.reaches_clusters(role),
        });
    }
    Ok(pods)
}
