//! The policies of an inventory's accounts and organisation, compiled when they are asked for, and asked as far as they are
//! known; and what its Argo CDs deploy.

mod applying;
mod policies;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use facts::{AccountId, ClusterArn, Gap, Place, RoleArn, UserArn};
use iam::{ContextValue, Kind};
use inventory::{Account, Cluster, IamGroup, IamRole, IamUser, Inventory, Known, PolicyType};
use serde_json::Value;

pub(crate) use applying::{Answer, Applying, of_sdk};
use policies::{OfPrincipal, Read, published};

use crate::{credentials::Owner, deployments::Deployments, installation::Installation};

/// The accounts of an inventory.
#[derive(Debug)]
pub struct Accounts<'i> {
    inventory: &'i Inventory,
    principals: Once<Owner, OfPrincipal>,
    levels: Once<(AccountId, PolicyType), Levels>,
    deployments: Once<(ClusterArn, String), Deployments>,
}

/// What is made when it is asked for, once; who asks for something else doesn't wait.
type Once<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<Arc<V>>>>>;

/// Why there is no role or user of an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotThere {
    /// Its account's were read, and it isn't one of them.
    Absent,
    /// They weren't.
    Unread(Gap),
}

/// An organisation's policies on an account, from the root to the account.
type Levels = Result<Vec<Read>, Gap>;

impl<'i> Accounts<'i> {
    /// Of an inventory.
    pub fn of(inventory: &'i Inventory) -> Self {
        Self {
            inventory,
            principals: Mutex::default(),
            levels: Mutex::default(),
            deployments: Mutex::default(),
        }
    }

