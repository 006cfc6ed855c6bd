//! `oarlock can`.

mod ask;

use std::{fmt::Write as _, path::PathBuf};

use access::{Accounts, Hop, Installation, Passes, Way, authorization::Authorizers, verdict, way};
use anyhow::Context;
use ask::Whom;
use facts::{ClusterArn, Gap, Place, RoleArn};
use inventory::{Cluster, Inventory};
use rbac::Request;
use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::{
    exit::Status,
    input::{ReadInventory, Refused, read_inventory},
    output::{print_json, print_text},
    view::API_VERSION,
};

/// Say whether somebody may make a request on a cluster, hop by hop
///
/// From a pod or a person to a role, from role to role, to a user of the cluster, and from the user to the request; offline, from
/// an inventory. The exit status is 0 for yes, 4 for no, 5 if that can't be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock can argocd create deployments -n payments --cluster payments-prod-eu
  oarlock can sso:developers delete pods -n payments --cluster payments-prod-eu
  oarlock can arn:aws:iam::111122223333:role/argocd create deployments -n payments --cluster payments-prod-eu
  oarlock can system:serviceaccount:argocd:argocd-server get pods/log -n argocd --cluster tools -i inventory/
  oarlock can group:developers '*' '*' --cluster tools -o json")]
pub(crate) struct Arguments {
    /// `argocd`, `argocd:controller` or `argocd:server`; `sso:GROUP` or `account:NAME` of Argo CD; ARN of a role, session or user;
    /// `system:serviceaccount:NAMESPACE:NAME`, `user:NAME` or `group:NAME`
    #[arg(value_name = "WHO")]
    who: String,
    /// `get`, `create`, …, or `*`
    #[arg(value_name = "VERB")]
    verb: String,
    /// `deployments`, `deployments.apps`, `pods/log`, `*`; or a path such as `/metrics`
    #[arg(value_name = "RESOURCE")]
    resource: String,
    /// In this namespace [default: in all, or of what is in none]
    #[arg(short = 'n', long)]
    namespace: Option<String>,
    /// On the object of this name [default: any]
    #[arg(long)]
    name: Option<String>,
    /// The cluster, by its ARN, or by its name if the inventory has one of it
    #[arg(long)]
    cluster: String,
    /// Of a service account: the cluster that its pods run in, if it is another one
    #[arg(long, value_name = "CLUSTER")]
    from: Option<String>,
    /// Of a role or a pod: the role that it assumes first; several are assumed one after the other
    #[arg(long, value_name = "ROLE")]
    assume: Vec<RoleArn>,
    /// The cluster that Argo CD runs in [default: the only one that has its objects]
    #[arg(long, value_name = "CLUSTER")]
    hub: Option<String>,
    /// Of a role: the name of its session
    #[arg(long)]
    session: Option<String>,
    /// The inventory folder
    #[arg(short = 'i', long, value_name = "DIR", default_value = "inventory")]
    inventory: PathBuf,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What `oarlock can -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessCheck")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `AccessCheck`
    #[schemars(extend("const" = "AccessCheck"))]
    kind: &'static str,
    /// `yes` if one of the ways leads there, else `unknown` if one may, else `no`
    answer: &'static str,
    /// The ways that were tried: of Argo CD one for each of its identities.
    ways: Vec<JsonWay>,
}

/// One way to the request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessWay")]
struct JsonWay {
    /// Whose.
    who: String,
    /// `yes`, `no` or `unknown`
    answer: &'static str,
    /// In their order, up to the one at which it ends.
    hops: Vec<JsonHop>,
}

/// One hop.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessHop")]
struct JsonHop {
    /// `argocd-rbac`, `project`, `cluster-secret`, `service-account`, `assume-role`, `token`, `cluster-identity`, `impersonation`,
    /// `authorization` or `escalation`
    at: &'static str,
    /// `yes`, `no` or `unknown`
    passes: &'static str,
    /// By what, or why not.
    by: String,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// What would have to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// Where it ends: the smallest change with which it would pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let ReadInventory { inventory, problems, files } =
        read_inventory(&arguments.inventory).map_err(Refused::one)?;
    Refused::unless_empty(problems, files)?;
    let (arn, cluster) = ask::cluster(&inventory, &arguments.cluster)?;
    let whom = ask::whom(&inventory, arguments)?;
    let request = ask::request(cluster, arguments).context("cannot tell what is asked for")?;
    let ways: Vec<JsonWay> = ways(&inventory, arguments, whom, (arn, cluster), &request)?
        .into_iter()
        .map(|(who, hops)| JsonWay {
            who,
            answer: word(&verdict(&hops)),
            hops: hops.into_iter().map(JsonHop::from).collect(),
        })
        .collect();
    let any = |answer| ways.iter().any(|way| way.answer == answer);
    let answer = ["yes", "unknown"].into_iter().find(|answer| any(*answer)).unwrap_or("no");
    match arguments.output {
        Format::Text => print_text(&text(answer, &ways))?,
        Format::Json => {
            print_json(&Json { api_version: API_VERSION, kind: "AccessCheck", answer, ways })?;
        }
    }
    Ok(match answer {
        "yes" => Status::Fine,
        "no" => Status::Violated,
        _ => Status::Undecided,
    })
}

/// All ways of whoever is meant, with their hops.
fn ways(
    inventory: &Inventory,
    arguments: &Arguments,
    whom: Whom,
    (arn, cluster): (&ClusterArn, &Cluster),
    request: &Request,
) -> anyhow::Result<Vec<(String, Vec<Hop>)>> {
    let accounts = Accounts::of(inventory);
    let authorizers = Authorizers::of(cluster);
    let by = |way: &Way| access::can_by(cluster, &authorizers, way, request);
    let argocd = || {
        let hub = arguments.hub.as_deref().map(|hub| ask::cluster(inventory, hub)).transpose()?;
        let installation = Installation::find(inventory, hub.map(|(arn, _)| arn));
        installation.context("cannot tell which Argo CD is meant: name its cluster with `--hub`")
    };
    let alone = |way: Way| vec![(arguments.who.clone(), by(&way))];
    Ok(match whom {
        Whom::Comer(who) => alone(Way { hops: Vec::new(), end: Some(who) }),
        Whom::Pod(account) => alone(way::of_pod(&accounts, &account, &arguments.assume, arn)),
        Whom::Role(role) => alone(way::of_role(&accounts, role, &arguments.assume, arn)),
        Whom::ArgoCd(one) => {
            let all = access::ways_of_argocd(&accounts, &argocd()?, arn);
            let wanted = all.into_iter().filter(|(whose, _)| one.as_ref().is_none_or(|one| one == whose));
            wanted.map(|(whose, way)| (whose.to_string(), by(&way))).collect()
        }
        Whom::Person(subject) => {
            let ways = access::ways_of_person(&accounts, &argocd()?, &subject, arn, request);
            ways.into_iter().map(|(application, way)| (application, by(&way))).collect()
        }
    })
}

fn word(passes: &Passes) -> &'static str {
    match passes {
        Passes::Yes => "yes",
        Passes::No => "no",
        Passes::Unknown { .. } => "unknown",
    }
}

impl From<Hop> for JsonHop {
    fn from(Hop { at, passes, by, place, change }: Hop) -> Self {
        let answer = word(&passes);
        let missing = if let Passes::Unknown { missing } = passes { missing } else { Vec::new() };
        Self { at: at.as_str(), passes: answer, by, place, missing, change }
    }
}

fn text(answer: &str, ways: &[JsonWay]) -> String {
    let mut text = format!("{answer}\n");
    for way in ways {
        if ways.len() > 1 {
            let _ = writeln!(text, "{}: {}", way.who, way.answer);
        }
        way.hops.iter().for_each(|hop| add(&mut text, hop));
    }
    text
}

fn add(text: &mut String, JsonHop { at, passes, by, place, missing, change }: &JsonHop) {
    let mark = match *passes {
        "yes" => "✓",
        "no" => "✗",
        _ => "?",
    };
    let _ = writeln!(text, "  {mark} {at}: {by}");
    if let Some(place) = place {
        let _ = writeln!(text, "      {place}");
    }
    for Gap { what, cause, fill } in missing {
        let _ = writeln!(text, "      not known: {what}: {cause}");
        if let Some(fill) = fill {
            let _ = writeln!(text, "      {fill}");
        }
    }
    if let Some(change) = change {
        let _ = writeln!(text, "      to change that: {change}");
    }
}
