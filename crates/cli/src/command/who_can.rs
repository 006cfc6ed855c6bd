//! `oarlock who-can`.

use std::fmt::Write as _;

use access::{Accounts, Holder, Hop, WhoCan, verdict};
use anyhow::Context;
use facts::Gap;
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

/// Say who may make a request on a cluster, each with the shortest way
///
/// Groups, users and service accounts as bindings name them, IAM principals and those who may assume their roles, pods of any cluster by
/// the roles that they have or assume, Argo CD's identities, and the people whom it lets have it done. The exit status is 5 where there may be others.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock who-can delete pods -n payments --cluster payments-prod-eu
  oarlock who-can '*' '*' --cluster tools -i inventory/ -o json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    request: RequestArguments,
    #[command(flatten)]
    place: PlaceArguments,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What `oarlock who-can -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WhoCan")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `WhoCan`
    #[schemars(extend("const" = "WhoCan"))]
    kind: &'static str,
    /// Sorted by kind and name.
    holders: Vec<JsonHolder>,
    /// There may be others, as long as these aren't filled.
    missing: Vec<Gap>,
}

/// Somebody who may do it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Holder")]
struct JsonHolder {
    /// `group`, `user`, `service-account`, `iam`, `pod`, `argocd` or `person`
    kind: &'static str,
    /// The name.
    name: String,
    /// `yes` or `unknown`
    answer: &'static str,
    /// The shortest way.
    hops: Vec<Hop>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let inventory = arguments.place.read()?;
    let place = asked::cluster(&inventory, &arguments.place.cluster)?;
    let request = asked::request(place.1, &arguments.request).context("cannot tell what is asked for")?;
    let accounts = Accounts::of(&inventory);
    let argocd = arguments.place.argocd(&inventory);
    let mut found = access::who_can(&accounts, argocd.as_ref().ok(), place, &request);
    if let Err(error) = &argocd {
        let gap = Gap::new("who may have Argo CD do it", format!("{:#}", error.root_cause()));
        found.missing.push(gap.filled_by("name its cluster with `--hub`"));
    }
    let json = Json::of(found);
    let complete = json.missing.is_empty() && json.holders.iter().all(|holder| holder.answer == "yes");
    match arguments.output {
        Format::Text => print_text(&text(&json))?,
        Format::Json => print_json(&json)?,
    }
    Ok(if complete { Status::Fine } else { Status::Undecided })
}

impl Json {
    fn of(WhoCan { holders, missing }: WhoCan) -> Self {
        let holder = |Holder { kind, name, hops }: Holder| JsonHolder {
            kind: kind.as_str(),
            name,
            answer: hops::word(&verdict(&hops)),
            hops,
        };
        let holders = holders.into_iter().map(holder).collect();
        Self { api_version: API_VERSION, kind: "WhoCan", holders, missing }
    }
}

fn text(Json { holders, missing, .. }: &Json) -> String {
    let mut text = String::new();
    for JsonHolder { kind, name, answer, hops } in holders {
        let doubt = if *answer == "yes" { "" } else { ": unknown" };
        let _ = writeln!(text, "{kind} {name}{doubt}");
        hops.iter().for_each(|hop| hops::add(&mut text, hop));
    }
    if holders.is_empty() {
        text.push_str("nobody that is known\n");
    }
    for Gap { what, cause, fill } in missing {
        let _ = writeln!(text, "? there may be others: {what}: {cause}");
        if let Some(fill) = fill {
            let _ = writeln!(text, "  {fill}");
        }
    }
    text
}
