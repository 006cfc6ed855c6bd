//! `accounts/<id>/iam-….json`: what `aws iam get-account-authorization-details` and the OIDC commands print.

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, Gap, Place, Problem};
use serde_json::Value;

use crate::{
    Account, IamRole, Known, OidcProvider, iam_users,
    read::{File, Files, Reading, elements, has_more, lacks, pages, text},
    secrets_manager::{SECRET, secrets},
    statement_places::Places,
};

const DETAILS: &str = "iam-get-account-authorization-details";
const PROVIDERS: &str = "iam-list-open-id-connect-providers.json";
const PROVIDER: &str = "iam-get-open-id-connect-provider-";

pub(crate) fn account(id: &AccountId, files: &Files<'_>, reading: &mut Reading) -> Account {
    for (name, file) in files {
        let known = [DETAILS, PROVIDER, SECRET].iter().any(|prefix| name.starts_with(prefix));
        if !known && ![PROVIDERS, iam_users::LIST].contains(name) {
            reading.unknown.push(Place::file(Arc::clone(&file.name)));
        }
    }
    let details = details(id, files, reading);
    let managed_policies = details.as_ref().map(|details| documents(details)).unwrap_or_default();
    let mut places = Places::default();
    if let Ok(details) = &details {
        let mut files: Vec<&File> = details.iter().map(|(file, _)| *file).collect();
        files.dedup_by_key(|file| Arc::clone(&file.name));
        files.into_iter().for_each(|file| places.add(file));
    }
    let read = details.map(|details| {
        let users = iam_users::users(id, &details, &managed_policies, &mut places, (files, reading));
        let groups = iam_users::groups(&details, &managed_policies, &mut places);
        let roles = roles(id, &details, &managed_policies, &mut places, reading);
        (roles.map_or_else(Known::Gap, Known::Known), users, groups)
    });
    let (roles, users, groups) =
        read.unwrap_or_else(|gap| (Known::Gap(gap), Known::Gap(iam_users::unread(id)), BTreeMap::new()));
    Account {
        roles,
        users,
        groups,
        managed_policies,
        policy_statements: places.policies,
        oidc_providers: providers(id, files, reading),
        secrets: secrets(files, reading),
    }
}

/// A page of the output, with the file that it stands in.
pub(crate) type Page<'f> = (&'f File, Value);

fn gap(id: &AccountId, cause: &str) -> Gap {
    Gap::new(format!("the IAM roles of account `{id}`"), cause)
        .filled_by(format!("aws iam get-account-authorization-details > accounts/{id}/{DETAILS}.json"))
}

fn details<'f>(id: &AccountId, files: &Files<'f>, reading: &mut Reading) -> Result<Vec<Page<'f>>, Gap> {
    let mut details: Vec<Page<'f>> = Vec::new();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with(DETAILS)) {
        let pages = pages(file, reading).ok_or_else(|| gap(id, "a file is malformed"))?;
        details.extend(pages.into_iter().map(|page| (*file, page)));
    }
    if details.is_empty() {
        return Err(gap(id, "not in the inventory"));
    }
    if details.iter().all(|(_, page)| has_more(page)) {
        return Err(gap(id, "the last page is missing"));
    }
    Ok(details)
}

