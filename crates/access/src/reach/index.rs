//! Who is trusted by whom, and known where: found once for a whole inventory, so that nobody is asked about everybody.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, ClusterArn, Gap};
use inventory::{Cluster, IamRole, Inventory, Known};
use serde_json::Value;

use super::principal::ClusterId;
use crate::{
    cluster_identity::{AuthenticationMode, named},
    credentials::Owner,
    installation::Installation,
    trusted::{many, named_in_trust, session_key},
};

/// An inventory, the other way round.
#[derive(Debug)]
pub(super) struct Index<'i> {
    pub(super) clusters: Vec<(&'i ClusterArn, &'i Cluster)>,
    roles: Vec<&'i IamRole>,
    /// Roles by whom their trust policies name.
    trusting: BTreeMap<String, Vec<usize>>,
    by_account: BTreeMap<&'i AccountId, Vec<usize>>,
    /// Roles by the OIDC issuer that they trust, with the subjects that they name.
    by_issuer: BTreeMap<String, Vec<(usize, Vec<String>)>>,
    /// Clusters by the ARNs that their access entries and aws-auth name, in lower case.
    known_on: BTreeMap<String, Vec<ClusterId>>,
    known_accounts: BTreeMap<String, Vec<ClusterId>>,
    /// Clusters on which others may be known, and what would have to be read.
    pub(super) open: Vec<(ClusterId, Vec<Gap>)>,
    /// Keys of session tags that some policy asks for, in lower case.
    pub(super) tags: BTreeSet<String>,
    pub(super) hubs: BTreeMap<ClusterId, Installation>,
}

impl<'i> Index<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let clusters: Vec<_> = inventory.clusters.iter().collect();
        let accounts = inventory.accounts.values();
        let roles: Vec<&IamRole> =
            accounts.filter_map(|account| account.roles.known()).flat_map(BTreeMap::values).collect();
        let mut index = Self {
            clusters,
            trusting: BTreeMap::new(),
            by_account: BTreeMap::new(),
            by_issuer: BTreeMap::new(),
            known_on: BTreeMap::new(),
            known_accounts: BTreeMap::new(),
            open: Vec::new(),
            tags: tags(inventory, &roles),
            hubs: BTreeMap::new(),
            roles,
        };
        index.add_trust();
        index.add_clusters();
        index
    }

    pub(super) fn id(&self, arn: &ClusterArn) -> Option<ClusterId> {
        let at = self.clusters.binary_search_by(|(own, _)| (*own).cmp(arn)).ok()?;
        Some(ClusterId(u32::try_from(at).ok()?))
    }

    pub(super) fn cluster(&self, id: ClusterId) -> Option<(&'i ClusterArn, &'i Cluster)> {
        self.clusters.get(id.index()).copied()
    }

    /// The roles that name a role or user itself, or a session of the role.
    pub(super) fn trusting(&self, owner: &Owner) -> impl Iterator<Item = &'i IamRole> {
        let session = owner.role().map(session_key);
        [owner.to_string()].into_iter().chain(session).flat_map(|key| self.named_by(&key))
    }

    /// The roles that trust a whole account, or everybody.
    pub(super) fn trusting_account(&self, account: &AccountId) -> impl Iterator<Item = &'i IamRole> {
        [account.as_str(), "*"].into_iter().flat_map(|key| self.named_by(key))
    }

    /// The roles of an account that a service may assume.
    pub(super) fn trusting_service(
        &self,
        account: &AccountId,
        service: &str,
    ) -> impl Iterator<Item = &'i IamRole> {
        self.named_by(&format!("{account}/{service}"))
    }

    /// The roles that trust an OIDC issuer, each with the subjects that it names: none, or a pattern, and it may be any.
    pub(super) fn trusting_issuer(&self, issuer: &str) -> impl Iterator<Item = (&'i IamRole, &[String])> {
        let all = self.by_issuer.get(issuer).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|(at, subjects)| Some((self.roles.get(*at).copied()?, subjects.as_slice())))
    }

    pub(super) fn of_account(&self, account: &AccountId) -> impl Iterator<Item = &'i IamRole> {
        let own = self.by_account.get(account).map(Vec::as_slice).unwrap_or_default();
        own.iter().filter_map(|at| self.roles.get(*at).copied())
    }

    fn named_by(&self, key: &str) -> impl Iterator<Item = &'i IamRole> + use<'i> {
        let named = self.trusting.get(key).map(Vec::as_slice).unwrap_or_default();
        let roles: Vec<&'i IamRole> = named.iter().filter_map(|at| self.roles.get(*at).copied()).collect();
        roles.into_iter()
    }

    /// The clusters on which somebody of an ARN is named, or his account is.
    pub(super) fn known_on(&self, arn: &str, account: &AccountId) -> BTreeSet<ClusterId> {
        let named = self.known_on.get(&arn.to_lowercase());
        let whole = self.known_accounts.get(account.as_str());
        named.into_iter().chain(whole).flatten().copied().collect()
    }

    pub(super) fn clusters_of(&self, account: &AccountId) -> impl Iterator<Item = ClusterId> {
        let own = self.clusters.iter().filter(move |(arn, _)| arn.account == *account);
        own.filter_map(|(arn, _)| self.id(arn))
    }

    fn add_trust(&mut self) {
        for (at, role) in self.roles.iter().enumerate() {
            self.by_account.entry(&role.arn.account).or_default().push(at);
            let named: BTreeSet<String> = named_in_trust(role).collect();
            for key in named {
                self.trusting.entry(key).or_default().push(at);
            }
            for (issuer, subjects) in federated(&role.trust) {
                self.by_issuer.entry(issuer).or_default().push((at, subjects));
            }
        }
    }

    fn add_clusters(&mut self) {
        for (at, (arn, cluster)) in self.clusters.iter().enumerate() {
            let id = ClusterId(u32::try_from(at).unwrap_or(u32::MAX));
            let mut named = named(cluster);
            for arn in named.arns {
                self.known_on.entry(arn).or_default().push(id);
            }
            for account in named.accounts {
                self.known_accounts.entry(account).or_default().push(id);
            }
            if let Err(gap) = AuthenticationMode::of(cluster) {
                named.missing.push(gap);
            }
            if !named.missing.is_empty() {
                self.open.push((id, named.missing));
            }
            self.hubs.extend(Installation::on(arn, cluster).map(|installation| (id, installation)));
        }
    }
}

