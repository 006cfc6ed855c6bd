//! The policies of an inventory's accounts and organisation, compiled when they are asked for, and asked as far as they are
//! known; and what its Argo CDs deploy.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use facts::{AccountId, ClusterArn, Gap, Place, RoleArn};
use iam::{
    AnyDocument, Context, ContextValue, Decision, Document, Kind, Layers, Policy, Principals, Request,
    Statement, StatementId, catalogue,
};
use inventory::{Account, Cluster, IamRole, Inventory, Known, PolicyType};
use serde_json::Value;

use crate::{deployments::Deployments, installation::Installation};

/// The accounts of an inventory.
#[derive(Debug)]
pub struct Accounts<'i> {
    inventory: &'i Inventory,
    roles: Mutex<BTreeMap<RoleArn, Arc<OfRole>>>,
    levels: Mutex<BTreeMap<(AccountId, PolicyType), Arc<Levels>>>,
    deployments: Mutex<BTreeMap<(ClusterArn, String), Arc<Deployments>>>,
}

/// Why there is no role of an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoRole {
    /// Its account's roles were read, and it isn't one of them.
    Absent,
    /// They weren't.
    Unread(Gap),
}

/// Policies as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    policies: Vec<Arc<Policy>>,
    /// Where their statements stand, by the policy's name.
    places: BTreeMap<String, Vec<Place>>,
    gaps: Vec<Gap>,
}

/// The policies of a role.
#[derive(Clone, Debug, Default)]
pub(crate) struct OfRole {
    identity: Read,
    boundary: Option<Read>,
    trust: Read,
}

/// An organisation's policies on an account, from the root to the account.
type Levels = Result<Vec<Read>, Gap>;

/// All policies that apply to a request, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applying {
    layers: Layers,
    places: BTreeMap<String, Vec<Place>>,
    gaps: Vec<Gap>,
}

/// What AWS answers, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Allowed, and by which statements.
    Yes {
        /// For people.
        by: String,
        /// Where they stand, as far as that is known.
        places: Vec<Place>,
    },
    /// Denied or not allowed, and why.
    No {
        /// For people.
        why: String,
        /// Whether a statement denies it: then no further statement would allow it.
        denied: bool,
        /// Where those that deny it stand, as far as that is known.
        places: Vec<Place>,
    },
    /// What would have to be known.
    Unknown(Vec<Gap>),
}

impl<'i> Accounts<'i> {
    /// Of an inventory.
    pub fn of(inventory: &'i Inventory) -> Self {
        Self { inventory, roles: Mutex::default(), levels: Mutex::default(), deployments: Mutex::default() }
    }

