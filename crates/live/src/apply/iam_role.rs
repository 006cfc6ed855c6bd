//! IAM roles: trust, inline policies, managed policies with their versions, tags; in an order in which a role never has less than before.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::{
    Client,
    types::{Role, Tag},
};
use facts::{AccountId, RoleArn};
use percent_encoding::percent_decode_str;
use plan::{Action, Change, IamRole, Step};
use serde_json::Value;

use super::{
    graph::gone,
    patience::{Seen, Trouble},
    world::World,
};
use crate::cause::{Cause, absent_or};

/// A policy has at most five versions (IAM User Guide, "IAM and AWS STS quotas").
const VERSIONS: usize = 5;

/// Sends a call to AWS; a macro, since each operation has a type of its own.
macro_rules! call {
    ($call:expr) => {
        $call.send().await.map_err(|error| $crate::cause::Cause::of_aws(&error))
    };
}
pub(super) use call;

/// Whether IAM refuses a trust policy since it doesn't know a principal yet (IAM User Guide, "I get a 'MalformedPolicyDocument:
/// Invalid principal in policy' error"; changes take a while to be everywhere, "IAM is eventually consistent").
fn is_too_early(cause: &Cause) -> bool {
    cause.is("MalformedPolicyDocument") && cause.to_string().to_lowercase().contains("invalid principal")
        || cause.is("ConcurrentModification")
}

/// Makes a role, or makes it as it should be. What it holds beyond that stays, for [`revoke`]; and what the plan doesn't change isn't
/// asked about.
pub(super) async fn put(world: &World<'_>, wanted: &IamRole, action: &Action) -> Result<(), Trouble> {
    let client = world.account(&wanted.arn.account).await?.iam();
    let name = &wanted.arn.name;
    let is_made = *action == Action::Create && create(world, &client, wanted).await?;
    let is_written =
        is_made || meet(world, &client, wanted, matches!(action, Action::Replace { .. })).await?;
    let changes = |field: &str, policy: &str| !matches!(action, Action::Update { changes } if !is_changed(changes, field, policy));
    for (policy, document) in &wanted.inline_policies {
        if changes("inline policies", policy) {
            let document = document.to_json().to_string();
            call!(client.put_role_policy().role_name(name).policy_name(policy).policy_document(document))?;
        }
    }
    for (policy, document) in &wanted.managed_policies {
        if changes("managed policies", policy) {
            managed(world, &client, wanted, policy, &document.to_json()).await?;
        }
    }
    if is_written { seen(world, &client, wanted).await } else { Ok(()) }
}

/// Whether a plan's change of a list of policies is about this one.
fn is_changed(changes: &[Change], field: &str, policy: &str) -> bool {
    let of = |value: &Option<Value>| {
        let items = value.as_ref().and_then(Value::as_array).into_iter().flatten();
        items.filter(|item| item.get("name").is_some_and(|name| name == policy)).cloned().collect::<Vec<_>>()
    };
    changes.iter().any(|change| change.field == field && of(&change.from) != of(&change.to))
}

/// Makes of the role that is there the one that is wanted, but for its policies; whether its trust policy was written.
async fn meet(world: &World<'_>, client: &Client, wanted: &IamRole, again: bool) -> Result<bool, Trouble> {
    let name = &wanted.arn.name;
    let mut there = there(client, name).await?;
    if again && there.as_ref().is_some_and(|there| there.path() != wanted.arn.path) {
        let policies = attached(client, name).await?;
        delete_all(client, name, &policies).await?;
        there = None;
    }
    match there {
        Some(there) if there.path() != wanted.arn.path => {
            let message = format!(
                "role `{name}` exists, but under the path `{}`, and names are unique in an account: give the fleet's roles another prefix, or remove that role",
                there.path()
            );
            Err(Trouble::Failed(message))
        }
        Some(there) => update(world, client, wanted, &there).await,
        None => create(world, client, wanted).await,
    }
}

