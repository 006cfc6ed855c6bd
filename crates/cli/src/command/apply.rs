//! `oarlock apply`: a plan, done.

mod gates;
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead as _, IsTerminal as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use facts::{ClusterArn, Gap, Place, Problem};
use inventory::{Cluster, Inventory};
use live::{
    Verb,
    apply::{Address, Item, Options, State, Version, Work},
};
use plan::{Action, Location, ObjectId, Owner, Plan, Planned, Removal, Step};

use super::{
    FleetArguments, Format, PrintPermissions, WayIn,
    collected::{self, Collected},
    permissions, saved,
};
use crate::{
    exit::Status,
    input::{Aim, Refused, read_fleet},
    output::{Stream, print, print_json, print_text, say, width},
    view,
};
pub(crate) use report::Json;

/// Apply a plan, make before break, so that Argo CD is never without access
///
/// What is there is read first and planned from; a saved plan is applied only if that comes to the same. New roles, entries and RBAC
/// come first, then the cluster Secrets and restarts, and what they replace goes only after Argo CD was seen to get through. It can be
/// stopped at any point and run again. The exit status is 1 where something failed, and 5 where something is left pending.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock apply -f fleet.yaml
  oarlock apply -f fleet.yaml --plan plan.json --assume-role 'arn:{partition}:iam::{account}:role/oarlock-apply'
  oarlock apply -f fleet.yaml -y --wait 900 -o json
  oarlock apply -f fleet.yaml --dry-run=server
  oarlock apply -f fleet.yaml --destroy
  oarlock apply -f fleet.yaml --print-permissions kubernetes | kubectl apply -f -")]
