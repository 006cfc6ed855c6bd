//! `clusters/<account>/<region>/<name>/eks/….json`: what `aws eks` prints.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{ClusterArn, Gap, Place, Problem};
use serde_json::Value;

use crate::{
    AccessEntry, Cluster, Description, Known, Kubernetes, PodIdentityAssociation, capability,
    read::{File, Files, Reading, elements, has_more, lacks, pages, text},
};

const FILES: [&str; 9] = [
    "eks/describe-cluster.json",
    "eks/list-access-entries.json",
    "eks/list-access-policies.json",
    "eks/describe-access-entry-",
    "eks/list-associated-access-policies-",
    "eks/list-pod-identity-associations.json",
    "eks/describe-pod-identity-association-",
    "eks/list-capabilities.json",
    "eks/describe-capability-",
];

/// The cluster without its Kubernetes objects, and its ARN as `describe-cluster` tells it.
pub(crate) fn cluster(
    arn: &ClusterArn,
    files: &Files<'_>,
    reading: &mut Reading,
) -> (Cluster, Option<(ClusterArn, Place)>) {
    for (name, file) in files.iter().filter(|(name, _)| !name.starts_with("kubernetes/")) {
        if !FILES.iter().any(|known| name.starts_with(known)) {
            reading.unknown.push(Place::file(Arc::clone(&file.name)));
        }
    }
    let (description, told) = description(arn, files, reading);
    let cluster = Cluster {
        access_entries: access_entries(arn, &description, files, reading),
        access_policies: access_policies(arn, files, reading),
        description,
        pod_identity_associations: associations(arn, files, reading),
        capabilities: capability::capabilities(arn, files, reading),
        kubernetes: Kubernetes::default(),
    };
    (cluster, told)
}

/// What `aws eks` would have said, with the command that asks for it.
pub(crate) fn gap<T>(arn: &ClusterArn, what: &str, cause: &str, command: &str) -> Known<T> {
    let (name, region) = (&arn.name, &arn.region);
    let flag = if command == "describe-cluster" { "--name" } else { "--cluster-name" };
    let command = format!("aws eks {command} {flag} {name} --region {region}");
    Known::Gap(Gap::new(format!("{what} of `{arn}`"), cause).filled_by(command))
}

fn description(
    arn: &ClusterArn,
    files: &Files<'_>,
    reading: &mut Reading,
) -> (Known<Description>, Option<(ClusterArn, Place)>) {
    let gap = |cause| gap(arn, "the description", cause, "describe-cluster");
    let Some(file) = files.get("eks/describe-cluster.json") else {
        return (gap("not in the inventory"), None);
    };
    let Some(pages) = pages(file, reading) else { return (gap("the file is malformed"), None) };
    let Some(cluster) = pages.iter().find_map(|page| page.get("cluster")) else {
        lacks(file, "cluster", reading);
        return (gap("the file has no cluster"), None);
    };
    let place = Place::file(Arc::clone(&file.name));
    let told = match text(cluster, "arn").map(|arn| arn.parse::<ClusterArn>()) {
        Some(Ok(told)) => Some((told, place.clone())),
        Some(Err(error)) => {
            reading.problems.push(Problem::new(place.clone(), error.to_string()));
            None
        }
        None => None,
    };
    let at = |pointer: &str| cluster.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let description = Description {
        endpoint: at("/endpoint"),
        certificate_authority: at("/certificateAuthority/data"),
        version: at("/version"),
        authentication_mode: at("/accessConfig/authenticationMode"),
        oidc_issuer: at("/identity/oidc/issuer"),
        place,
    };
    (Known::Known(description), told)
}

/// Which access policies there are. No region has none: an empty list is no answer.
fn access_policies(arn: &ClusterArn, files: &Files<'_>, reading: &mut Reading) -> Known<BTreeSet<String>> {
    let gap = |cause: &str| {
        let command = format!("aws eks list-access-policies --region {}", arn.region);
        Known::Gap(
            Gap::new(format!("the access policies that EKS has for `{arn}`"), cause).filled_by(command),
        )
    };
    let Some(file) = files.get("eks/list-access-policies.json") else { return gap("not in the inventory") };
    let Some(lists) = pages(file, reading) else { return gap("the file is malformed") };
    if lists.iter().all(has_more) {
        return gap("the last page is missing");
    }
    let policies: BTreeSet<String> = lists
        .iter()
        .flat_map(|list| elements(list, "accessPolicies"))
        .filter_map(|p| text(p, "arn"))
        .collect();
    if policies.is_empty() {
        lacks(file, "accessPolicies", reading);
        return gap("the file has no list");
    }
    Known::Known(policies)
}

/// The objects that a list and one file for each give, by what names them.
pub(crate) fn described<'f>(
    files: &Files<'f>,
    prefix: &str,
    field: &str,
    key: &str,
    reading: &mut Reading,
) -> BTreeMap<String, (Value, &'f File)> {
    let mut found = BTreeMap::new();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with(prefix)) {
        for page in pages(file, reading).unwrap_or_default() {
            let object = if field.is_empty() { Some(&page) } else { page.get(field) };
            match object.and_then(|object| Some((text(object, key)?, object.clone()))) {
                Some((key, object)) => drop(found.insert(key, (object, *file))),
                None => lacks(file, if field.is_empty() { key } else { field }, reading),
            }
        }
    }
    found
}

