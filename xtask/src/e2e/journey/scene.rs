//! The example fleet capability: a role of AWS's own Argo CD that is cluster administrator of its hub and of a cluster in another account.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    ops::Add,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    FINE,
    world::{HUB, SPOKE, World},
};
use crate::e2e::{
    api_front::ApiFront,
    aws::{
        clusters::{self, Clusters},
        cycle, files, text,
    },
    enough::case::documents,
    faults, kubeconfig,
    server::Server,
    suite::Ground,
    tokens::{
        aws::{Aws, Credentials},
        cluster::Arn,
    },
};

/// Files of an inventory by what they are about, as far as a plan changes what is in them.
pub(super) type State = BTreeMap<String, Value>;

/// What differs from one making to the next, or when it is read.
const FLEETING: [&str; 14] = [
    "createdAt",
    "modifiedAt",
    "associatedAt",
    "CreateDate",
    "RoleId",
    "RoleLastUsed",
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
    "accessEntryArn",
    // Of a capability, which EKS names anew.
    "arn",
    "status",
];

/// Servers, and who applies. They end when this is dropped.
pub(super) struct Scene<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) world: World,
    /// Before the clusters' API servers, as Oarlock finds them.
    fronts: Vec<(String, ApiFront)>,
    kubeconfig: PathBuf,
    _clusters: Clusters,
    oarlock: PathBuf,
    fleet: PathBuf,
    folder: PathBuf,
    _server: Server,
}

/// How a run of Oarlock ended.
pub(super) struct Ended {
    pub(super) status: i32,
    stdout: String,
    stderr: String,
}

impl<'a> Scene<'a> {
    pub(super) fn set(ground: &'a Ground<'a>, name: &str) -> Result<Self> {
        Self::seeded(ground, name, &ground.examples().join("capability/inventory"))
    }

    /// The same, where AWS has what another inventory says.
    pub(super) fn seeded(ground: &'a Ground<'a>, name: &str, seeded: &Path) -> Result<Self> {
        let folder = ground.folder.join(name);
        fs::create_dir_all(&folder)?;
        let example = ground.examples().join("capability");
        let inventory = example.join("inventory");
        let (server, aws) = Aws::start_in(ground, &folder)?;
        fs::write(&aws.clusters, clusters::decided(&inventory)?.to_string())?;
        aws.environment.write_profiles(&cycle::accounts(&inventory)?.into_iter().collect())?;
        let clusters = Clusters::start(ground, name, &inventory)?;
        aws.seed(ground, seeded)?;
        let (fronts, kubeconfig) = fronts(ground, name, &clusters)?;
        let (oarlock, fleet) = (ground.oarlock()?, fleet(&example, &folder)?);
        let kubectl = |arn| clusters.kubectl(&aws.kubectl, arn).context("an example without its clusters");
        let kubectls = [(HUB, kubectl(HUB)?), (SPOKE, kubectl(SPOKE)?)];
        let world = World { aws, kubectls };
        let scene = Self {
            ground,
            world,
            fronts,
            kubeconfig,
            _clusters: clusters,
            oarlock,
            fleet,
            folder,
            _server: server,
        };
        scene.break_calls(&[])?;
        Ok(scene)
    }

    /// From now on the fleet file lets the spoke's authentication mode be changed.
    pub(super) fn asks_for_entries(&self) -> Result<()> {
        let text = fs::read_to_string(&self.fleet)?;
        let named = "name: orders,";
        let asked = text.replacen(named, &format!("{named} authenticationMode: API_AND_CONFIG_MAP,"), 1);
        ensure!(asked != text, "{} has no `{named}`", self.fleet.display());
        Ok(fs::write(&self.fleet, asked)?)
    }

