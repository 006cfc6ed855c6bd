//! IAM of one account: `aws iam get-account-authorization-details` and the OIDC providers.

use std::collections::BTreeMap;

use facts::{AccountId, Gap, Problem, RoleArn};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Account, IamRole, Known, OidcProvider,
    read::{File, issuer, json, place},
};

const DETAILS: &str = "iam-get-account-authorization-details";
const LIST: &str = "iam-list-open-id-connect-providers";
const GET: &str = "iam-get-open-id-connect-provider-";

pub(crate) fn read(id: &AccountId, files: &[(&str, &File)]) -> Result<Account, Vec<Problem>> {
    match (roles(id, files), providers(id, files)) {
        (Ok(roles), Ok(oidc_providers)) => Ok(Account { roles, oidc_providers }),
        (roles, providers) => Err(roles.err().into_iter().chain(providers.err()).flatten().collect()),
    }
}

fn roles(id: &AccountId, files: &[(&str, &File)]) -> Result<Known<BTreeMap<String, IamRole>>, Vec<Problem>> {
    let files: Vec<&File> = files.iter().filter(|(name, _)| name.starts_with(DETAILS)).map(|(_, f)| *f).collect();
    if files.is_empty() {
        let gap = Gap::new(format!("the roles of account {id}"), "not in the inventory")
            .filled_by("aws iam get-account-authorization-details");
        return Ok(Known::Gap(gap));
    }
    let (mut pages, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match json::<Pages>(file) {
            Ok(Pages::One(page)) => pages.push((file, *page)),
            Ok(Pages::Many(many)) => pages.extend(many.into_iter().map(|page| (file, page))),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let documents: BTreeMap<String, Value> =
        pages.iter().flat_map(|(_, page)| &page.policies).filter_map(ManagedPolicy::default_document).collect();
    let all = pages.into_iter().flat_map(|(file, page)| page.roles.into_iter().map(move |role| (file, role)));
    Ok(Known::Known(all.map(|(file, role)| (role.name.clone(), role.into_role(file, &documents))).collect()))
}

fn providers(
    id: &AccountId,
    files: &[(&str, &File)],
) -> Result<Known<BTreeMap<String, OidcProvider>>, Vec<Problem>> {
    let Some((_, list_file)) = files.iter().find(|(name, _)| name.starts_with(LIST)) else {
        let gap = Gap::new(format!("the OIDC providers of account {id}"), "not in the inventory")
            .filled_by("aws iam list-open-id-connect-providers");
        return Ok(Known::Gap(gap));
    };
    let list: ProviderList = json(list_file).map_err(|problem| vec![problem])?;
    let mut described = BTreeMap::new();
    let mut problems = Vec::new();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with(GET)) {
        match json::<Provider>(file) {
            Ok(provider) => _ = described.insert(provider.url.trim_start_matches("https://").to_owned(), (provider, *file)),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let known = list.providers.into_iter().filter_map(|entry| {
        let issuer = issuer(&entry.arn)?;
        let provider = match described.remove(&issuer) {
            Some((provider, file)) => OidcProvider {
                arn: entry.arn,
                client_ids: Known::Known(provider.client_ids),
                tags: tags(provider.tags),
                place: place(file),
            },
            None => OidcProvider {
                client_ids: Known::Gap(
                    Gap::new(format!("the audiences of `{}`", entry.arn), "not in the inventory").filled_by(format!(
                        "aws iam get-open-id-connect-provider --open-id-connect-provider-arn {}",
                        entry.arn
                    )),
                ),
                arn: entry.arn,
                tags: BTreeMap::new(),
                place: place(list_file),
            },
        };
        Some((issuer, provider))
    });
    Ok(Known::Known(known.collect()))
}

/// One page, or all of them: `--no-paginate` and paging by hand leave several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Pages {
    Many(Vec<Page>),
    One(Box<Page>),
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "RoleDetailList", default)]
    roles: Vec<Role>,
    #[serde(rename = "Policies", default)]
    policies: Vec<ManagedPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    #[serde(rename = "RoleName")]
    name: String,
    arn: RoleArn,
    role_id: Option<String>,
    create_date: Option<String>,
    description: Option<String>,
    assume_role_policy_document: Option<Value>,
    #[serde(default)]
    role_policy_list: Vec<InlinePolicy>,
    #[serde(default)]
    attached_managed_policies: Vec<Attached>,
    permissions_boundary: Option<Boundary>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy {
    policy_name: String,
    policy_document: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    permissions_boundary_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPolicy {
    arn: String,
    #[serde(default)]
    policy_version_list: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    document: Option<Value>,
    #[serde(default)]
    is_default_version: bool,
}

#[derive(Deserialize)]
struct ProviderList {
    #[serde(rename = "OpenIDConnectProviderList")]
    providers: Vec<ProviderEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderEntry {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provider {
    url: String,
    #[serde(rename = "ClientIDList", default)]
    client_ids: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

impl ManagedPolicy {
    fn default_document(&self) -> Option<(String, Value)> {
        let version = self.policy_version_list.iter().find(|version| version.is_default_version)?;
        Some((self.arn.clone(), decoded(version.document.clone()?)))
    }
}

impl Role {
    fn into_role(self, file: &File, documents: &BTreeMap<String, Value>) -> IamRole {
        IamRole {
            arn: self.arn,
            role_id: self.role_id,
            create_date: self.create_date,
            description: self.description,
            trust: self.assume_role_policy_document.map_or(Value::Null, decoded),
            inline_policies: self
                .role_policy_list
                .into_iter()
                .map(|policy| (policy.policy_name, decoded(policy.policy_document)))
                .collect(),
            managed_policies: self
                .attached_managed_policies
                .into_iter()
                .map(|attached| (attached.policy_arn.clone(), documents.get(&attached.policy_arn).cloned()))
                .collect(),
            permissions_boundary: self.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
            tags: tags(self.tags),
            place: place(file),
        }
    }
}

fn tags(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// The API returns documents as text in percent signs, and some tools keep them so; the AWS CLI decodes them.
fn decoded(document: Value) -> Value {
    let Value::String(text) = &document else { return document };
    let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or(document)
}
