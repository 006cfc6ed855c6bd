//! `oarlock verify`.

mod job;
mod junit;
pub(crate) mod live;

use std::{collections::BTreeMap, fmt::Write as _};

use ::live::Verb;
use access::{Accounts, Claim, Verified};
use anyhow::bail;
use argocd::Identity;
use facts::{Gap, Verdict};
use rayon::prelude::*;
use rbac::Permission;
use schemars::JsonSchema;
use serde::Serialize;

use super::{FleetArguments, PrintPermissions, WayIn, collected, permissions};
use crate::{
    exit::Status,
    input::{Aim, read_fleet},
    output::{print, print_json, print_text},
    view::{
        self, API_VERSION, hops,
        junit::{Suite, xml},
    },
};

/// Check that all hops allow what the fleet's Applications need, as the inventory has them today, or as they are
///
/// Each need is a claim: it holds, it is violated, with the hop that ends it, or it can't be told, with what is missing. The exit status
/// is 0 where all hold, 4 where one is violated, 5 where one can't be told. With `--live` it reads AWS and the clusters as they are
/// now, and asks them themselves, too: whoever disagrees is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock verify -f fleet.yaml
  oarlock verify -f fleet.yaml -i inventory/ -o json
  oarlock verify -f fleet.yaml -o junit > verify.xml
  oarlock verify -f fleet.yaml --live --since 2
  oarlock verify -f fleet.yaml --job-manifest registry.example.com/aws-kubectl:1 | kubectl apply -f -")]
#[command(mut_group("WayIn", |group| group.requires("live")))]
#[command(mut_group("PrintPermissions", |group| group.requires("live")))]
pub(crate) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    live: live::LiveArguments,
    #[command(flatten)]
    permissions: PrintPermissions,
    #[command(flatten)]
    way_in: WayIn,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
    /// JUnit's XML, for pipelines: a cluster is a suite; what can't be told is an error
    Junit,
}

/// What `oarlock verify -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Verification")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Verification`
    #[schemars(extend("const" = "Verification"))]
    kind: &'static str,
    /// In the order of the fleet file.
    clusters: Vec<JsonCluster>,
    /// What couldn't be worked out of the needs: with any, there are more claims than these.
    unknown: Vec<Gap>,
    /// With `--live`: what AWS and the clusters say themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<live::Json>,
}

/// The claims of one cluster.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VerifiedCluster")]
struct JsonCluster {
    /// Its name in the fleet.
    cluster: String,
    /// How many claims there are.
    claims: usize,
    /// How many of them hold.
    holds: usize,
    /// The others, with why.
    others: Vec<JsonClaims>,
}

/// Claims of an identity that end in the same way.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnverifiedClaims")]
struct JsonClaims {
    /// Whose.
    identity: Identity,
    /// `violated` or `unknown`
    verdict: &'static str,
    /// The hop that ends them; absent where it isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'static str>,
    /// Why it ends there.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The smallest change with which it would pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    /// What would have to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// What has to be allowed.
    permissions: Vec<Permission>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    if let Some(which) = arguments.permissions.print_permissions {
        let (fleet, way_in) = (&arguments.fleet.fleet, &arguments.way_in);
        print(&permissions::of_fleet(Verb::Verify, which, fleet, way_in, false)?)?;
        return Ok(Status::Fine);
    }
    if !arguments.live.live {
        return check(arguments, &arguments.fleet);
    }
    let file = &arguments.fleet.fleet;
    let collected = collected::now(Verb::Verify, file, &arguments.way_in)?;
    let inventory = Some(collected.inventory.clone());
    check(arguments, &FleetArguments { fleet: file.clone(), inventory })
}

