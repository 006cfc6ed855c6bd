//! A hub and a spoke whose Argo CD is administrator everywhere, and somebody who applies: `tests/e2e/apply`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::player::Player;
use crate::{
    e2e::{
        api_front::ApiFront,
        argocd::{self, Controller},
        enough::case::documents,
        faults,
        kubectl::Kubectl,
        permitted::{self, Permitted},
        suite::Ground,
        tokens::{
            aws::{Aws, Credentials, Variables},
            cluster::{Arn, Cluster},
            pods::PodIdentity,
        },
    },
    process,
};

pub(super) const HUB: &str = "arn:aws:eks:eu-west-1:222233334444:cluster/hub";
pub(super) const SPOKE: &str = "arn:aws:eks:eu-west-1:555566667777:cluster/spoke";
/// By which Argo CD comes before anything is applied.
pub(super) const OLD_ROLE: &str = "arn:aws:iam::222233334444:role/argocd-management";
/// By which it comes to the spoke then, from [`OLD_ROLE`].
pub(super) const OLD_DEPLOYER: &str = "arn:aws:iam::555566667777:role/argocd-deployer";
pub(super) const CONTROLLER: &str = "argocd-application-controller";
pub(super) const SECRET: &str = "spoke";

/// How long a run may take.
const WITHIN: Duration = Duration::from_secs(300);

pub(super) struct Scene<'a> {
    pub(super) aws: &'a Aws,
    ground: &'a Ground<'a>,
    pub(super) spoke: Cluster<'a>,
    pub(super) pods: PodIdentity<'a>,
    hub: Cluster<'a>,
    hub_front: ApiFront,
    /// Before the spoke's API server, as Oarlock finds it.
    pub(super) spoke_front: ApiFront,
    oarlock: PathBuf,
    folder: PathBuf,
    /// Whoever applies, by roles that have what `--print-permissions` prints.
    applier: Credentials,
    /// Lines of the recording that were there when the scene was set.
    set: usize,
    /// What Oarlock's environment has, besides.
    variables: RefCell<Variables>,
}

/// What `oarlock apply -o json` prints, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    items: Vec<Value>,
    left_out: Vec<Value>,
    #[serde(skip)]
    status: Option<i32>,
}

impl Shown {
    pub(super) fn is_idle(&self) -> bool {
        self.items.is_empty() && self.left_out.is_empty()
    }

    /// How it ended.
    pub(super) fn status(&self) -> Option<i32> {
        self.status
    }

    /// The clusters and accounts of which something ended so.
    pub(super) fn places(&self, result: &str) -> BTreeSet<&str> {
        let ended = self.items.iter().filter(|item| item.get("result").is_some_and(|own| own == result));
        ended.filter_map(|item| item.get("place")?.as_str()).collect()
    }
}