/// The OIDC issuers that a trust policy lets in, with the subjects that its conditions name.
fn federated(policy: &Value) -> Vec<(String, Vec<String>)> {
    let statements = policy.get("Statement").map(many).unwrap_or_default();
    let mut all = Vec::new();
    for statement in statements {
        let providers = statement.pointer("/Principal/Federated").map(many).unwrap_or_default();
        let issuers =
            providers.into_iter().filter_map(|provider| provider.as_str()?.split_once(":oidc-provider/"));
        all.extend(issuers.map(|(_, issuer)| (issuer.to_owned(), subjects(statement))));
    }
    all
}

fn subjects(statement: &Value) -> Vec<String> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let keys = operators.into_iter().flatten().filter_map(|(_, keys)| keys.as_object()).flatten();
    let subjects =
        keys.filter(|(key, _)| key.to_lowercase().ends_with(":sub")).flat_map(|(_, values)| many(values));
    subjects.filter_map(|subject| subject.as_str().map(str::to_owned)).collect()
}

/// The tags of sessions that any policy asks for: sessions that differ in others alone may do the same.
fn tags(inventory: &Inventory, roles: &[&IamRole]) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for role in roles {
        let inline = role.inline_policies.values();
        let managed = role.managed_policies.values().flatten();
        [&role.trust]
            .into_iter()
            .chain(inline)
            .chain(managed)
            .for_each(|document| texts(document, &mut tags));
    }
    for account in inventory.accounts.values() {
        let users = account.users.known().into_iter().flat_map(BTreeMap::values);
        let users = users.flat_map(|user| user.inline_policies.values());
        let groups = account.groups.values().filter_map(|group| group.inline_policies.known());
        users.chain(groups.flat_map(BTreeMap::values)).for_each(|document| texts(document, &mut tags));
        account.managed_policies.values().for_each(|document| texts(document, &mut tags));
    }
    if let Known::Known(organization) = &inventory.organization {
        let policies = organization.policies.values().flat_map(BTreeMap::values);
        policies.filter_map(|policy| policy.document.known()).for_each(|document| texts(document, &mut tags));
    }
    tags
}

/// Keys of tags in names of conditions and in policy variables.
fn texts(value: &Value, tags: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains("${") => mentioned(text, tags),
        Value::Array(values) => values.iter().for_each(|value| texts(value, tags)),
        Value::Object(fields) => {
            for (key, value) in fields {
                mentioned(key, tags);
                texts(value, tags);
            }
        }
        _ => {}
    }
}

fn mentioned(text: &str, tags: &mut BTreeSet<String>) {
    if !text.contains(['T', 't']) || !text.contains('/') {
        return;
    }
    let text = text.to_lowercase();
    for start in ["aws:principaltag/", "aws:requesttag/"] {
        for (at, _) in text.match_indices(start) {
            let rest = text.get(at + start.len()..).unwrap_or_default();
            let end = rest.find(['}', ',']).unwrap_or(rest.len());
            tags.extend(rest.get(..end).map(|key| key.trim().to_owned()));
        }
    }
}
