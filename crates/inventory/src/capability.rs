//! `clusters/<account>/<region>/<name>/eks/…-capabilit….json`: the managed Argo CD, ACK and kro.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{ClusterArn, Place, Problem};
use serde_json::Value;

use crate::{
    Capability, CapabilityDetails, Known,
    eks::{described, gap, tags},
    read::{File, Files, Reading, elements, has_more, lacks, pages, text},
};

const LIST: &str = "eks/list-capabilities.json";
const ONE: &str = "eks/describe-capability-";

/// The capabilities by name. The list decides which there are; their descriptions tell the rest.
pub(crate) fn capabilities(
    arn: &ClusterArn,
    files: &Files<'_>,
    reading: &mut Reading,
) -> Known<BTreeMap<String, Capability>> {
    let gap_all = |cause| gap(arn, "the EKS capabilities", cause, "list-capabilities");
    let Some(file) = files.get(LIST) else { return gap_all("not in the inventory") };
    let Some(lists) = pages(file, reading) else { return gap_all("the file is malformed") };
    if lists.iter().all(|list| list.get("capabilities").is_none()) {
        lacks(file, "capabilities", reading);
        return gap_all("the file has no list");
    }
    if lists.iter().all(has_more) {
        return gap_all("the last page is missing");
    }
    let described = described(files, ONE, "capability", "capabilityName", reading);
    let mut known = BTreeMap::new();
    for listed in lists.iter().flat_map(|list| elements(list, "capabilities")) {
        let (Some(name), Some(kind)) = (text(listed, "capabilityName"), text(listed, "type")) else {
            lacks(file, "capabilityName", reading);
            return gap_all("a capability can't be read");
        };
        let details = match described.get(&name) {
            Some((capability, file)) => details(arn, &name, capability, file, reading),
            None => undescribed(arn, &name, "not in the inventory"),
        };
        let capability = Capability {
            kind,
            status: text(listed, "status").unwrap_or_default(),
            version: text(listed, "version"),
            details,
            place: Place::file(Arc::clone(&file.name)),
        };
        known.insert(name, capability);
    }
    Known::Known(known)
}

fn undescribed(arn: &ClusterArn, name: &str, cause: &str) -> Known<CapabilityDetails> {
    let command = format!("describe-capability --capability-name {name}");
    gap(arn, &format!("the role of EKS capability `{name}`"), cause, &command)
}

fn details(
    arn: &ClusterArn,
    name: &str,
    capability: &Value,
    file: &File,
    reading: &mut Reading,
) -> Known<CapabilityDetails> {
    let place = Place::file(Arc::clone(&file.name));
    let Some(role) = text(capability, "roleArn") else {
        lacks(file, "roleArn", reading);
        return undescribed(arn, name, "the file has no `roleArn`");
    };
    let role = match role.parse() {
        Ok(role) => role,
        Err(error) => {
            let error: facts::ArnError = error;
            reading.problems.push(Problem::new(place, error.to_string()));
            return undescribed(arn, name, "its `roleArn` can't be read");
        }
    };
    let argocd = |pointer: &str| capability.pointer(&format!("/configuration/argoCd/{pointer}"));
    let argocd_text = |pointer| argocd(pointer).and_then(Value::as_str).map(str::to_owned);
    let mappings = argocd("rbacRoleMappings").and_then(Value::as_array).into_iter().flatten();
    let issues = capability.get("health").into_iter().flat_map(|health| elements(health, "issues"));
    Known::Known(CapabilityDetails {
        role,
        namespace: argocd_text("namespace"),
        identity_center: argocd_text("awsIdc/idcInstanceArn"),
        server_url: argocd_text("serverUrl"),
        role_mappings: mappings.filter_map(mapping).collect(),
        issues: issues.filter_map(issue).collect(),
        tags: tags(capability),
        place,
    })
}

fn mapping(mapping: &Value) -> Option<(String, BTreeSet<String>)> {
    let identity = |identity: &Value| Some(format!("{} {}", text(identity, "type")?, text(identity, "id")?));
    Some((text(mapping, "role")?, elements(mapping, "identities").filter_map(identity).collect()))
}

fn issue(issue: &Value) -> Option<String> {
    let message = text(issue, "message")?;
    Some(match text(issue, "code") {
        Some(code) => format!("{code}: {message}"),
        None => message,
    })
}