    /// Applies what a plan of now says.
    pub(super) fn apply(&self, more: &[&str]) -> Result<Ended> {
        let output = self.applying(more)?.output().context("cannot start oarlock")?;
        Ok(Ended {
            status: output.status.code().context("oarlock was killed")?,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// The same, for whoever kills it.
    pub(super) fn begin(&self) -> Result<Child> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("killed.log"))?;
        let mut command = self.applying(&[])?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().context("cannot start oarlock")
    }

    fn applying(&self, more: &[&str]) -> Result<Command> {
        let mut command = self.command("apply")?;
        // Longer than one look at the clusters takes, and shorter than anybody waits for a suite.
        let wait = if more.contains(&"--wait") { [].as_slice() } else { &["--wait", "90"] };
        command
            .args(["--adopt", "-y", "-o", "json", "--state"])
            .arg(self.state_folder())
            .args(wait)
            .args(more);
        Ok(command)
    }

    fn command(&self, verb: &str) -> Result<Command> {
        let mut command = self.world.aws.environment.command(&self.oarlock, &Arn::parse(HUB)?.region);
        // The organisation is asked as whoever runs it.
        command.envs(Credentials::of_root(&Arn::parse(HUB)?.account).variables());
        command.current_dir(&self.folder).arg(verb).arg("-f").arg(&self.fleet);
        command.args(["--profile", "{account}", "--timeout", "5"]);
        command.arg(format!("--kubeconfig={}", text(&self.kubeconfig)?));
        Ok(command)
    }

    fn state_folder(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Lines of the journal.
    pub(super) fn journal(&self) -> usize {
        fs::read_to_string(self.state_folder().join("journal.jsonl")).map_or(0, |text| text.lines().count())
    }

    /// How many changing calls AWS has got that went wrong in this way.
    pub(super) fn met(&self, kind: &str) -> Result<usize> {
        let text = fs::read_to_string(&self.world.aws.environment.server.recording)?;
        let by = format!("\"by\":\"fault {kind}\"");
        Ok(text.lines().filter(|line| line.contains(&by) && line.contains("\"reads\":false")).count())
    }

    /// Which calls go wrong from now on, beside those about the organisation: here there is none.
    pub(super) fn break_calls(&self, faults: &[Value]) -> Result<()> {
        faults::write(&self.world.aws.faults, &[&[faults::no_organization()], faults].concat())
    }

    /// The same before each API server.
    pub(super) fn break_clusters(&self, faults: &[Value]) -> Result<()> {
        self.fronts.iter().try_for_each(|(_, front)| front.goes_wrong(faults))
    }

    /// How many calls went wrong there.
    pub(super) fn met_by_clusters(&self) -> Result<usize> {
        let mut met = 0;
        for (_, front) in &self.fronts {
            met += front.faults()?.values().sum::<usize>();
        }
        Ok(met)
    }

    /// Whether anything has drifted, by the exit status, and what: against the fleet file, or against what was applied last.
    pub(super) fn drifted(&self, applied: bool) -> Result<(i32, BTreeSet<String>)> {
        let mut command = self.command("drift")?;
        command.args(["--detailed-exitcode", "-o", "json"]);
        if applied {
            command.arg("--applied").arg(self.state_folder().join("applied.json"));
        }
        let (status, told) = printed(&mut command)?;
        let objects = told.get("objects").and_then(Value::as_array).context("a drift without objects")?;
        Ok((status, objects.iter().map(named).collect::<Result<_>>()?))
    }

    /// What `oarlock verify --live` ends with, and what it says.
    pub(super) fn verified(&self) -> Result<(i32, Value)> {
        printed(self.command("verify")?.args(["--live", "-o", "json"]))
    }

    fn collect(&self) -> Result<PathBuf> {
        let folder = self.folder.join("inventory");
        let output =
            self.command("collect")?.arg("-i").arg(&folder).output().context("cannot start oarlock")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code().is_some_and(|code| code == FINE || code == GAPS), "collect: {said}");
        Ok(folder)
    }

    /// What a plan of now changes: `kind name` by cluster or account.
    pub(super) fn changes(&self) -> Result<BTreeSet<String>> {
        let inventory = self.collect()?;
        let mut command = self.world.aws.environment.command(&self.oarlock, "");
        command.args(["plan", "--adopt", "-o", "json", "-f"]).arg(&self.fleet).arg("-i").arg(inventory);
        let output = command.output().context("cannot start oarlock")?;
        let plan: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let steps = plan.get("steps").and_then(Value::as_array).context("a plan without steps")?;
        let changed = steps.iter().filter(|step| step.pointer("/action/type") != Some(&json!("unchanged")));
        changed.map(named).collect()
    }

    /// What is there, without what differs from one making to the next.
    pub(super) fn state(&self) -> Result<State> {
        const KINDS: [&str; 7] = [
            "roles",
            "rolebindings",
            "clusterroles",
            "clusterrolebindings",
            "secrets",
            "appprojects",
            "namespaces",
        ];
        let mut state = State::new();
        for (path, text) in files(&self.collect()?)? {
            let name = path.trim_end_matches(".json").trim_end_matches(".yaml");
            let last = name.rsplit('/').next().unwrap_or_default();
            // Of the clusters themselves nothing is applied, and each making gives them others' ids.
            let of_eks = name.contains("/eks/") && last != "describe-cluster";
            let told = name.starts_with("accounts/") || of_eks || KINDS.contains(&last);
            if told && !name.contains("/discovery/") {
                let mut value = documents(&text)?.into_iter().next().context("an empty file")?;
                without_fleeting(&mut value);
                state.insert(name.to_owned(), value);
            }
        }
        Ok(state)
    }
}

/// What stands before each API server, and a kubeconfig that leads there.
fn fronts(
    ground: &Ground<'_>,
    name: &str,
    clusters: &Clusters,
) -> Result<(Vec<(String, ApiFront)>, PathBuf)> {
    let mut fronts = Vec::new();
    for (number, (arn, server)) in clusters.servers().enumerate() {
        let front = ApiFront::start(ground, &format!("{name}/cluster-{number}"), server)?;
        fronts.push((arn.to_owned(), front));
    }
    let joined: Value = serde_json::from_slice(&fs::read(&clusters.kubeconfig)?)?;
    let path = clusters.kubeconfig.with_file_name("kubeconfig-fronted.json");
    fs::write(&path, kubeconfig::fronted(joined, &fronts)?.to_string())?;
    Ok((fronts, path))
}

/// How a run ended that prints JSON, and what it printed.
fn printed(command: &mut Command) -> Result<(i32, Value)> {
    let output = command.output().context("cannot start oarlock")?;
    let told = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok((output.status.code().context("oarlock was killed")?, told))
}

/// `kind name` of what a step or a drift is about.
fn named(about: &Value) -> Result<String> {
    let text = |field: &str| {
        about.pointer(&format!("/object/{field}")).and_then(Value::as_str).context("an object's name")
    };
    Ok(format!("{} {}", text("kind")?, text("name")?))
}

/// Status of a collection with gaps: the AWS API server knows no organisation.
const GAPS: i32 = 5;

/// The example with the one thing that only AWS would know, and the AWS API server doesn't: its secrets have ARNs of their own.
fn fleet(example: &Path, folder: &Path) -> Result<PathBuf> {
    let of_fleet = |(path, _): &(String, String)| !path.starts_with("inventory/");
    for (path, text) in files(example)?.into_iter().filter(of_fleet) {
        let to = folder.join("fleet").join(path);
        fs::create_dir_all(to.parent().context("a file without folder")?)?;
        fs::write(to, text)?;
    }
    let path = folder.join("fleet/fleet.yaml");
    let text = fs::read_to_string(&path)?;
    let known = text.replacen(INSTALL, &format!("{INSTALL}\n      {KMS_KEYS}"), 1);
    ensure!(known != text, "{} has no `{INSTALL}`", path.display());
    fs::write(&path, known)?;
    Ok(path)
}

pub(in crate::e2e) const INSTALL: &str = "install: eks-capability";
pub(in crate::e2e) const KMS_KEYS: &str = "repositoryAccess: {kmsKeys: [\"arn:aws:kms:eu-central-1:123456789012:key/0f5e3d9b-7c42-4c3f-8a61-2b7c5d1094ae\"]}";

fn without_fleeting(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !FLEETING.contains(&name.as_str()));
            fields.values_mut().for_each(without_fleeting);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(without_fleeting);
            items.sort_by_key(Value::to_string);
        }
        _ => {}
    }
}