async fn there(client: &Client, name: &str) -> Result<Option<Role>, Cause> {
    match call!(client.get_role().role_name(name)) {
        Ok(found) => Ok(found.role),
        Err(cause) if cause.is_absence() => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Whether it is made by this: one of the name may be there, made by somebody else, or by an attempt whose answer was lost.
async fn create(world: &World<'_>, client: &Client, wanted: &IamRole) -> Result<bool, Trouble> {
    let (trust, tags) = (wanted.trust.to_json().to_string(), tags(&wanted.tags)?);
    let create = || async {
        let made = call!(
            client
                .create_role()
                .role_name(&wanted.arn.name)
                .path(&wanted.arn.path)
                .description(&wanted.description)
                .assume_role_policy_document(&trust)
                .set_tags(Some(tags.clone()))
        );
        match made {
            Err(cause) if cause.is("EntityAlreadyExists") => Ok(false),
            other => other.map(|_| true),
        }
    };
    world.patience.while_refused(is_too_early, create).await
}

/// Writes what differs, and says whether the trust policy did. A trust policy that is as it should be isn't written again: who is killed after each write would never get further.
async fn update(world: &World<'_>, client: &Client, wanted: &IamRole, there: &Role) -> Result<bool, Trouble> {
    let (name, trust) = (&wanted.arn.name, wanted.trust.to_json());
    let is_same = there
        .assume_role_policy_document()
        .is_some_and(|text| canonical(decoded(text)) == canonical(trust.clone()));
    let trust = trust.to_string();
    let update = || async {
        call!(client.update_assume_role_policy().role_name(name).policy_document(&trust)).map(drop)
    };
    if !is_same {
        world.patience.while_refused(is_too_early, update).await?;
    }
    if there.description() != Some(&wanted.description) {
        call!(client.update_role().role_name(name).description(&wanted.description))?;
    }
    if !are_there(&wanted.tags, there.tags()) {
        call!(client.tag_role().role_name(name).set_tags(Some(tags(&wanted.tags)?)))?;
    }
    Ok(!is_same)
}

fn are_there(wanted: &BTreeMap<String, String>, there: &[Tag]) -> bool {
    let is_there = |(key, value): (&String, &String)| {
        there.iter().any(|tag| tag.key() == key.as_str() && tag.value() == value.as_str())
    };
    wanted.iter().all(is_there)
}

pub(super) fn tags(wanted: &BTreeMap<String, String>) -> Result<Vec<Tag>, Trouble> {
    let tags = wanted.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Trouble::Failed(error.to_string()))
}

fn policy_arn(role: &RoleArn, name: &str) -> String {
    format!("arn:{}:iam::{}:policy{}{name}", role.partition, role.account, role.path)
}

/// Makes a managed policy, or a new version of it where it reads differently, and attaches it.
async fn managed(
    world: &World<'_>,
    client: &Client,
    wanted: &IamRole,
    name: &str,
    document: &Value,
) -> Result<(), Trouble> {
    let arn = policy_arn(&wanted.arn, name);
    match call!(client.get_policy().policy_arn(&arn)) {
        Ok(found) => {
            let version = found.policy().and_then(|policy| policy.default_version_id()).unwrap_or("v1");
            let read = call!(client.get_policy_version().policy_arn(&arn).version_id(version))?;
            let now = read.policy_version().and_then(|version| version.document()).map(decoded);
            if now.as_ref() != Some(document) {
                make_room(client, &arn).await?;
                let text = document.to_string();
                let call = client.create_policy_version().policy_arn(&arn).policy_document(text);
                call!(call.set_as_default(true))?;
            }
            if !are_there(&wanted.tags, found.policy().map(|policy| policy.tags()).unwrap_or_default()) {
                call!(client.tag_policy().policy_arn(&arn).set_tags(Some(tags(&wanted.tags)?)))?;
            }
        }
        Err(cause) if cause.is_absence() => {
            let call = client.create_policy().policy_name(name).path(&wanted.arn.path);
            call!(call.policy_document(document.to_string()).set_tags(Some(tags(&wanted.tags)?)))?;
        }
        Err(cause) => return Err(cause.into()),
    }
    let attach = || async {
        call!(client.attach_role_policy().role_name(&wanted.arn.name).policy_arn(&arn)).map(drop)
    };
    world.patience.while_refused(|cause| cause.is_absence(), attach).await
}

/// The oldest version goes that isn't in use.
async fn make_room(client: &Client, arn: &str) -> Result<(), Cause> {
    let listed = call!(client.list_policy_versions().policy_arn(arn))?;
    if listed.versions().len() < VERSIONS {
        return Ok(());
    }
    let unused = listed.versions().iter().filter(|version| !version.is_default_version());
    let oldest = unused.min_by_key(|version| version.create_date().map(|date| date.secs()));
    if let Some(id) = oldest.and_then(|version| version.version_id()) {
        call!(client.delete_policy_version().policy_arn(arn).version_id(id))?;
    }
    Ok(())
}

/// Documents come percent-encoded (IAM API, GetRole).
fn decoded(document: &str) -> Value {
    let text = percent_decode_str(document).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or_default()
}

/// As it is compared: IAM keeps the order of nothing.
fn canonical(document: Value) -> Value {
    iam::AnyDocument::of(document.clone(), iam::Kind::of(&document)).to_json().into_owned()
}

async fn seen(world: &World<'_>, client: &Client, wanted: &IamRole) -> Result<(), Trouble> {
    let trust = canonical(wanted.trust.to_json());
    world
        .patience
        .until(|| async {
            let found = match call!(client.get_role().role_name(&wanted.arn.name)) {
                Err(cause) if cause.is_absence() => {
                    return Ok(Seen::No("IAM doesn't show the role yet".to_owned()));
                }
                other => other?,
            };
            let document = found.role().and_then(|role| role.assume_role_policy_document());
            let is_so = document.is_some_and(|document| canonical(decoded(document)) == trust);
            Ok(if is_so {
                Seen::Yes(())
            } else {
                Seen::No("IAM still shows another trust policy".to_owned())
            })
        })
        .await
}

/// Takes the policies from a role that the plan's change says go: inline ones are deleted, managed ones detached, and these deleted
/// where they are the fleet's own.
pub(super) async fn revoke(world: &World<'_>, wanted: &IamRole, step: &Step) -> Result<(), Trouble> {
    let Action::Update { changes } = &step.action else { return Ok(()) };
    let client = world.account(&wanted.arn.account).await?.iam();
    let of = |field: &str| -> BTreeSet<String> {
        changes.iter().filter(|change| change.field == field).flat_map(gone).collect()
    };
    for policy in of("inline policies") {
        absent_or(call!(client.delete_role_policy().role_name(&wanted.arn.name).policy_name(policy)))?;
    }
    let goes = of("managed policies");
    for arn in attached(&client, &wanted.arn.name).await? {
        if goes.contains(arn.rsplit('/').next().unwrap_or(&arn)) {
            absent_or(call!(client.detach_role_policy().role_name(&wanted.arn.name).policy_arn(&arn)))?;
            delete_own(world, &client, &wanted.arn, &arn).await?;
        }
    }
    Ok(())
}

/// A managed policy with the fleet's marks that nobody has any more.
async fn delete_own(world: &World<'_>, client: &Client, role: &RoleArn, arn: &str) -> Result<(), Cause> {
    if !arn.starts_with(&policy_arn(role, "")) {
        return Ok(());
    }
    let policy = match call!(client.get_policy().policy_arn(arn)) {
        Err(cause) if cause.is_absence() => return Ok(()),
        other => other?,
    };
    let Some(policy) = policy.policy() else { return Ok(()) };
    let ours = is_marked(policy.tags().iter().map(|tag| (tag.key(), tag.value())), &world.options.fleet);
    if !ours || policy.attachment_count() != Some(0) {
        return Ok(());
    }
    let versions = call!(client.list_policy_versions().policy_arn(arn))?;
    for version in versions.versions().iter().filter(|version| !version.is_default_version()) {
        if let Some(id) = version.version_id() {
            absent_or(call!(client.delete_policy_version().policy_arn(arn).version_id(id)))?;
        }
    }
    absent_or(call!(client.delete_policy().policy_arn(arn)))
}

async fn attached(client: &Client, role: &str) -> Result<Vec<String>, Cause> {
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let page = call!(client.list_attached_role_policies().role_name(role).set_marker(marker.take()))?;
        all.extend(
            page.attached_policies().iter().filter_map(|policy| policy.policy_arn().map(str::to_owned)),
        );
        marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
        if marker.is_none() {
            return Ok(all);
        }
    }
}

