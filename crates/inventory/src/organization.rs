//! `organization/….json`: what `aws organizations` prints of an organisation's tree, and of the policies along it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{AccountId, Gap, Place, Problem};
use serde_json::Value;

use crate::{
    Known,
    read::{File, Files, Reading, elements, has_more, lacks, pages, text},
};

const ORGANIZATION: &str = "describe-organization.json";
const ROOTS: &str = "list-roots.json";
const PARENTS: &str = "list-parents-";
const POLICIES: &str = "list-policies-";
const POLICY: &str = "describe-policy-";
const TARGETS: &str = "list-targets-for-policy-";

/// An AWS organisation, or that there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organization {
    /// Its management account, which no policy of it binds (Organizations User Guide, "Service control policies", "Resource
    /// control policies"). None if the accounts belong to no organisation.
    pub management_account: Option<AccountId>,
    /// `o-…`; none if the accounts belong to no organisation, or the output lacks it.
    pub id: Option<String>,
    /// Which types of policies are enabled at its root.
    pub enabled: BTreeMap<PolicyType, bool>,
    /// Account or organisational unit → the unit or root that it is in.
    pub parents: BTreeMap<String, String>,
    /// The policies of each type, by id, as far as they were listed.
    pub policies: BTreeMap<PolicyType, BTreeMap<String, OrganizationPolicy>>,
}

/// What a policy of an organisation limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyType {
    /// `SERVICE_CONTROL_POLICY`: what principals of an account may do.
    ServiceControl,
    /// `RESOURCE_CONTROL_POLICY`: what may be done with an account's resources.
    ResourceControl,
}

/// One policy of an organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationPolicy {
    /// Its id, `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its document; a list doesn't have it.
    pub document: Known<Value>,
    /// The accounts, units and root that it is attached to.
    pub targets: Known<BTreeSet<String>>,
    /// Where it was read.
    pub place: Place,
}

impl PolicyType {
    /// All that Oarlock looks at.
    pub const ALL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// As AWS Organizations writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }
}

impl Default for Known<Organization> {
    fn default() -> Self {
        Self::Gap(gap("the organisation's policies", "describe-organization", ORGANIZATION))
    }
}

impl Organization {
    /// The policies that bind an account, level by level from the root to the account itself. No level if none do.
    ///
    /// # Errors
    /// What would have to be known for it.
    pub fn levels(&self, account: &AccountId, of: PolicyType) -> Result<Vec<Vec<&OrganizationPolicy>>, Gap> {
        if self.management_account.as_ref().is_none_or(|management| management == account) {
            return Ok(Vec::new());
        }
        match self.enabled.get(&of) {
            Some(true) => {}
            Some(false) => return Ok(Vec::new()),
            None => return Err(gap("which policies the organisation uses", "list-roots", ROOTS)),
        }
        let policies = self.policies.get(&of).ok_or_else(|| {
            let command = format!("list-policies --filter {}", of.as_str());
            gap("the organisation's policies", &command, &format!("{POLICIES}{}.json", of.as_str()))
        })?;
        let path = self.path(account)?;
        path.iter().map(|target| attached(policies, target)).collect()
    }

    /// From the root to an account.
    ///
    /// # Errors
    /// Which part of the tree would have to be known.
    pub fn path<'o>(&'o self, account: &'o AccountId) -> Result<Vec<&'o str>, Gap> {
        let mut path = vec![account.as_str()];
        while let Some(child) = path.last().filter(|id| !id.starts_with("r-")) {
            let known = self.parents.get(*child).filter(|parent| !path.contains(&parent.as_str()));
            let parent = known.ok_or_else(|| {
                let command = format!("list-parents --child-id {child}");
                gap(
                    &format!("where in the organisation `{child}` is"),
                    &command,
                    &format!("{PARENTS}{child}.json"),
                )
            })?;
            path.push(parent);
        }
        path.reverse();
        Ok(path)
    }
}

/// The policies of one level.
fn attached<'p>(
    policies: &'p BTreeMap<String, OrganizationPolicy>,
    target: &str,
) -> Result<Vec<&'p OrganizationPolicy>, Gap> {
    let mut level = Vec::new();
    for policy in policies.values() {
        match &policy.targets {
            Known::Gap(gap) => return Err(gap.clone()),
            Known::Known(targets) if targets.contains(target) => level.push(policy),
            Known::Known(_) => {}
        }
    }
    Ok(level)
}

fn gap(what: &str, command: &str, file: &str) -> Gap {
    Gap::new(what, "not in the inventory")
        .filled_by(format!("aws organizations {command} > organization/{file}"))
}

/// Reads the files below `organization`.
pub(crate) fn read(files: &Files<'_>, reading: &mut Reading) -> Known<Organization> {
    for (name, file) in files {
        let known = [PARENTS, POLICIES, POLICY, TARGETS].iter().any(|prefix| name.starts_with(prefix));
        if !known && ![ORGANIZATION, ROOTS].contains(name) {
            reading.unknown.push(Place::file(Arc::clone(&file.name)));
        }
    }
    let described = files.get(ORGANIZATION).and_then(|file| described(file, reading));
    let Some((management_account, id)) = described else { return Known::default() };
    Known::Known(Organization {
        management_account,
        id,
        enabled: files.get(ROOTS).map(|file| enabled(file, reading)).unwrap_or_default(),
        parents: parents(files, reading),
        policies: policies(files, reading),
    })
}