fn documents(details: &[Page<'_>]) -> BTreeMap<String, Value> {
    details.iter().flat_map(|(_, page)| elements(page, "Policies")).filter_map(default_version).collect()
}

fn roles(
    id: &AccountId,
    details: &[Page<'_>],
    documents: &BTreeMap<String, Value>,
    places: &mut Places,
    reading: &mut Reading,
) -> Result<BTreeMap<String, IamRole>, Gap> {
    // A filter leaves the roles out.
    if details.iter().all(|(_, page)| page.get("RoleDetailList").is_none()) {
        return Err(gap(id, "the file has no `RoleDetailList`"));
    }
    let mut roles = BTreeMap::new();
    for (file, page) in details {
        for detail in elements(page, "RoleDetailList") {
            match role(detail, documents, places, file) {
                Ok(role) => drop(roles.insert(role.arn.name.clone(), role)),
                Err(problem) => {
                    reading.problems.push(problem);
                    return Err(gap(id, "a role can't be read"));
                }
            }
        }
    }
    Ok(roles)
}

fn role(
    detail: &Value,
    documents: &BTreeMap<String, Value>,
    places: &mut Places,
    file: &File,
) -> Result<IamRole, Problem> {
    let whole = Place::file(Arc::clone(&file.name));
    let arn = text(detail, "Arn").ok_or_else(|| Problem::new(whole.clone(), "a role has no `Arn`"))?;
    let places = places.roles.remove(&arn).unwrap_or_default();
    let place = places.role.clone().unwrap_or(whole);
    let wrong = |what: String| Problem::new(place.clone(), what);
    let trust = detail.get("AssumeRolePolicyDocument").and_then(document);
    let inline_policies = inline_policies(detail, "RolePolicyList")
        .ok_or_else(|| wrong(format!("an inline policy of `{arn}` can't be read")))?;
    Ok(IamRole {
        role_id: text(detail, "RoleId"),
        create_date: text(detail, "CreateDate"),
        description: text(detail, "Description"),
        trust: trust.ok_or_else(|| wrong(format!("the trust policy of `{arn}` can't be read")))?,
        inline_policies,
        managed_policies: attached_policies(detail, documents),
        permissions_boundary: permissions_boundary(detail),
        tags: tag_list(detail),
        arn: arn.parse().map_err(|error: facts::ArnError| wrong(error.to_string()))?,
        place,
        places,
    })
}

/// The documents of inline policies by name, if all can be read.
pub(crate) fn inline_policies(detail: &Value, list: &str) -> Option<BTreeMap<String, Value>> {
    let policies = elements(detail, list);
    policies
        .map(|policy| text(policy, "PolicyName").zip(policy.get("PolicyDocument").and_then(document)))
        .collect()
}

/// Attached managed policies by ARN, with the documents that the output has.
pub(crate) fn attached_policies(
    detail: &Value,
    documents: &BTreeMap<String, Value>,
) -> BTreeMap<String, Option<Value>> {
    let attached = elements(detail, "AttachedManagedPolicies").filter_map(|policy| text(policy, "PolicyArn"));
    attached.map(|arn| (arn.clone(), documents.get(&arn).cloned())).collect()
}

pub(crate) fn permissions_boundary(detail: &Value) -> Option<String> {
    detail.get("PermissionsBoundary").and_then(|boundary| text(boundary, "PermissionsBoundaryArn"))
}

fn default_version(policy: &Value) -> Option<(String, Value)> {
    let version = elements(policy, "PolicyVersionList")
        .find(|v| v.get("IsDefaultVersion") == Some(&Value::Bool(true)))?;
    Some((text(policy, "Arn")?, document(version.get("Document")?)?))
}

/// A policy document: an object as the CLI prints it, or JSON with percent signs as the API sends it.
fn document(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(encoded) => serde_json::from_slice(&percent_decode(encoded)?).ok(),
        _ => None,
    }
}

/// What IAM's API sends a policy document as; `None` where a percent sign isn't followed by two hexadecimal digits.
pub fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let code = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

fn providers(
    id: &AccountId,
    files: &Files<'_>,
    reading: &mut Reading,
) -> Known<BTreeMap<String, OidcProvider>> {
    let gap = |cause: &str| {
        Known::Gap(
            Gap::new(format!("the OIDC providers of account `{id}`"), cause)
                .filled_by(format!("aws iam list-open-id-connect-providers > accounts/{id}/{PROVIDERS}")),
        )
    };
    let Some(file) = files.get(PROVIDERS) else { return gap("not in the inventory") };
    let Some(lists) = pages(file, reading) else { return gap("the file is malformed") };
    if lists.iter().all(|list| list.get("OpenIDConnectProviderList").is_none()) {
        lacks(file, "OpenIDConnectProviderList", reading);
        return gap("the file has no list");
    }
    let details = provider_details(files, reading);
    let mut providers = BTreeMap::new();
    for arn in
        lists.iter().flat_map(|l| elements(l, "OpenIDConnectProviderList")).filter_map(|p| text(p, "Arn"))
    {
        let issuer = arn.split_once(":oidc-provider/").map_or(arn.as_str(), |(_, issuer)| issuer).to_owned();
        let detail = details.get(&issuer);
        let client_ids = detail.map_or_else(
            || {
                let command = "aws iam get-open-id-connect-provider --open-id-connect-provider-arn";
                Known::Gap(
                    Gap::new(format!("the audiences of `{arn}`"), "not in the inventory")
                        .filled_by(format!("{command} {arn}")),
                )
            },
            |detail| {
                Known::Known(
                    elements(detail, "ClientIDList")
                        .filter_map(|id| id.as_str().map(str::to_owned))
                        .collect(),
                )
            },
        );
        let place = Place::file(Arc::clone(&file.name));
        let tags = detail.map(tag_list).unwrap_or_default();
        providers.insert(issuer, OidcProvider { arn, client_ids, tags, place });
    }
    Known::Known(providers)
}

/// Details by issuer; what `get-open-id-connect-provider` prints doesn't repeat the ARN, but has the URL.
fn provider_details(files: &Files<'_>, reading: &mut Reading) -> BTreeMap<String, Value> {
    let mut details = BTreeMap::new();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with(PROVIDER)) {
        for detail in pages(file, reading).unwrap_or_default() {
            match text(&detail, "Url") {
                Some(url) => drop(details.insert(url.trim_start_matches("https://").to_owned(), detail)),
                None => lacks(file, "Url", reading),
            }
        }
    }
    details
}

pub(crate) fn tag_list(value: &Value) -> BTreeMap<String, String> {
    elements(value, "Tags").filter_map(|tag| text(tag, "Key").zip(text(tag, "Value"))).collect()
}
