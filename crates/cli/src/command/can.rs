//! `oarlock can`.

mod ask;

use std::{fmt::Write as _, path::PathBuf};

use access::{At, Hop, Passes};
use anyhow::Context;
use facts::{Gap, Place};
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
/// From an IAM principal to a user of the cluster (access entries, aws-auth), and from the user to the request (RBAC, access
/// policies); offline, from an inventory. The exit status is 0 for yes, 4 for no, 5 if that can't be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock can arn:aws:iam::111122223333:role/argocd create deployments -n payments --cluster payments-prod-eu
  oarlock can system:serviceaccount:argocd:argocd-server get pods/log -n argocd --cluster tools -i inventory/
  oarlock can group:developers '*' '*' --cluster tools -o json")]
pub(crate) struct Arguments {
    /// ARN of a role, session or user; `system:serviceaccount:NAMESPACE:NAME`, `user:NAME` or `group:NAME`
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
    /// `yes`, `no` or `unknown`
    answer: &'static str,
    /// In their order, up to the one at which it ends.
    hops: Vec<JsonHop>,
}

/// One hop.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessHop")]
struct JsonHop {
    /// `cluster-identity` or `authorization`
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
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let ReadInventory { inventory, problems, files } =
        read_inventory(&arguments.inventory).map_err(Refused::one)?;
    Refused::unless_empty(problems, files)?;
    let cluster = ask::cluster(&inventory, &arguments.cluster)?;
    let who = ask::who(&inventory, &arguments.who, arguments.session.as_deref())?;
    let request = ask::request(cluster, arguments).context("cannot tell what is asked for")?;
    let hops: Vec<JsonHop> = access::can(cluster, &who, &request).into_iter().map(JsonHop::from).collect();
    let answer = hops.last().map_or("unknown", |hop| hop.passes);
    match arguments.output {
        Format::Text => print_text(&text(answer, &hops))?,
        Format::Json => {
            print_json(&Json { api_version: API_VERSION, kind: "AccessCheck", answer, hops })?;
        }
    }
    Ok(match answer {
        "yes" => Status::Fine,
        "no" => Status::Violated,
        _ => Status::Undecided,
    })
}

impl From<Hop> for JsonHop {
    fn from(Hop { at, passes, by, place }: Hop) -> Self {
        let at = match at {
            At::ClusterIdentity => "cluster-identity",
            At::Authorization => "authorization",
        };
        let (passes, missing) = match passes {
            Passes::Yes => ("yes", Vec::new()),
            Passes::No => ("no", Vec::new()),
            Passes::Unknown { missing } => ("unknown", missing),
        };
        Self { at, passes, by, place, missing }
    }
}

fn text(answer: &str, hops: &[JsonHop]) -> String {
    let mut text = format!("{answer}\n");
    for JsonHop { at, passes, by, place, missing } in hops {
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
    }
    text
}