    /// What they are read from.
    pub fn inventory(&self) -> &'i Inventory {
        self.inventory
    }

    /// What an Argo CD deploys, read once.
    pub(crate) fn deployments(&self, argocd: &Installation, hub: &Cluster) -> Arc<Deployments> {
        let mut known = self.deployments.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (argocd.hub.clone(), argocd.namespace.clone());
        Arc::clone(known.entry(key).or_insert_with(|| Arc::new(Deployments::of(argocd, hub))))
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
    pub(crate) fn role(&self, arn: &RoleArn) -> Result<&'i IamRole, NoRole> {
        let account = self.account(&arn.account).map_err(NoRole::Unread)?;
        match &account.roles {
            Known::Gap(gap) => Err(NoRole::Unread(gap.clone())),
            Known::Known(roles) => roles.get(&arn.name).filter(|role| role.arn == *arn).ok_or(NoRole::Absent),
        }
    }

    /// The requests that come from a role's session: its policies, and its organisation's on its account.
    pub(crate) fn of_caller(&self, role: &RoleArn) -> Applying {
        let mut applying = Applying::default();
        match self.role(role) {
            Ok(own) => applying.add_identity(&self.policies_of(own)),
            Err(NoRole::Unread(gap)) => {
                applying.add_identity(&OfRole { identity: Read::gap(gap), ..OfRole::default() })
            }
            Err(NoRole::Absent) => {}
        }
        applying.add_scps(&self.levels(&role.account, PolicyType::ServiceControl));
        applying
    }

    /// The requests of somebody with all permissions in a role's account: what its organisation leaves of them.
    pub(crate) fn of_administrator(&self, role: &RoleArn) -> Applying {
        let mut applying = Applying::default();
        applying.layers.identity.push(Arc::clone(&EVERYTHING));
        applying.add_scps(&self.levels(&role.account, PolicyType::ServiceControl));
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

    fn policies_of(&self, role: &IamRole) -> Arc<OfRole> {
        let mut known = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let of = || Arc::new(self.compiled(role));
        Arc::clone(known.entry(role.arn.clone()).or_insert_with(of))
    }

    fn compiled(&self, role: &IamRole) -> OfRole {
        let name = &role.arn.name;
        let places = &role.places;
        let none = Vec::new();
        let mut identity = Read::default();
        for (policy, document) in &role.inline_policies {
            let places = places.inline.get(policy).unwrap_or(&none);
            let policy = format!("inline policy `{policy}` of `{name}`");
            identity.add(&policy, Some(document), Kind::Identity, places);
        }
        for (arn, document) in &role.managed_policies {
            let document = document.clone().or_else(|| published(arn));
            let places = self.statements_of(role, arn);
            identity.add(&format!("managed policy `{arn}`"), document.as_ref(), Kind::Identity, places);
        }
        let boundary = role.permissions_boundary.as_ref().map(|arn| {
            let own =
                self.account(&role.arn.account).ok().and_then(|account| account.managed_policies.get(arn));
            let mut boundary = Read::default();
            let document = own.cloned().or_else(|| published(arn));
            let places = self.statements_of(role, arn);
            boundary.add(&format!("permissions boundary `{arn}`"), document.as_ref(), Kind::Identity, places);
            boundary
        });
        let mut trust = Read::default();
        trust.add(&format!("trust policy of `{name}`"), Some(&role.trust), Kind::Trust, &places.trust);
        OfRole { identity, boundary, trust }
    }

    /// Where the statements of a managed policy of a role's account stand.
    fn statements_of(&self, role: &IamRole, policy: &str) -> &'i [Place] {
        let account = self.inventory.accounts.get(&role.arn.account);
        account.and_then(|account| account.policy_statements.get(policy)).map_or(&[], Vec::as_slice)
    }

    fn levels(&self, account: &AccountId, of: PolicyType) -> Arc<Levels> {
        let mut known = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = || Arc::new(self.compiled_levels(account, of));
        Arc::clone(known.entry((account.clone(), of)).or_insert_with(compile))
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

/// The document of an AWS managed policy.
fn published(arn: &str) -> Option<Value> {
    serde_json::from_str(catalogue::managed_policy(arn)?.document).ok()
}

impl Read {
    fn gap(gap: Gap) -> Self {
        Self { gaps: vec![gap], ..Self::default() }
    }

    /// `places` are those of its statements, or the one of the whole document.
    fn add(&mut self, name: &str, document: Option<&Value>, kind: Kind, places: &[Place]) {
        let Some(document) = document else {
            let gap = Gap::new(format!("the {name}"), "its document isn't in the inventory");
            self.gaps.push(gap.filled_by("aws iam get-account-authorization-details (without `--filter`)"));
            return;
        };
        match AnyDocument::of(document.clone(), kind) {
            AnyDocument::Legal(document) => {
                self.policies.push(Arc::new(Policy::new(name, &document)));
                self.places.insert(name.to_owned(), places.to_vec());
            }
            AnyDocument::Raw { because, .. } => {
                self.gaps.push(Gap::new(format!("the {name}"), format!("AWS would refuse it: {because}")));
            }
        }
    }
}

impl Applying {
    /// Policies that limit the session.
    pub(crate) fn with_session(mut self, policies: &[Arc<Policy>]) -> Self {
        self.layers.session.extend(policies.iter().cloned());
        self
    }

    /// Whether a statement of its own policies may be about an action; so is whatever isn't known of them.
    pub(crate) fn may_allow(&self, action: &str) -> bool {
        self.layers.identity.iter().any(|policy| policy.may_allow(action))
    }

    /// What isn't known of the policies.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    fn add_identity(&mut self, role: &OfRole) {
        let identity = self.known(&role.identity, &EVERYTHING);
        self.layers.identity.extend(identity);
        if let Some(boundary) = &role.boundary {
            self.layers.boundary = self.known(boundary, &EVERYTHING).pop();
        }
    }

    fn add_trust(&mut self, trust: &Read) {
        self.layers.trust = self.known(trust, &EVERYBODY).pop();
    }

    fn add_scps(&mut self, levels: &Levels) {
        self.layers.scps = self.of_levels(levels);
    }

    fn add_rcps(&mut self, levels: &Levels) {
        self.layers.rcps = self.of_levels(levels);
    }

    /// An organisation's policies, level by level; none where they weren't read.
    fn of_levels(&mut self, levels: &Levels) -> Vec<Vec<Arc<Policy>>> {
        match levels {
            Ok(levels) => {
                self.places.extend(levels.iter().flat_map(|level| level.places.clone()));
                levels.iter().map(|level| level.policies.clone()).collect()
            }
            Err(gap) => {
                self.gaps.push(gap.clone());
                Vec::new()
            }
        }
    }

    /// What is known; with a policy that allows all in the place of what isn't, so that whatever is refused then is refused
    /// whatever stands there.
    fn known(&mut self, read: &Read, instead: &Arc<Policy>) -> Vec<Arc<Policy>> {
        self.gaps.extend(read.gaps.iter().cloned());
        self.places.extend(read.places.clone());
        let mut policies = read.policies.clone();
        if !read.gaps.is_empty() {
            policies.push(Arc::clone(instead));
        }
        policies
    }

    fn places_of(&self, statements: &[StatementId]) -> Vec<Place> {
        let place = |id: &StatementId| {
            let places = self.places.get(&id.policy)?;
            places.get(id.statement).or_else(|| places.first().filter(|_| places.len() == 1)).cloned()
        };
        statements.iter().filter_map(place).collect()
    }

    /// What AWS answers to a request.
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let explanation = self.layers.explain(request);
        match explanation.decision {
            Decision::Allowed if self.gaps.is_empty() => {
                Answer::Yes { by: joined(&explanation.by, ", "), places: self.places_of(&explanation.by) }
            }
            Decision::Allowed => Answer::Unknown(self.gaps.clone()),
            Decision::ExplicitDeny => {
                let why = format!("denied by {}", joined(&explanation.by, ", "));
                Answer::No { why, denied: true, places: self.places_of(&explanation.by) }
            }
            Decision::ImplicitDeny => Answer::No {
                why: format!("nothing allows it; nearest in {}", joined(&explanation.nearest, "; ")),
                denied: false,
                places: Vec::new(),
            },
            Decision::Unknown => {
                let keys = explanation.missing.iter().map(|key| {
                    Gap::new(
                        format!("`{key}` of the request"),
                        "a policy's condition asks for it, and no file tells it",
                    )
                });
                let mut missing: Vec<Gap> = self.gaps.iter().cloned().chain(keys).collect();
                if missing.is_empty() {
                    let cause = "a policy has a condition that Oarlock doesn't know";
                    missing.push(Gap::new("whether the request is allowed", cause));
                }
                Answer::Unknown(missing)
            }
        }
    }
}