impl Ended {
    /// Whether it did what it could: a run that applies nothing says nothing of what it applied.
    pub(super) fn has_left_something(&self) -> bool {
        self.stdout.contains("\"result\": \"pending\"") && self.stdout.contains("\"result\": \"done\"")
    }
}

impl Ended {
    /// How often it asked, besides what it read before it planned.
    pub(super) fn asked(&self) -> Result<Asked> {
        let shown: Value =
            serde_json::from_str(&self.stdout).context("a run that says nothing of its requests")?;
        let number = |of: &Value, field: &str| of.get(field).and_then(Value::as_u64).context("no number");
        let requests = shown.get("requests").context("no requests")?;
        let mut asked = Asked { aws: number(requests, "aws")?, ..Asked::default() };
        for of_cluster in requests.get("clusters").and_then(Value::as_object).into_iter().flatten() {
            asked.eks += number(of_cluster.1, "eks")?;
            asked.api_servers += number(of_cluster.1, "requests")?;
            asked.reviews += number(of_cluster.1, "reviews")?;
        }
        Ok(asked)
    }
}

/// How often runs asked.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    aws: u64,
    eks: u64,
    api_servers: u64,
    reviews: u64,
}

impl Add for Asked {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            aws: self.aws + other.aws,
            eks: self.eks + other.eks,
            api_servers: self.api_servers + other.api_servers,
            reviews: self.reviews + other.reviews,
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { aws, eks, api_servers, reviews } = self;
        write!(
            f,
            "{aws} requests to AWS ({eks} of them to EKS) and {api_servers} to API servers ({reviews} of them reviews)"
        )
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, stdout, stderr } = self;
        write!(f, "exit status {status}\n{stderr}\n{stdout}")
    }
}