/// Sets the scene in a folder of its own, and plays in it.
pub(super) fn with<T>(
    ground: &Ground<'_>,
    name: &str,
    play: impl FnOnce(&Scene<'_>) -> Result<T>,
) -> Result<T> {
    let own =
        Ground { workspace: ground.workspace, options: ground.options, folder: ground.folder.join(name) };
    fs::create_dir_all(&own.folder)?;
    let (_server, aws) = Aws::start(&own)?;
    let scene = Scene::set(&own, &aws)?;
    let played = play(&scene).with_context(|| format!("{name}: the logs are in {}", own.folder.display()))?;
    println!("  {name}");
    Ok(played)
}

impl<'a> Scene<'a> {
    fn set(ground: &'a Ground<'a>, aws: &'a Aws) -> Result<Self> {
        let fixture = ground.workspace.root.join("tests/e2e/apply");
        aws.seed(ground, &fixture.join("inventory"))?;
        let pods = PodIdentity::start(aws, &Arn::parse(HUB)?.account)?;
        let hub = Cluster::start(ground, aws, &Arn::parse(HUB)?)?;
        let spoke = Cluster::start(ground, aws, &Arn::parse(SPOKE)?)?;
        let hub_front = ApiFront::start(ground, "hub", hub.api())?;
        let spoke_front = ApiFront::start(ground, "spoke", spoke.api())?;
        let (oarlock, folder) = (ground.oarlock()?, ground.folder.clone());
        let applier = Credentials::of_root(&Arn::parse(HUB)?.account);
        let mut scene = Self {
            aws,
            ground,
            spoke,
            pods,
            hub,
            hub_front,
            spoke_front,
            oarlock,
            folder,
            applier,
            set: 0,
            variables: RefCell::default(),
        };
        scene.describe()?;
        scene.furnish(ground)?;
        for file in ["fleet.yaml", "application.yaml", "manifests.yaml"] {
            fs::copy(fixture.join(file), scene.folder.join(file))?;
        }
        scene.let_in()?;
        scene.goes_wrong(Vec::new())?;
        scene.set = scene.recorded()?.len();
        Ok(scene)
    }

    /// What EKS would say of the clusters.
    fn describe(&self) -> Result<()> {
        let of = |front: &ApiFront| -> Result<Value> {
            Ok(json!({
                "endpoint": front.url, "certificateAuthority": STANDARD.encode(fs::read(&front.ca)?),
                "issuer": format!("{}/issuer", front.url),
            }))
        };
        let decided = json!({ HUB: of(&self.hub_front)?, SPOKE: of(&self.spoke_front)? });
        Ok(fs::write(&self.aws.clusters, decided.to_string())?)
    }

    /// A user, roles and groups with what Oarlock prints that applying takes, and nothing else.
    fn let_in(&mut self) -> Result<()> {
        let printed = |which: &str| self.printed(which);
        let permitted = Permitted { aws: self.aws, verb: "apply", user: "applier", printed: &printed };
        let hub = Arn::parse(HUB)?.account;
        let accounts = BTreeSet::from([hub.clone(), Arn::parse(SPOKE)?.account]);
        let applier = permitted.in_accounts(&hub, &accounts)?;
        permitted.on_cluster(&applier, &self.hub, HUB, true)?;
        permitted.on_cluster(&applier, &self.spoke, SPOKE, false)?;
        self.applier = applier;
        Ok(())
    }

    fn printed(&self, which: &str) -> Result<String> {
        let output = self.command()?.args(["--print-permissions", which]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Every call that was made since the scene was set is among those that are printed; how many are.
    pub(super) fn is_permitted(&self) -> Result<usize> {
        let called = permitted::called(self.aws, self.set)?;
        let printed = permitted::actions(&[self.printed("iam")?, self.printed("iam-role")?])?;
        let beyond: Vec<_> = called.difference(&printed).collect();
        ensure!(beyond.is_empty(), "called and not printed: {beyond:?}");
        Ok(printed.len())
    }

    fn furnish(&self, ground: &Ground<'_>) -> Result<()> {
        let hub = self.hub_kubectl();
        hub.apply("somebody", &argocd::installation(ground, &Default::default())?)?;
        hub.established()?;
        let objects = fs::read_to_string(ground.workspace.root.join("tests/e2e/apply/hub.yaml"))?;
        hub.apply("somebody", &documents(&objects)?)?;
        let config = json!({ "awsAuthConfig": {
            "clusterName": "spoke", "roleARN": OLD_DEPLOYER,
        } });
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {
                "name": SECRET, "namespace": argocd::NAMESPACE, "labels": { "argocd.argoproj.io/secret-type": "cluster" },
            },
            "stringData": { "name": "spoke", "server": self.spoke_front.url, "config": config.to_string() },
        });
        hub.apply("somebody", &[secret])?;
        let namespace =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "payments" } });
        Kubectl::new(&self.aws.kubectl, &self.spoke.api().kubeconfig).apply("somebody", &[namespace])
    }

    pub(super) fn hub_kubectl(&self) -> Kubectl {
        Kubectl::new(&self.aws.kubectl, &self.hub.api().kubeconfig)
    }

    pub(super) fn spoke_kubectl(&self) -> Kubectl {
        Kubectl::new(&self.aws.kubectl, &self.spoke.api().kubeconfig)
    }

    fn command(&self) -> Result<Command> {
        self.command_with("--adopt")
    }

    fn command_with(&self, aim: &str) -> Result<Command> {
        let hub = Arn::parse(HUB)?;
        let mut command = self.aws.environment.command(&self.oarlock, &hub.region);
        command.envs(self.applier.variables()).envs(self.variables.borrow().iter().cloned());
        command.current_dir(&self.folder).args([
            "apply",
            "-f",
            "fleet.yaml",
            "-y",
            aim,
            "-o",
            "json",
            "--assume-role",
            "arn:{partition}:iam::{account}:role/oarlock-apply",
            "--timeout",
            "5",
            "--wait",
            "60",
        ]);
        Ok(command)
    }

    /// From now on Oarlock runs with these.
    pub(super) fn has_in_its_environment(&self, variables: Variables) {
        self.variables.replace(variables);
    }

    /// Runs it to its end, with those whom it waits for.
    pub(super) fn apply(&self) -> Result<Shown> {
        let _player = Player::start(self.hub_kubectl());
        let output = self.command()?.output().context("cannot start oarlock")?;
        self.shown(&output)
    }

    /// Removes all that was made.
    pub(super) fn destroy(&self) -> Result<Shown> {
        let output = self.command_with("--destroy")?.output().context("cannot start oarlock")?;
        self.shown(&output)
    }

    /// Argo CD's own controller syncs its Application, with what its pods get at this moment.
    pub(super) fn syncs(&self) -> Result<()> {
        let folder = self.folder.join("sync");
        fs::create_dir_all(&folder)?;
        let plugins = self.aws.plugins(&folder, &self.controllers_pod()?, &Arn::parse(HUB)?.region)?;
        let sources = BTreeMap::from([("payments".to_owned(), self.folder.join("manifests.yaml"))]);
        // What argocd-server does by itself isn't tried.
        let front = &self.spoke_front;
        let ca = STANDARD.encode(fs::read(&front.ca)?);
        let server = json!({ "server": front.url, "token": "none", "ca": ca });
        let hub = &self.hub.api().kubeconfig;
        let mut controller =
            Controller::start(self.ground, &folder, hub, &sources, &server, None, Some(&plugins))?;
        ensure!(controller.syncs("payments")?, "it failed: {}", controller.log().display());
        for kind in ["configmaps", "deployments"] {
            let found = self.spoke_kubectl().list(kind, "")?;
            let synced =
                found.iter().any(|own| own.pointer("/metadata/namespace") == Some(&json!("payments")));
            ensure!(synced, "it succeeded, and there are no {kind}");
        }
        Ok(())
    }

    /// Something may be left over where something went wrong, and then it says so: nothing else ends with another status.
    fn shown(&self, output: &Output) -> Result<Shown> {
        let said = String::from_utf8_lossy(&output.stderr);
        let may_fail = !self.faults()?.is_empty();
        let is_fine = output.status.success() || may_fail && output.status.code().is_some();
        ensure!(is_fine, "oarlock apply ended with {}: {said}", output.status);
        match serde_json::from_slice(&output.stdout) {
            Ok(shown) => Ok(Shown { status: output.status.code(), ..shown }),
            Err(_) if may_fail => {
                Ok(Shown { items: vec![said.into()], left_out: Vec::new(), status: output.status.code() })
            }
            Err(error) => bail!("oarlock apply printed no JSON: {error}\n{said}"),
        }
    }

    /// Kills a run as soon as the journal has so many lines; whether there was one to kill.
    pub(super) fn apply_until(&self, lines: usize) -> Result<bool> {
        let _player = Player::start(self.hub_kubectl());
        let mut command = self.command()?;
        let log = fs::File::create(self.folder.join("killed.log"))?;
        let child = command.stdout(Stdio::null()).stderr(log).spawn().context("cannot start oarlock")?;
        let deadline = Instant::now() + WITHIN;
        let ended = process::kill_when(child, || {
            ensure!(Instant::now() < deadline, "the run takes too long");
            Ok(self.journal()? >= lines)
        })?;
        Ok(ended.is_none())
    }

    pub(super) fn journal_file(&self) -> PathBuf {
        self.folder.join(".oarlock/journal.jsonl")
    }

    /// The lines of the journal.
    pub(super) fn journal(&self) -> Result<usize> {
        let file = self.journal_file();
        if !file.exists() {
            return Ok(0);
        }
        Ok(fs::read_to_string(file)?.lines().count())
    }

    /// What runs were to remove and haven't seen gone, by kind and name.
    pub(super) fn remembered(&self) -> Result<BTreeSet<(String, String)>> {
        let file = self.folder.join(".oarlock/removals.json");
        if !file.exists() {
            return Ok(BTreeSet::new());
        }
        let remembered: Value = serde_json::from_slice(&fs::read(file)?)?;
        let own = remembered.pointer("/fleets/pair").and_then(Value::as_array);
        let text = |removal: &Value, field: &str| {
            removal.pointer(&format!("/object/{field}")).and_then(Value::as_str).map(str::to_owned)
        };
        let named = own.into_iter().flatten().map(|own| text(own, "kind").zip(text(own, "name")));
        named.collect::<Option<_>>().context("a removal without its object")
    }

    /// Calls to AWS that change something.
    pub(super) fn writes(&self) -> Result<usize> {
        let recorded = self.recorded()?;
        let writes =
            recorded.iter().skip(self.set).filter(|call| call.get("reads") == Some(&Value::Bool(false)));
        Ok(writes.count())
    }

    fn recorded(&self) -> Result<Vec<Value>> {
        faults::calls(&self.aws.environment.server.recording)
    }

    /// From now on this goes wrong. The AWS API server's organisation is of one account, so there is none.
    pub(super) fn goes_wrong(&self, more: Vec<Value>) -> Result<()> {
        let all: Vec<Value> = [faults::no_organization()].into_iter().chain(more).collect();
        faults::write(&self.aws.faults, &all)
    }

    /// What went wrong before AWS and the API servers, by kind and call: all but what the scene itself wants.
    pub(super) fn faults(&self) -> Result<BTreeMap<String, usize>> {
        let mut all = self.hub_front.faults()?;
        let of_aws = faults::met(self.recorded()?.get(self.set..).unwrap_or_default());
        for (fault, times) in self.spoke_front.faults()?.into_iter().chain(of_aws) {
            *all.entry(fault).or_default() += times;
        }
        Ok(all)
    }
}
