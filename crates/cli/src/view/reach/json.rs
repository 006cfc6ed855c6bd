//! Everybody who is reached, with every step, as one object.

use std::collections::{BTreeMap, BTreeSet};

use access::reach::{Blast, Edge, Lead, Reach, Unknown};
use facts::{ClusterArn, Gap, Place};
use schemars::JsonSchema;
use serde::Serialize;

use crate::view::API_VERSION;

/// What `oarlock reach -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reach")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Reach`
    #[schemars(extend("const" = "Reach"))]
    kind: &'static str,
    /// Who was taken over, as it was asked.
    who: String,
    /// The cluster that was asked for; absent: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    /// Whether everything is known that decides. If not, each number is one that it is at least.
    complete: bool,
    /// What rules and policies give to whoever was taken over.
    written: Blast,
    /// What is reached from there, with what is written.
    reached: Blast,
    /// The same with what may be reached, as far as that is known.
    possible: Blast,
    /// Everybody who is reached, whoever was taken over first. A step names them by their position, from 0.
    principals: Vec<JsonPrincipal>,
    /// All steps.
    steps: Vec<JsonStep>,
    /// What isn't known: more may be reached.
    unknown: Vec<JsonUnknown>,
    /// Where permissions lead of which no more is decided than these words.
    leads: Vec<JsonLead>,
}

/// Somebody who is reached.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReachedPrincipal")]
#[serde(rename_all = "camelCase")]
struct JsonPrincipal {
    /// `person`, `iam`, `account-admin`, `cluster-admin`, `nodes`, `caller`, `pod`, `service-account`, `user`, `group`, `project`,
    /// `rights` or `credential`
    kind: &'static str,
    /// The name.
    name: String,
    /// ARN of the cluster that it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    /// Whether it is certain.
    certain: bool,
    /// Whether it is one that was taken over, perhaps by another name: its power is written, not reached.
    own: bool,
    /// The shortest way, as positions in `steps`.
    way: Vec<usize>,
}

/// One step.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReachStep")]
struct JsonStep {
    /// From whom.
    from: usize,
    /// To whom.
    to: usize,
    /// How: an entry of the escalation catalogue, or a hop.
    how: &'static str,
    /// By which rule or statement.
    by: String,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// What would have to be known for it to be certain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
}

/// Something that isn't known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReachUnknown")]
struct JsonUnknown {
    /// What, and how to fill it.
    #[serde(flatten)]
    gap: Gap,
    /// Whom it is about.
    of: Vec<usize>,
}

/// An entry of the escalation catalogue that leads outside of what is decided here.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReachLead")]
#[serde(rename_all = "camelCase")]
struct JsonLead {
    /// The entry.
    entry: &'static str,
    /// Where it leads, in words.
    leads_to: &'static str,
    /// Who has it.
    of: Vec<usize>,
}

impl Json {
    pub(crate) fn of(who: &str, cluster: Option<&ClusterArn>, reach: &Reach) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "Reach",
            who: who.to_owned(),
            cluster: cluster.map(ToString::to_string),
            complete: reach.is_complete(),
            written: reach.written,
            reached: reach.reached,
            possible: reach.possible,
            principals: principals(reach),
            steps: reach.edges.iter().map(step).collect(),
            unknown: reach.unknown.iter().map(unknown).collect(),
            leads: leads(reach),
        }
    }
}

fn principals(reach: &Reach) -> Vec<JsonPrincipal> {
    let mut all: Vec<JsonPrincipal> = Vec::with_capacity(reach.principals.len());
    for node in &reach.principals {
        let cluster = node.principal.cluster().and_then(|cluster| reach.clusters.get(cluster.index()));
        // The one before stands before it, with its own way.
        let before = node.edge.and_then(|edge| all.get(reach.edges.get(edge)?.from));
        let way = before.map(|before| before.way.clone()).into_iter().flatten().chain(node.edge).collect();
        all.push(JsonPrincipal {
            kind: node.principal.kind(),
            name: node.principal.to_string(),
            cluster: cluster.map(ToString::to_string),
            certain: node.certain,
            own: node.own,
            way,
        });
    }
    all
}

fn step(Edge { from, to, how, by, place, missing }: &Edge) -> JsonStep {
    let (by, place, missing) = (by.clone(), place.clone(), missing.clone());
    JsonStep { from: *from, to: *to, how, by, place, missing }
}

fn unknown(Unknown { gap, of }: &Unknown) -> JsonUnknown {
    JsonUnknown { gap: gap.clone(), of: of.clone() }
}

fn leads(reach: &Reach) -> Vec<JsonLead> {
    let mut all: BTreeMap<&'static str, (&'static str, BTreeSet<usize>)> = BTreeMap::new();
    for Lead { from, entry, .. } in &reach.leads {
        all.entry(entry.id).or_insert((entry.leads_to, BTreeSet::new())).1.insert(*from);
    }
    let lead = |(entry, (leads_to, of)): (&'static str, (&'static str, BTreeSet<usize>))| JsonLead {
        entry,
        leads_to,
        of: of.into_iter().collect(),
    };
    all.into_iter().map(lead).collect()
}