pub(crate) struct Arguments {
    /// The fleet file
    #[arg(short = 'f', long = "fleet", value_name = "FILE")]
    fleet: PathBuf,
    /// Apply this plan, as `oarlock plan --out` saved it, unless it is stale
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Don't ask
    #[arg(short = 'y', long)]
    yes: bool,
    /// Change and remove objects that Oarlock doesn't own, too; a saved plan says so itself
    #[arg(long, conflicts_with = "plan")]
    adopt: bool,
    /// Remove all that Oarlock made for the fleet, on every cluster and in every account; a saved plan says so itself
    #[arg(long, conflicts_with_all = ["plan", "adopt"])]
    destroy: bool,
    /// Take over fields that another manager sets in objects of which the plan writes only some fields
    #[arg(long)]
    force_conflicts: bool,
    /// Only ask the API servers what they would do; AWS has no such question
    #[arg(long, value_enum, value_name = "WHO")]
    dry_run: Option<DryRun>,
    /// Where the journal is, what is still to be removed, and the plan that was applied last [default: `.oarlock/` beside the fleet file]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// How long to wait for what was written to be seen, for pods to be restarted and for Argo CD to look at a cluster
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u32,
    #[command(flatten)]
    permissions: PrintPermissions,
    #[command(flatten)]
    way_in: WayIn,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DryRun {
    /// The API servers
    Server,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    if let Some(which) = arguments.permissions.print_permissions {
        let (fleet, way_in) = (&arguments.fleet, &arguments.way_in);
        print(&permissions::of_fleet(Verb::Apply, which, fleet, way_in, arguments.adopt)?)?;
        return Ok(Status::Fine);
    }
    let may_ask = io::stdin().is_terminal() && arguments.output == Format::Text;
    if !may_ask && !arguments.needs_no_question() {
        say("error: nobody can be asked whether to apply the plan");
        say(
            "  help: run it in a terminal with `-o text`, give `-y`, or save a plan, read it, and give it with `--plan`",
        );
        return Ok(Status::Usage);
    }
    let saved = arguments.plan.as_deref().map(saved::read).transpose()?;
    let collected = collected::now(Verb::Apply, &arguments.fleet, &arguments.way_in)?;
    if !collected.gaps.is_empty() {
        let number = facts::count(collected.gaps.len(), "thing");
        say(&format!("{number} couldn't be read; what of that the plan needs, it says"));
    }
    let adopts = |step: &Step| step.owner == Owner::Adopt && !step.left_over;
    let adopt = arguments.adopt || saved.iter().flat_map(|plan| &plan.steps).any(adopts);
    let folder = saved::state(arguments.state.as_deref(), &arguments.fleet);
    let aim = Aim { adopt, destroy: arguments.destroy || saved.as_ref().is_some_and(|plan| plan.destroy) };
    let Fresh { fleet, mut planned, inventory, removals } =
        plan_now(&arguments.fleet, &folder, &collected, aim)?;
    if let Some(status) = refusal(&planned.plan) {
        return Ok(status);
    }
    let digest = live::apply::digest(&saved.as_ref().map_or(&planned.plan, |saved| saved).steps);
    let mut state = State::open(&folder, digest.clone())?;
    if live::apply::removals(&folder, &fleet.name)? != removals {
        anyhow::bail!("another run has applied meanwhile with `{}`: run it again", folder.display());
    }
    if let Some(saved) = &saved {
        require_fresh(arguments.plan.as_deref().unwrap_or(Path::new("")), saved, &planned.plan, &state)?;
    }
    state.revive(&mut planned.plan.steps);
    if !arguments.needs_no_question() && planned.plan.has_changes() {
        print_text(&view::plan::human(&planned.plan, width(Stream::Stdout)))?;
        if !is_yes()? {
            say("nothing was applied");
            return Ok(Status::Fine);
        }
    }
    if arguments.dry_run.is_none() {
        state.remember(&fleet.name, &planned.removals)?;
    }
    let spokes = gates::spokes(&fleet, &planned, inventory.as_ref());
    let versions = versions(&planned.plan.steps, inventory.as_ref());
    let addresses = inventory.as_ref().map(addresses).unwrap_or_default();
    let work = Work { steps: planned.plan.steps.clone(), plan: digest, spokes, versions, addresses };
    let options = arguments.options(&fleet);
    let applied = live::apply::apply(&options, &work, &mut state, &report::Lines::new())?;
    if arguments.dry_run.is_none() {
        let removed: BTreeSet<&ObjectId> = applied.items.iter().filter_map(Item::removed).collect();
        planned.removals.retain(|removal| !removed.contains(&removal.object));
        state.remember(&fleet.name, &planned.removals)?;
        saved::write(&folder.join(saved::APPLIED), &planned.plan)?;
    }
    let result = Json::new(&planned.plan, applied, arguments.dry_run.is_some());
    match arguments.output {
        Format::Text => print_text(&report::text(&result))?,
        Format::Json => print_json(&result).context("cannot print what was applied")?,
    }
    Ok(result.status())
}

impl Arguments {
    /// A plan that somebody saved, somebody has read.
    fn needs_no_question(&self) -> bool {
        self.yes || self.plan.is_some() || self.dry_run.is_some()
    }

