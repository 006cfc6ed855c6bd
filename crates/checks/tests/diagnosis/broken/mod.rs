//! One thing at a time is broken in the example's inventory; the error that comes of it is diagnosed, and the change that is
//! proposed makes the chain pass again.

mod argocd;
mod rules;
mod way;

use std::{path::Path, sync::LazyLock};

use access::{Installation, Passes};
use facts::{ClusterArn, ClusterNames, RoleArn};
use inventory::{Cluster, Edit, IamRole, Inventory, Known, folder};
use oarlock_checks::diagnosis::{Answer, Change, Diagnoses, Form, Inquiry, SecretField, messages};
use serde_json::{Value, json};

static ACME: LazyLock<Inventory> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/inventory");
    let reading = Inventory::read(&folder::inventory(&folder).unwrap());
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    reading.inventory
});

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const EU: &str = "arn:aws:eks:eu-west-1:444455556666:cluster/payments";
const US: &str = "arn:aws:eks:us-east-1:444455556666:cluster/payments";
const ANALYTICS: &str = "arn:aws:eks:eu-west-1:777788889999:cluster/analytics";
const STAGING: &str = "arn:aws:eks:us-east-1:777788889999:cluster/staging";
const MANAGEMENT: &str = "arn:aws:iam::111122223333:role/argocd-management";
const DEPLOYER: &str = "arn:aws:iam::444455556666:role/argocd-deployer";

fn arn(text: &str) -> ClusterArn {
    text.parse().unwrap()
}

fn cluster<'i>(inventory: &'i mut Inventory, text: &str) -> &'i mut Cluster {
    inventory.clusters.get_mut(&arn(text)).unwrap()
}

fn known<T>(what: &mut Known<T>) -> &mut T {
    match what {
        Known::Known(value) => value,
        Known::Gap(gap) => panic!("{gap}"),
    }
}

fn role<'i>(inventory: &'i mut Inventory, text: &str) -> &'i mut IamRole {
    let role: RoleArn = text.parse().unwrap();
    known(&mut inventory.accounts.get_mut(&role.account).unwrap().roles).get_mut(&role.name).unwrap()
}

fn body<'i>(inventory: &'i mut Inventory, list: &str, name: &str) -> Edit<'i> {
    let objects = cluster(inventory, HUB).kubernetes.objects.get_mut(list).unwrap();
    objects.iter_mut().find(|object| object.name == name).unwrap().body.edit()
}

/// Rewrites `config` of a cluster Secret.
fn config(inventory: &mut Inventory, name: &str, change: impl Fn(&mut Value)) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut body = body(inventory, "secrets", name);
    let text = STANDARD.decode(body["data"]["config"].as_str().unwrap()).unwrap();
    let mut config: Value = serde_json::from_slice(&text).unwrap();
    change(&mut config);
    body["data"]["config"] = STANDARD.encode(config.to_string()).into();
}

fn endpoint(text: &str) -> String {
    let known = ACME.clusters[&arn(text)].description.known().unwrap();
    known.endpoint.clone().unwrap()
}

fn entry<'i>(inventory: &'i mut Inventory, on: &str, principal: &str) -> &'i mut inventory::AccessEntry {
    known(&mut cluster(inventory, on).access_entries).get_mut(principal).unwrap()
}

fn issuer() -> String {
    let description = ACME.clusters[&arn(HUB)].description.known().unwrap();
    description.oidc_issuer.as_ref().unwrap().trim_start_matches("https://").to_owned()
}

/// What the inventory says about the one error of a text.
#[track_caller]
fn asked(inventory: &Inventory, text: &str) -> Answer {
    let diagnoses = Diagnoses::of(&messages("-", text));
    assert_eq!(diagnoses.errors.len(), 1, "{text}: {diagnoses:?}");
    let argocd = Installation::find(inventory, None).ok();
    let inquiry = Inquiry::new(inventory, argocd, None);
    inquiry.ask(&diagnoses.errors[0]).unwrap_or_else(|| panic!("nothing is asked for {text}"))
}

/// Breaks the example's inventory; the text is what Argo CD, kubectl or the SDK say then. All changes repair it, and have a text in
/// each form.
#[track_caller]
fn broken(breaking: impl Fn(&mut Inventory), text: &str, hop: &str) -> Vec<Change> {
    let mut inventory = ACME.clone();
    breaking(&mut inventory);
    let answer = asked(&inventory, text);
    assert_eq!(answer.failing().map(|hop| hop.at.as_str()), Some(hop), "{text}\n{answer:#?}");
    let repair = answer.repair.unwrap_or_else(|| panic!("no repair: {text}\n{:#?}", answer.hops));
    assert_eq!(repair.passes, Passes::Yes, "{repair:#?}");
    for change in &repair.changes {
        for form in [Form::Yaml, Form::Terraform, Form::Cli] {
            assert!(!change.text(form, &repair.names).trim().is_empty(), "{change:?}");
        }
    }
    repair.changes
}

fn exit_20(on: &str) -> String {
    let endpoint = endpoint(on);
    format!(
        "failed to get server version: Get \"{endpoint}/version?timeout=32s\": getting credentials: exec: executable argocd-k8s-auth failed with exit code 20 (Client.Timeout exceeded while awaiting headers)"
    )
}

fn credentials_asked_for(on: &str) -> String {
    format!(
        "failed to sync cluster {0}: Get \"{0}/version?timeout=32s\": the server has asked for the client to provide credentials",
        endpoint(on)
    )
}

fn refused(role: &str, verb: &str, resource: &str, group: &str, namespace: &str) -> String {
    let session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    format!(
        "{resource} is forbidden: User \"{session}/1763370000000000000\" cannot {verb} resource \"{resource}\" in API group \"{group}\" in the namespace \"{namespace}\""
    )
}

const NO_ROLE: &str = "failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, canceled, context deadline exceeded";