/// Checks the claims by an inventory; and asks, if it was collected for that.
fn check(arguments: &Arguments, fleet: &FleetArguments) -> anyhow::Result<Status> {
    let mut input = read_fleet(fleet)?;
    let planned = input.plan(Aim::default())?;
    let Some(inventory) = &input.inventory else {
        bail!("there is no inventory to verify: name its folder with `-i`, or see docs/inventory.md");
    };
    let installation = plan::installation(&input.fleet);
    let accounts = Accounts::of(inventory);
    let scene = live::Scene { fleet: &input.fleet, accounts: &accounts, installation: &installation };
    if let Some(image) = &arguments.live.job_manifest {
        print_text(&job::manifest(&scene, &planned.needs, image)?)?;
        return Ok(Status::Fine);
    }
    let clusters = planned.needs.par_iter().map(|cluster| {
        let claims = cluster.needs.iter().map(Claim::from);
        let verified = access::verify(&accounts, &installation, &cluster.arn, claims).claims;
        let suite = (arguments.output == Format::Junit).then(|| junit::suite(&cluster.name, &verified));
        (json(cluster.name.clone(), verified), suite)
    });
    let (clusters, suites): (Vec<JsonCluster>, Vec<Option<Suite>>) = clusters.unzip();
    let unknown = planned.needs.iter().flat_map(|cluster| cluster.unknown.iter().cloned()).collect();
    let asked =
        arguments.live.live.then(|| live::ask(&arguments.live, &arguments.way_in, &scene, &planned.needs));
    let live = asked.transpose()?;
    let result = Json { api_version: API_VERSION, kind: "Verification", clusters, unknown, live };
    match arguments.output {
        Format::Text => print_text(&text(&result))?,
        Format::Json => print_json(&result)?,
        Format::Junit => {
            let mut suites: Vec<Suite> = suites.into_iter().flatten().collect();
            suites.extend(junit::unknown(&result.unknown));
            suites.extend(result.live.as_ref().map(junit::live));
            print_text(&xml("oarlock verify", suites)?)?;
        }
    }
    Ok(status(&result))
}

fn status(result: &Json) -> Status {
    let ends = |verdict| {
        result.clusters.iter().flat_map(|cluster| &cluster.others).any(|own| own.verdict == verdict)
    };
    let violated = if ends("violated") { Status::Violated } else { Status::Fine };
    let unknown =
        if ends("unknown") || !result.unknown.is_empty() { Status::Undecided } else { Status::Fine };
    violated.and(unknown).and(result.live.as_ref().map_or(Status::Fine, live::Json::status))
}

fn json(cluster: String, verified: Vec<Verified>) -> JsonCluster {
    let claims = verified.len();
    let mut others: BTreeMap<(Identity, String), JsonClaims> = BTreeMap::new();
    for Verified { claim: Claim { identity, permission, .. }, verdict } in verified {
        let Some((key, mut entry)) = ended(&identity, verdict, &permission) else { continue };
        entry.permissions.clear();
        others.entry((identity, key)).or_insert(entry).permissions.push(permission);
    }
    let others: Vec<JsonClaims> = others.into_values().collect();
    let failed: usize = others.iter().map(|other| other.permissions.len()).sum();
    JsonCluster { cluster, claims, holds: claims - failed, others }
}

/// How a claim ends, if it doesn't hold; and what claims have in common that end alike.
fn ended(
    identity: &Identity,
    verdict: Verdict<access::Hop>,
    permission: &Permission,
) -> Option<(String, JsonClaims)> {
    let none = |verdict| JsonClaims {
        identity: identity.clone(),
        verdict,
        at: None,
        why: None,
        change: None,
        missing: Vec::new(),
        permissions: Vec::new(),
    };
    match verdict {
        Verdict::Holds => None,
        Verdict::Unknown { missing } => {
            let key: Vec<String> = missing.iter().map(ToString::to_string).collect();
            Some((key.join("\n"), JsonClaims { missing, ..none("unknown") }))
        }
        Verdict::Violated { witness } => {
            let at = witness.at.as_str();
            // What would allow each of them is the list of them.
            let them = |text: String| text.replace(&permission.to_string(), "them");
            let (why, change) = (them(witness.by), witness.change.map(them));
            let key = format!("{at} {why}");
            Some((key, JsonClaims { at: Some(at), why: Some(why), change, ..none("violated") }))
        }
    }
}

/// How many permissions of a group are worth reading in a terminal; `-o json` has all.
const SHOWN: usize = 5;

fn text(result: &Json) -> String {
    let mut text = String::new();
    for JsonCluster { cluster, claims, holds, others } in &result.clusters {
        let mark = match (claims == holds, others.iter().any(|other| other.verdict == "violated")) {
            (true, _) => "✓",
            (false, true) => "✗",
            (false, false) => "?",
        };
        let _ = writeln!(text, "{mark} {cluster}: {holds} of {} hold", facts::count(*claims, "claim"));
        others.iter().for_each(|other| add(&mut text, other));
    }
    for gap in &result.unknown {
        let _ = writeln!(text, "? not known of the needs: {gap}");
    }
    if let Some(live) = &result.live {
        text.push_str(&view::live::text(live));
    }
    text
}

fn add(text: &mut String, claims: &JsonClaims) {
    let JsonClaims { identity, verdict, at, why, change, missing, permissions } = claims;
    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
    let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let _ = writeln!(text, "    {identity}: {} {verdict}{at}{why}", permissions.len());
    permissions.iter().take(SHOWN).for_each(|permission| {
        let _ = writeln!(text, "      {permission}");
    });
    if let Some(more) = permissions.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "      and {more} more");
    }
    hops::add_ending(text, missing, change.as_deref());
}