    /// What they are read from.
    pub fn inventory(&self) -> &'i Inventory {
        self.inventory
    }

    /// What an Argo CD deploys, read once.
    pub(crate) fn deployments(&self, argocd: &Installation, hub: &Cluster) -> Arc<Deployments> {
        let key = (argocd.hub.clone(), argocd.namespace.clone());
        once(&self.deployments, key, || Deployments::of(argocd, hub))
    }

    /// An account, or the gap that nothing of it was read.
    pub(crate) fn account(&self, id: &AccountId) -> Result<&'i Account, Gap> {
        self.inventory.accounts.get(id).ok_or_else(|| {
            Gap::new(format!("account `{id}`"), "not in the inventory").filled_by(format!(
                "aws iam get-account-authorization-details > accounts/{id}/iam-get-account-authorization-details.json"
            ))
        })
    }

    /// A cluster, or the gap that nothing of it was read.
    pub(crate) fn cluster(&self, arn: &ClusterArn) -> Result<&'i Cluster, Gap> {
        self.inventory.clusters.get(arn).ok_or_else(|| {
            Gap::new(format!("cluster `{arn}`"), "not in the inventory").filled_by("docs/inventory.md")
        })
    }

    /// A role by its whole ARN: one of another path is another role.
    pub(crate) fn role(&self, arn: &RoleArn) -> Result<&'i IamRole, NotThere> {
        let account = self.account(&arn.account).map_err(NotThere::Unread)?;
        match &account.roles {
            Known::Gap(gap) => Err(NotThere::Unread(gap.clone())),
            Known::Known(roles) => {
                roles.get(&arn.name).filter(|role| role.arn == *arn).ok_or(NotThere::Absent)
            }
        }
    }

    /// A user by its whole ARN.
    pub(crate) fn user(&self, arn: &UserArn) -> Result<&'i IamUser, NotThere> {
        let account = self.account(&arn.account).map_err(NotThere::Unread)?;
        match &account.users {
            Known::Gap(gap) => Err(NotThere::Unread(gap.clone())),
            Known::Known(users) => {
                users.get(&arn.name).filter(|user| user.arn == *arn).ok_or(NotThere::Absent)
            }
        }
    }

    /// The groups of a user, as far as they were read.
    pub(crate) fn groups(&self, user: &'i IamUser) -> impl Iterator<Item = &'i IamGroup> + use<'i> {
        let groups = self.inventory.accounts.get(&user.arn.account).map(|account| &account.groups);
        user.groups.iter().filter_map(move |name| groups?.get(name))
    }

    /// The tags of a role or user.
    pub(crate) fn tags(&self, owner: &Owner) -> Result<&'i BTreeMap<String, String>, NotThere> {
        match owner {
            Owner::Role(role) => self.role(role).map(|role| &role.tags),
            Owner::User(user) => self.user(user).map(|user| &user.tags),
        }
    }

    /// The documents of a role's or user's own policies and of its groups', as far as they were read; no boundary.
    pub(crate) fn documents(&self, owner: &Owner) -> Vec<&'i Value> {
        let mut all: Vec<&Value> = Vec::new();
        match owner {
            Owner::Role(role) => {
                let Ok(role) = self.role(role) else { return all };
                all.extend(role.inline_policies.values().chain(role.managed_policies.values().flatten()));
            }
            Owner::User(user) => {
                let Ok(user) = self.user(user) else { return all };
                all.extend(user.inline_policies.values().chain(user.managed_policies.values().flatten()));
                for group in self.groups(user) {
                    all.extend(group.inline_policies.known().into_iter().flat_map(BTreeMap::values));
                    all.extend(group.managed_policies.values().flatten());
                }
            }
        }
        all
    }

    /// The requests that come from a role's session or from a user: its policies, and its organisation's on its account.
    pub(crate) fn of_caller(&self, owner: &Owner) -> Applying {
        let mut applying = Applying::default();
        let own = match owner {
            Owner::Role(role) => self.role(role).map(|role| self.policies_of(role)),
            Owner::User(user) => self.user(user).map(|user| self.policies_of_user(user)),
        };
        match own {
            Ok(own) => applying.add_identity(&own),
            Err(NotThere::Unread(gap)) => {
                applying.add_identity(&OfPrincipal { identity: Read::gap(gap), ..OfPrincipal::default() });
            }
            Err(NotThere::Absent) => {}
        }
        applying.add_scps(&self.levels(owner.account(), PolicyType::ServiceControl));
        applying
    }

    /// The requests of somebody with all permissions in an account: what its organisation leaves of them.
    pub(crate) fn of_administrator(&self, account: &AccountId) -> Applying {
        let mut applying = Applying::everything();
        applying.add_scps(&self.levels(account, PolicyType::ServiceControl));
        applying
    }

    /// With the policies on the side of a role that is to be assumed.
    pub(crate) fn towards(&self, mut applying: Applying, role: &'i IamRole) -> Applying {
        applying.add_trust(&self.policies_of(role).trust);
        applying.add_rcps(&self.levels(&role.arn.account, PolicyType::ResourceControl));
        applying
    }

    /// What a request says of the organisations of its two accounts (IAM User Guide, "AWS global condition context keys":
    /// `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`, `aws:ResourceOrgID`, `aws:ResourceOrgPaths`).
    pub(crate) fn organization_keys(
        &self,
        principal: Option<&AccountId>,
        resource: &AccountId,
    ) -> Vec<(String, ContextValue)> {
        let sides = [("Principal", principal), ("Resource", Some(resource))];
        let keys = sides.map(|(side, account)| {
            let [id, path] = self.organization_of(account)?;
            Some([(format!("aws:{side}OrgID"), id), (format!("aws:{side}OrgPaths"), path)])
        });
        keys.into_iter().flatten().flatten().collect()
    }

    /// The id of an account's organisation and the account's path in it, both absent where it has none; nothing if that isn't known.
    fn organization_of(&self, account: Option<&AccountId>) -> Option<[ContextValue; 2]> {
        let none = || [ContextValue::Many(Vec::new()), ContextValue::Many(Vec::new())];
        let Some(account) = account else { return Some(none()) };
        let organization = self.inventory.organization.known()?;
        if organization.management_account.is_none() {
            return Some(none());
        }
        // An account that isn't in the tree may be in no organisation, or in another one.
        let (id, path) = (organization.id.clone()?, organization.path(account).ok()?);
        let units: String = path.iter().rev().skip(1).rev().map(|unit| format!("{unit}/")).collect();
        let path = format!("{id}/{units}");
        Some([ContextValue::One(id), ContextValue::Many(vec![path])])
    }

    fn policies_of(&self, role: &IamRole) -> Arc<OfPrincipal> {
        once(&self.principals, Owner::Role(role.arn.clone()), || self.compiled(role))
    }

    fn policies_of_user(&self, user: &IamUser) -> Arc<OfPrincipal> {
        once(&self.principals, Owner::User(user.arn.clone()), || self.compiled_user(user))
    }

    fn compiled(&self, role: &IamRole) -> OfPrincipal {
        let (account, name) = (&role.arn.account, &role.arn.name);
        let mut identity = Read::default();
        self.add_inline(&mut identity, name, &role.inline_policies, &role.places.inline);
        self.add_managed(&mut identity, account, &role.managed_policies);
        let mut trust = Read::default();
        trust.add(&format!("trust policy of `{name}`"), Some(&role.trust), Kind::Trust, &role.places.trust);
        OfPrincipal {
            identity,
            boundary: self.boundary(account, role.permissions_boundary.as_deref()),
            trust,
        }
    }

    /// A user has its groups' policies, too, and its boundary limits those as well (IAM User Guide, "Permissions boundaries for IAM
    /// entities").
    fn compiled_user(&self, user: &IamUser) -> OfPrincipal {
        let (account, name) = (&user.arn.account, &user.arn.name);
        let mut identity = Read::default();
        self.add_inline(&mut identity, name, &user.inline_policies, &user.places.inline);
        self.add_managed(&mut identity, account, &user.managed_policies);
        for group in &user.groups {
            let own = self.inventory.accounts.get(account).and_then(|account| account.groups.get(group));
            let unread =
                || Gap::new(format!("the policies of the IAM group `{group}`"), "not in the inventory");
            match own.map(|own| (own, &own.inline_policies)) {
                Some((own, Known::Known(inline))) => {
                    self.add_inline(&mut identity, &format!("group {group}"), inline, &own.places.inline);
                    self.add_managed(&mut identity, account, &own.managed_policies);
                }
                Some((_, Known::Gap(gap))) => identity.gaps.push(gap.clone()),
                None => identity.gaps.push(unread().filled_by("aws iam get-account-authorization-details")),
            }
        }
        let boundary = self.boundary(account, user.permissions_boundary.as_deref());
        OfPrincipal { identity, boundary, trust: Read::default() }
    }

    fn add_inline(
        &self,
        read: &mut Read,
        whose: &str,
        policies: &BTreeMap<String, Value>,
        places: &BTreeMap<String, Vec<Place>>,
    ) {
        for (policy, document) in policies {
            let places = places.get(policy).map_or(&[][..], Vec::as_slice);
            let policy = format!("inline policy `{policy}` of `{whose}`");
            read.add(&policy, Some(document), Kind::Identity, places);
        }
    }

    fn add_managed(&self, read: &mut Read, account: &AccountId, policies: &BTreeMap<String, Option<Value>>) {
        for (arn, document) in policies {
            let document = document.clone().or_else(|| published(arn));
            let places = self.statements_of(account, arn);
            read.add(&format!("managed policy `{arn}`"), document.as_ref(), Kind::Identity, places);
        }
    }

    fn boundary(&self, account: &AccountId, arn: Option<&str>) -> Option<Read> {
        let arn = arn?;
        let own = self.account(account).ok().and_then(|account| account.managed_policies.get(arn));
        let document = own.cloned().or_else(|| published(arn));
        let mut boundary = Read::default();
        let places = self.statements_of(account, arn);
        boundary.add(&format!("permissions boundary `{arn}`"), document.as_ref(), Kind::Identity, places);
        Some(boundary)
    }

    /// Where the statements of a managed policy of an account stand.
    fn statements_of(&self, account: &AccountId, policy: &str) -> &'i [Place] {
        let account = self.inventory.accounts.get(account);
        account.and_then(|account| account.policy_statements.get(policy)).map_or(&[], Vec::as_slice)
    }

    fn levels(&self, account: &AccountId, of: PolicyType) -> Arc<Levels> {
        once(&self.levels, (account.clone(), of), || self.compiled_levels(account, of))
    }

    fn compiled_levels(&self, account: &AccountId, of: PolicyType) -> Levels {
        let organization = match &self.inventory.organization {
            Known::Known(organization) => organization,
            Known::Gap(gap) => return Err(gap.clone()),
        };
        let (kind, name) = match of {
            PolicyType::ServiceControl => (Kind::ServiceControl, "SCP"),
            PolicyType::ResourceControl => (Kind::ResourceControl, "RCP"),
        };
        let mut levels = Vec::new();
        for level in organization.levels(account, of)? {
            let mut read = Read::default();
            for policy in level {
                let name = format!("{name} `{}`", policy.name);
                match &policy.document {
                    Known::Gap(gap) => return Err(gap.clone()),
                    Known::Known(document) => {
                        let place = std::slice::from_ref(&policy.place);
                        read.add(&name, Some(document), kind, place);
                    }
                }
            }
            if let Some(gap) = read.gaps.first() {
                return Err(gap.clone());
            }
            levels.push(read);
        }
        Ok(levels)
    }
}

fn once<K: Ord, V>(known: &Once<K, V>, key: K, make: impl FnOnce() -> V) -> Arc<V> {
    let slot = {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(key).or_default())
    };
    Arc::clone(slot.get_or_init(|| Arc::new(make())))
}