fn joined(all: &[impl ToString], by: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(by)
}

/// What every request of an AWS SDK says of itself: it comes over TLS, to STS in its region, and not by way of another service.
pub(crate) fn of_sdk(region: Option<&str>) -> Context {
    let one = |key: &str, value: &str| (key.to_owned(), ContextValue::One(value.to_owned()));
    let none = |key: &str| (key.to_owned(), ContextValue::Many(Vec::new()));
    let context = Context::open([
        one("aws:SecureTransport", "true"),
        one("aws:ViaAWSService", "false"),
        none("aws:CalledVia"),
        none("aws:CalledViaFirst"),
        none("aws:CalledViaLast"),
    ]);
    // The tags that are passed and those of the role are known wherever the role is.
    let context = ["aws:RequestTag/", "aws:ResourceTag/", "iam:ResourceTag/"]
        .iter()
        .fold(context, |context, all| context.with_all_of(all));
    region.iter().fold(context, |context, region| context.with(one("aws:RequestedRegion", region)))
}

static EVERYTHING: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    Arc::new(Policy::new("(not read)", &Document::new([Statement::allow("", ["*"]).on(["*"])])))
});

static EVERYBODY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let everybody = Statement::allow("", ["*"]).to(Principals::aws(["*"]));
    Arc::new(Policy::new("(not read)", &Document::new([everybody])))
});