/// `{"Organization": {"MasterAccountId": …}}`; `{"Organization": null}` says that there is none, which the AWS CLI says by failing
/// (`AWSOrganizationsNotInUseException`).
fn described(file: &File, reading: &mut Reading) -> Option<(Option<AccountId>, Option<String>)> {
    let page = pages(file, reading)?.into_iter().next()?;
    let Some(organization) = page.get("Organization") else {
        lacks(file, "Organization", reading);
        return None;
    };
    if organization.is_null() {
        return Some((None, None));
    }
    let account = text(organization, "MasterAccountId").and_then(|id| id.parse().ok());
    if account.is_none() {
        lacks(file, "Organization.MasterAccountId", reading);
    }
    account.map(|account| (Some(account), text(organization, "Id")))
}

/// A root lists what is enabled only.
fn enabled(file: &File, reading: &mut Reading) -> BTreeMap<PolicyType, bool> {
    let pages = pages(file, reading).unwrap_or_default();
    let Some(root) = pages.iter().flat_map(|page| elements(page, "Roots")).next() else {
        lacks(file, "Roots", reading);
        return BTreeMap::new();
    };
    let is_enabled = |of: PolicyType| {
        let is = |listed: &Value| {
            text(listed, "Type").as_deref() == Some(of.as_str())
                && text(listed, "Status").as_deref() == Some("ENABLED")
        };
        elements(root, "PolicyTypes").any(is)
    };
    PolicyType::ALL.map(|of| (of, is_enabled(of))).into()
}

fn parents(files: &Files<'_>, reading: &mut Reading) -> BTreeMap<String, String> {
    let mut parents = BTreeMap::new();
    for (child, file) in keyed(files, PARENTS) {
        let pages = pages(file, reading).unwrap_or_default();
        match pages.iter().flat_map(|page| elements(page, "Parents")).find_map(|parent| text(parent, "Id")) {
            Some(parent) => drop(parents.insert(child.to_owned(), parent)),
            None => lacks(file, "Parents", reading),
        }
    }
    parents
}

fn policies(
    files: &Files<'_>,
    reading: &mut Reading,
) -> BTreeMap<PolicyType, BTreeMap<String, OrganizationPolicy>> {
    let documents = documents(files, reading);
    let targets = targets(files, reading);
    let mut all = BTreeMap::new();
    for of in PolicyType::ALL {
        let Some(file) = files.get(&*format!("{POLICIES}{}.json", of.as_str())) else { continue };
        let pages = pages(file, reading).unwrap_or_default();
        if pages.is_empty() || pages.iter().all(has_more) {
            continue;
        }
        let policy = |listed: &Value| {
            let id = text(listed, "Id")?;
            let document = documents.get(&id).cloned().map_or_else(
                || {
                    Known::Gap(gap(
                        &format!("the policy `{id}`"),
                        &format!("describe-policy --policy-id {id}"),
                        &format!("{POLICY}{id}.json"),
                    ))
                },
                Known::Known,
            );
            let targets = targets.get(&id).cloned().map_or_else(
                || {
                    Known::Gap(gap(
                        &format!("where the policy `{id}` is attached"),
                        &format!("list-targets-for-policy --policy-id {id}"),
                        &format!("{TARGETS}{id}.json"),
                    ))
                },
                Known::Known,
            );
            let name = text(listed, "Name").unwrap_or_else(|| id.clone());
            let place = Place::file(Arc::clone(&file.name));
            Some((id.clone(), OrganizationPolicy { id, name, document, targets, place }))
        };
        all.insert(of, pages.iter().flat_map(|page| elements(page, "Policies")).filter_map(policy).collect());
    }
    all
}

/// Documents by the id of their policy. `Content` is JSON in a string.
fn documents(files: &Files<'_>, reading: &mut Reading) -> BTreeMap<String, Value> {
    let mut documents = BTreeMap::new();
    for (_, file) in keyed(files, POLICY) {
        for page in pages(file, reading).unwrap_or_default() {
            let policy = page.get("Policy").unwrap_or(&Value::Null);
            let id = policy.get("PolicySummary").and_then(|summary| text(summary, "Id"));
            let content = text(policy, "Content").and_then(|content| serde_json::from_str(&content).ok());
            match id.zip(content) {
                Some((id, document)) => drop(documents.insert(id, document)),
                None => reading.problems.push(Problem::new(
                    Place::file(Arc::clone(&file.name)),
                    "the file has no policy with id and content",
                )),
            }
        }
    }
    documents
}

/// What each policy is attached to, by the id in the file's name: the output doesn't have it.
fn targets(files: &Files<'_>, reading: &mut Reading) -> BTreeMap<String, BTreeSet<String>> {
    let mut targets = BTreeMap::new();
    for (policy, file) in keyed(files, TARGETS) {
        let Some(pages) = pages(file, reading).filter(|pages| !pages.iter().all(has_more)) else { continue };
        let ids = pages
            .iter()
            .flat_map(|page| elements(page, "Targets"))
            .filter_map(|target| text(target, "TargetId"));
        targets.insert(policy.to_owned(), ids.collect());
    }
    targets
}

/// The files whose names begin so, by what their names say after it.
fn keyed<'f>(files: &'f Files<'f>, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f File)> {
    files
        .iter()
        .filter_map(move |(name, file)| Some((name.strip_prefix(prefix)?.strip_suffix(".json")?, *file)))
}
