//! `oarlock reach`.

use access::{
    Component, Installation, ServiceAccount,
    argocd_rbac::Subject,
    reach::{Whom, reach},
};
use anyhow::{Context, bail};
use clap::ValueEnum;
use facts::ClusterArn;
use inventory::Inventory;

use super::asked::{self, InventoryArguments};
use crate::{
    exit::Status,
    output::{Stream, print, print_json, print_text, width},
    view::reach as view,
};

/// Say what somebody reaches who takes over a pod, a role or a person
///
/// What rules and policies give to the one that is taken over, and what can be got to from there: service accounts, roles, further
/// clusters, nodes, Secrets; each with the shortest way and the rule behind every step. Offline, from an inventory. The exit status
/// is 5 where not everything is known: then each number is one that it is at least.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock reach argocd -i inventory/
  oarlock reach arn:aws:iam::111122223333:role/argocd --cluster payments-prod-eu
  oarlock reach system:serviceaccount:web:shop --from payments-prod-eu -o json
  oarlock reach argocd:server -o dot | dot -Tpng > reach.png
  oarlock reach sso:developers -o svg > reach.svg")]
pub(crate) struct Arguments {
    /// `argocd`, `argocd:controller` or `argocd:server`; `sso:GROUP` or `account:NAME` of Argo CD; ARN of a role, session or user;
    /// `system:serviceaccount:NAMESPACE:NAME`, `user:NAME` or `group:NAME` of a cluster
    #[arg(value_name = "WHO")]
    who: String,
    /// Only what is reached on this cluster, by its ARN, or by its name if the inventory has one of it [default: everywhere]
    #[arg(long)]
    cluster: Option<String>,
    /// Of a service account, user or group: the cluster that it is of [default: the one of `--cluster`, or the only one]
    #[arg(long, value_name = "CLUSTER")]
    from: Option<String>,
    #[command(flatten)]
    inventory: InventoryArguments,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Numbers, clusters and roles for people
    Table,
    /// Everybody with every step, as one JSON object
    Json,
    /// A graph for Graphviz
    Dot,
    /// A graph for Mermaid
    Mermaid,
    /// A graph as a picture
    Svg,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let inventory = arguments.inventory.read()?;
    let on = arguments.cluster.as_deref().map(|cluster| asked::cluster(&inventory, cluster)).transpose()?;
    let on = on.map(|(arn, _)| arn);
    let whom = whom(&inventory, arguments, on)?;
    let reach = reach(&inventory, &whom, on);
    let who = &arguments.who;
    match arguments.output {
        Format::Table => print_text(&view::table::text(who, &reach, width(Stream::Stdout)))?,
        Format::Json => print_json(&view::json::Json::of(who, on, &reach))?,
        Format::Dot => print_text(&view::dot::text(who, &view::graph::of(&reach)))?,
        Format::Mermaid => print_text(&view::mermaid::text(who, &view::graph::of(&reach)))?,
        Format::Svg => print(&view::svg::text(who, &view::graph::of(&reach)))?,
    }
    Ok(if reach.is_complete() { Status::Fine } else { Status::Undecided })
}

/// Whoever is meant.
fn whom(inventory: &Inventory, arguments: &Arguments, on: Option<&ClusterArn>) -> anyhow::Result<Whom> {
    let text = arguments.who.as_str();
    let argocd = |components: &[Component]| -> anyhow::Result<Whom> {
        Ok(Whom::ArgoCd(arguments.inventory.argocd(inventory)?, components.to_vec()))
    };
    let of_a_cluster =
        ["system:serviceaccount:", "user:", "group:"].iter().any(|start| text.starts_with(start));
    if arguments.from.is_some() && !of_a_cluster {
        bail!("`--from` is for service accounts, users and groups of a cluster: `{text}` is none");
    }
    match text {
        "argocd" => return argocd(&[Component::Controller, Component::Server]),
        "argocd:controller" => return argocd(&[Component::Controller]),
        "argocd:server" => return argocd(&[Component::Server]),
        _ => {}
    }
    let from = || from(inventory, arguments, on);
    if let Some(account) = text.strip_prefix("system:serviceaccount:") {
        let (namespace, name) =
            account.split_once(':').with_context(|| format!("`{text}` lacks a name after the namespace"))?;
        return pod(inventory, from()?, namespace, name);
    }
    if let Some(name) = text.strip_prefix("user:") {
        return Ok(Whom::User(from()?, name.to_owned()));
    }
    if let Some(name) = text.strip_prefix("group:") {
        return Ok(Whom::Group(from()?, name.to_owned()));
    }
    let person = |subject: Subject| -> anyhow::Result<Whom> {
        let argocd: Installation = arguments.inventory.argocd(inventory)?;
        Ok(Whom::Person(argocd, subject, text.to_owned()))
    };
    if let Some(group) = text.strip_prefix("sso:") {
        return person(Subject::default().in_groups([group]));
    }
    if let Some(name) = text.strip_prefix("account:") {
        return person(Subject::new(name));
    }
    access::caller(inventory, text).with_context(|| format!("`{text}` is nobody who could be taken over"))?;
    Ok(Whom::Iam(text.to_owned()))
}

/// One that is there, as far as that is known.
fn pod(inventory: &Inventory, cluster: ClusterArn, namespace: &str, name: &str) -> anyhow::Result<Whom> {
    let there = inventory.clusters.get(&cluster).map(|there| &there.kubernetes);
    let is_missing = there.is_some_and(|there| {
        there.list("serviceaccounts").is_ok()
            && there.find("serviceaccounts", Some(namespace), name).is_none()
    });
    if is_missing {
        bail!("`{}` has no service account `{namespace}/{name}`", cluster.name);
    }
    Ok(Whom::Pod(ServiceAccount { cluster, namespace: namespace.to_owned(), name: name.to_owned() }))
}

fn from(inventory: &Inventory, arguments: &Arguments, on: Option<&ClusterArn>) -> anyhow::Result<ClusterArn> {
    if let Some(from) = &arguments.from {
        return Ok(asked::cluster(inventory, from)?.0.clone());
    }
    if let Some(on) = on {
        return Ok(on.clone());
    }
    let mut all = inventory.clusters.keys();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => bail!("cannot tell which cluster's `{}` is meant: name it with `--from`", arguments.who),
    }
}