/// In authentication mode `CONFIG_MAP` a cluster has no access entries, and EKS refuses to list them (EKS API,
/// ListAccessEntries: the mode must be `API` or `API_AND_CONFIG_MAP`): nobody could have a file that says so.
fn takes_none(description: &Known<Description>) -> bool {
    description.known().and_then(|d| d.authentication_mode.as_deref()) == Some("CONFIG_MAP")
}

fn access_entries(
    arn: &ClusterArn,
    description: &Known<Description>,
    files: &Files<'_>,
    reading: &mut Reading,
) -> Known<BTreeMap<String, AccessEntry>> {
    let gap = |cause: &str, command: &str| gap(arn, "the access entries", cause, command);
    let Some(file) = files.get("eks/list-access-entries.json") else {
        return if takes_none(description) {
            Known::Known(BTreeMap::new())
        } else {
            gap("not in the inventory", "list-access-entries")
        };
    };
    let Some(lists) = pages(file, reading) else {
        return gap("the file is malformed", "list-access-entries");
    };
    if lists.iter().all(|list| list.get("accessEntries").is_none()) {
        lacks(file, "accessEntries", reading);
        return gap("the file has no list", "list-access-entries");
    }
    if lists.iter().all(has_more) {
        return gap("the last page is missing", "list-access-entries");
    }
    let entries = described(files, "eks/describe-access-entry-", "accessEntry", "principalArn", reading);
    let policies = described(files, "eks/list-associated-access-policies-", "", "principalArn", reading);
    let mut known = BTreeMap::new();
    for principal in lists.iter().flat_map(|list| elements(list, "accessEntries")).filter_map(Value::as_str) {
        let Some((entry, file)) = entries.get(principal) else {
            let command = format!("describe-access-entry --principal-arn {principal}");
            return gap(&format!("`{principal}` is listed but not described"), &command);
        };
        let policies = policies.get(principal).map(|(list, _)| list);
        known.insert(principal.to_owned(), access_entry(arn, principal, entry, policies, file));
    }
    Known::Known(known)
}

fn access_entry(
    arn: &ClusterArn,
    principal: &str,
    entry: &Value,
    policies: Option<&Value>,
    file: &File,
) -> AccessEntry {
    let texts =
        |value: &Value, field| elements(value, field).filter_map(|t| t.as_str().map(str::to_owned)).collect();
    let policies = policies.map_or_else(
        || {
            let command = format!("list-associated-access-policies --principal-arn {principal}");
            gap(arn, &format!("the access policies of `{principal}`"), "not in the inventory", &command)
        },
        |list| {
            let policy = |policy: &Value| {
                let namespaces =
                    policy.get("accessScope").map(|scope| texts(scope, "namespaces")).unwrap_or_default();
                Some((text(policy, "policyArn")?, namespaces))
            };
            Known::Known(elements(list, "associatedAccessPolicies").filter_map(policy).collect())
        },
    );
    AccessEntry {
        principal: principal.to_owned(),
        kind: text(entry, "type").unwrap_or_else(|| "STANDARD".to_owned()),
        groups: texts(entry, "kubernetesGroups"),
        username: text(entry, "username"),
        created_at: text(entry, "createdAt"),
        policies,
        tags: tags(entry),
        place: Place::file(Arc::clone(&file.name)),
    }
}

fn associations(
    arn: &ClusterArn,
    files: &Files<'_>,
    reading: &mut Reading,
) -> Known<BTreeMap<(String, String), PodIdentityAssociation>> {
    let gap_all = |cause| gap(arn, "the Pod Identity associations", cause, "list-pod-identity-associations");
    let Some(file) = files.get("eks/list-pod-identity-associations.json") else {
        return gap_all("not in the inventory");
    };
    let Some(lists) = pages(file, reading) else { return gap_all("the file is malformed") };
    if lists.iter().all(|list| list.get("associations").is_none()) {
        lacks(file, "associations", reading);
        return gap_all("the file has no list");
    }
    if lists.iter().all(has_more) {
        return gap_all("the last page is missing");
    }
    let details =
        described(files, "eks/describe-pod-identity-association-", "association", "associationId", reading);
    let mut known = BTreeMap::new();
    for listed in lists.iter().flat_map(|list| elements(list, "associations")) {
        let (Some(id), Some(namespace), Some(account)) =
            (text(listed, "associationId"), text(listed, "namespace"), text(listed, "serviceAccount"))
        else {
            lacks(file, "associationId", reading);
            return gap_all("an association can't be read");
        };
        let detail = details.get(&id);
        let (object, file) = detail.map_or((listed, *file), |(object, file)| (object, *file));
        let role = |field: &str| text(object, field).and_then(|arn| arn.parse().ok());
        let unknown = || {
            let command = format!("describe-pod-identity-association --association-id {id}");
            gap(
                arn,
                &format!("the role of Pod Identity association `{id}`"),
                "not in the inventory",
                &command,
            )
        };
        let association = PodIdentityAssociation {
            role: role("roleArn").map_or_else(unknown, Known::Known),
            target_role: role("targetRoleArn"),
            session_tags_disabled: object.get("disableSessionTags") == Some(&Value::Bool(true)),
            session_policy: text(object, "policy"),
            tags: tags(object),
            place: Place::file(Arc::clone(&file.name)),
            id,
        };
        known.insert((namespace, account), association);
    }
    Known::Known(known)
}

/// `tags`, as EKS writes them.
pub(crate) fn tags(value: &Value) -> BTreeMap<String, String> {
    let tags = value.get("tags").and_then(Value::as_object).into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