    fn options(&self, fleet: &fleet::Fleet) -> Options {
        Options {
            way_in: self.way_in.options(
                Verb::Apply,
                collected::targets(fleet),
                fleet.hub.argocd.namespace.clone(),
            ),
            fleet: fleet.name.clone(),
            wait: Duration::from_secs(self.wait.into()),
            force_conflicts: self.force_conflicts,
            dry_run: self.dry_run.is_some(),
        }
    }
}

/// A plan of this moment, and what it was made from.
struct Fresh {
    fleet: fleet::Fleet,
    planned: Planned,
    inventory: Option<Inventory>,
    /// What earlier plans were to remove.
    removals: Vec<Removal>,
}

fn plan_now(fleet: &Path, state: &Path, collected: &Collected, aim: Aim) -> anyhow::Result<Fresh> {
    let arguments = FleetArguments { fleet: fleet.to_owned(), inventory: Some(collected.inventory.clone()) };
    let mut input = read_fleet(&arguments)?;
    let removals = live::apply::removals(state, &input.fleet.name)?;
    input.removals = saved::removals(state, &input.fleet)?;
    let planned = input.plan(aim)?;
    Ok(Fresh { fleet: input.fleet, planned, inventory: input.inventory, removals })
}

/// Before the first write: nothing that breaks a limit, leaves a need unmet, or isn't known, is applied.
fn refusal(plan: &Plan) -> Option<Status> {
    let unknown = plan.unknown_of_needs();
    let status = match (plan.is_violated(), plan.complete && unknown.is_empty()) {
        (false, true) => return None,
        (true, _) => Status::Violated,
        (false, false) => Status::Undecided,
    };
    let unknown: Vec<Gap> =
        unknown.into_iter().chain(&plan.unknown).cloned().collect::<BTreeSet<_>>().into_iter().collect();
    say(view::findings::text(&plan.findings, &unknown, width(Stream::Stderr)).trim_end());
    let why = match status {
        Status::Violated => "it has findings of severity error, or leaves needs unmet",
        _ => "it is incomplete",
    };
    say(&format!("error: the plan isn't applied: {why}"));
    say(
        "  help: `oarlock plan` shows all of it; change the fleet file or what the Applications deploy, or fill the gaps",
    );
    Some(status)
}

fn require_fresh(file: &Path, saved: &Plan, now: &Plan, state: &State) -> anyhow::Result<()> {
    let refused = |message: String| {
        Problem::new(Place::file(file.display().to_string()), message)
            .with_help("plan again: `oarlock plan -f fleet.yaml --out plan.json`, from an inventory of now")
    };
    let mut problems = Vec::new();
    if saved.fleet != now.fleet {
        problems.push(refused(format!(
            "this plan is fleet `{}`'s, and the fleet file is `{}`'s",
            saved.fleet, now.fleet
        )));
    } else {
        for (object, why) in live::apply::stale(&saved.steps, &now.steps, state) {
            problems.push(refused(format!("this plan is stale: {object} in {}: {why}", object.location)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Refused { problems, fine: 0 }.into()) }
}

fn is_yes() -> anyhow::Result<bool> {
    say("Apply this? Only `yes` applies it:");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(answer.trim() == "yes")
}

/// Where the API servers are, as it was read.
fn addresses(inventory: &Inventory) -> BTreeMap<ClusterArn, Address> {
    let address = |cluster: &Cluster| {
        let described = cluster.description.known()?;
        let (endpoint, certificate_authority) =
            described.endpoint.clone().zip(described.certificate_authority.clone())?;
        Some(Address { endpoint, certificate_authority })
    };
    inventory.clusters.iter().filter_map(|(arn, own)| Some((arn.clone(), address(own)?))).collect()
}

/// Of objects in clusters that go, what they were when they were read.
fn versions(steps: &[Step], inventory: Option<&Inventory>) -> BTreeMap<ObjectId, Version> {
    let going = steps.iter().filter(|step| step.action == Action::Delete);
    going.filter_map(|step| Some((step.object.clone(), version(&step.object, inventory?)?))).collect()
}

fn version(object: &ObjectId, inventory: &Inventory) -> Option<Version> {
    let Location::Cluster(arn) = &object.location else { return None };
    let lists = &inventory.clusters.get(arn)?.kubernetes.objects;
    let is_it = |there: &&inventory::KubernetesObject| {
        let name = match &there.namespace {
            Some(namespace) => format!("{namespace}/{}", there.name),
            None => there.name.clone(),
        };
        there.kind == object.kind && name == object.name
    };
    let there = lists.values().flatten().find(is_it)?;
    let text = |field: &str| there.body.text(&format!("/metadata/{field}"));
    Some(Version { uid: text("uid")?, resource_version: text("resourceVersion")? })
}