/// Deletes a role with all that hangs on it. One that lost its marks since the plan was made is somebody's by now.
pub(super) async fn delete(
    world: &World<'_>,
    account: &AccountId,
    name: &str,
    owned: bool,
) -> Result<(), Trouble> {
    let client = world.account(account).await?.iam();
    let found = match call!(client.get_role().role_name(name)) {
        Err(cause) if cause.is_absence() => return Ok(()),
        other => other?,
    };
    let Some(role) = found.role() else { return Ok(()) };
    let ours = is_marked(role.tags().iter().map(|tag| (tag.key(), tag.value())), &world.options.fleet);
    if owned && !ours {
        return Err(no_longer_ours("role", name));
    }
    let arn: Option<RoleArn> = role.arn().parse().ok();
    let policies = attached(&client, name).await?;
    delete_all(&client, name, &policies).await?;
    for policy in policies {
        if let Some(arn) = arn.as_ref().filter(|_| owned) {
            delete_own(world, &client, arn, &policy).await?;
        }
    }
    world
        .patience
        .until(|| async {
            Ok(match there(&client, name).await? {
                None => Seen::Yes(()),
                Some(_) => Seen::No("IAM still shows the role".to_owned()),
            })
        })
        .await
}

/// IAM deletes no role that has policies or is in an instance profile (IAM API, DeleteRole). `policies` are those attached to it.
async fn delete_all(client: &Client, name: &str, policies: &[String]) -> Result<(), Cause> {
    for arn in policies {
        absent_or(call!(client.detach_role_policy().role_name(name).policy_arn(arn)))?;
    }
    loop {
        let inline = call!(client.list_role_policies().role_name(name))?;
        for policy in inline.policy_names() {
            absent_or(call!(client.delete_role_policy().role_name(name).policy_name(policy)))?;
        }
        if !inline.is_truncated() {
            break;
        }
    }
    absent_or(call!(client.delete_role().role_name(name)))
}

/// Whether tags are this fleet's marks.
pub(super) fn is_marked<'t>(tags: impl IntoIterator<Item = (&'t str, &'t str)>, fleet: &str) -> bool {
    let tags: BTreeSet<(&str, &str)> = tags.into_iter().collect();
    plan::desired::marks::tags(fleet).iter().all(|(key, value)| tags.contains(&(key, value)))
}

pub(super) fn no_longer_ours(what: &str, name: &str) -> Trouble {
    Trouble::Failed(format!(
        "{what} `{name}` doesn't carry the fleet's marks any more: plan again, and with `--adopt` if it is to go"
    ))
}
