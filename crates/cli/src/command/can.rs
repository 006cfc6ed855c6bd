//! `oarlock can`.

mod ask;

use std::fmt::Write as _;

use access::{Accounts, Hop, Way, authorization::Authorizers, verdict, way};
use anyhow::Context;
use ask::Whom;
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, Inventory};
use rbac::Request;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Format,
    asked::{self, PlaceArguments, RequestArguments},
};
use crate::{
    exit::Status,
    output::{print_json, print_text},
    view::{API_VERSION, hops},
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
    #[command(flatten)]
    request: RequestArguments,
    #[command(flatten)]
    place: PlaceArguments,
    /// Of a service account: the cluster that its pods run in, if it is another one
    #[arg(long, value_name = "CLUSTER")]
    from: Option<String>,
    /// Of a role, a user or a pod: the role that it assumes first; several are assumed one after the other
    #[arg(long, value_name = "ROLE")]
    assume: Vec<RoleArn>,
    /// Of a role: the name of its session
    #[arg(long)]
    session: Option<String>,
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
    hops: Vec<Hop>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let inventory = arguments.place.read()?;
    let (arn, cluster) = asked::cluster(&inventory, &arguments.place.cluster)?;
    let whom = ask::whom(&inventory, arguments)?;
    let request = asked::request(cluster, &arguments.request).context("cannot tell what is asked for")?;
    let ways: Vec<JsonWay> = ways(&inventory, arguments, whom, (arn, cluster), &request)?
        .into_iter()
        .map(|(who, hops)| JsonWay { who, answer: hops::word(&verdict(&hops)), hops })
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
    let argocd = || arguments.place.argocd(inventory);
    let alone = |way: Way| vec![(arguments.who.clone(), by(&way))];
    Ok(match whom {
        Whom::Comer(who) => alone(Way { hops: Vec::new(), end: Some(who) }),
        Whom::Pod(account) => alone(way::of_pod(&accounts, &account, &arguments.assume, arn)),
        Whom::Principal(owner) => alone(way::of_principal(&accounts, owner, &arguments.assume, arn)),
        Whom::ArgoCd(one) => {
            let all = access::ways_of_argocd(&accounts, &argocd()?, arn, &authorizers);
            let wanted = all.into_iter().filter(|(whose, _)| one.as_ref().is_none_or(|one| one == whose));
            wanted.map(|(whose, way)| (whose.to_string(), by(&way))).collect()
        }
        Whom::Person(subject) => {
            let ways = access::ways_of_person(&accounts, &argocd()?, &subject, (arn, &authorizers), request);
            ways.into_iter().map(|(application, way)| (application, by(&way))).collect()
        }
    })
}

fn text(answer: &str, ways: &[JsonWay]) -> String {
    let mut text = format!("{answer}\n");
    for way in ways {
        if ways.len() > 1 {
            let _ = writeln!(text, "{}: {}", way.who, way.answer);
        }
        way.hops.iter().for_each(|hop| hops::add(&mut text, hop));
    }
    text
}
