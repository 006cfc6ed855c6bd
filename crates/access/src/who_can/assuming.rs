//! Those who may assume a role that can, found backwards: from a role to whom its trust policy lets in, and so on.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem,
};

use facts::{AccountId, Gap, RoleArn};
use inventory::{IamRole, Known};

use super::{Holder, Scene};
use crate::{
    accounts::NotThere,
    credentials::Owner,
    hop::{Hop, Passes, verdict},
    trusted::{named_in_trust, session_key},
    way,
};

/// Roles that are assumed one after the other, the first one first.
pub(super) type Chain = Vec<RoleArn>;

/// Whoever may assume his way to a role that can.
#[derive(Debug, Default)]
pub(super) struct Assuming {
    /// The shortest way of each that passes; if none does, one of which it isn't known.
    pub(super) ways: BTreeMap<Owner, Vec<Hop>>,
    /// All chains that don't certainly end, one by each role that is assumed first; the shortest first.
    pub(super) chains: BTreeMap<Owner, Vec<Chain>>,
}

/// Somebody's way by a chain of which it isn't known whether it passes.
struct Open {
    owner: Owner,
    chain: Chain,
    hops: Vec<Hop>,
}

/// Whoever may assume one of the roles that can, or of which it isn't known; of the principals of the inventory and of `others`, whose
/// accounts may not be in it.
pub(super) fn of(
    scene: &Scene<'_>,
    (can, others): (&[Holder], &BTreeSet<RoleArn>),
    missing: &mut Vec<Gap>,
) -> Assuming {
    let mut search = Search {
        scene,
        by_account: by_account(scene, others),
        assumers: BTreeMap::new(),
        found: Assuming::default(),
        seen: BTreeSet::new(),
        open: Vec::new(),
        missing,
    };
    let roles = |certain: bool| {
        let holders = can.iter().filter(move |holder| (verdict(&holder.hops) == Passes::Yes) == certain);
        holders.filter_map(|holder| holder.name.parse().ok()).map(|role| vec![role])
    };
    // What is certain is followed to its end before what isn't.
    search.follow(roles(true).collect());
    let mut next: Vec<Chain> = roles(false).collect();
    loop {
        next.extend(mem::take(&mut search.open).into_iter().filter_map(|open| search.keep(open)));
        if next.is_empty() {
            return search.found;
        }
        next.sort_by_key(Vec::len);
        search.follow(mem::take(&mut next).into());
    }
}

struct Search<'a, 'i> {
    scene: &'a Scene<'i>,
    by_account: BTreeMap<AccountId, BTreeSet<Owner>>,
    /// Of these those whose own policies say anything of assuming roles: many roles may trust one account.
    assumers: BTreeMap<AccountId, BTreeSet<Owner>>,
    found: Assuming,
    /// The roles whose trust was looked at.
    seen: BTreeSet<RoleArn>,
    open: Vec<Open>,
    missing: &'a mut Vec<Gap>,
}

impl Search<'_, '_> {
    /// Goes on from roles to which a chain leads on, the shortest first.
    fn follow(&mut self, mut chains: VecDeque<Chain>) {
        while let Some(chain) = chains.pop_front() {
            let Some(role) = chain.first().filter(|role| self.seen.insert((*role).clone())) else { continue };
            for owner in self.candidates(role) {
                let way = way::of_principal(self.scene.accounts, owner.clone(), &chain, self.scene.arn);
                let hops = self.scene.by(&way);
                match verdict(&hops) {
                    Passes::No => {}
                    Passes::Unknown { .. } => {
                        self.open.push(Open { owner, chain: chain.clone(), hops });
                    }
                    Passes::Yes => chains.extend(self.keep(Open { owner, chain: chain.clone(), hops })),
                }
            }
        }
    }

    /// Keeps a way, and has the chain that leads on to it.
    fn keep(&mut self, Open { owner, chain, hops }: Open) -> Option<Chain> {
        let longer = owner.role().map(|role| [vec![role.clone()], chain.clone()].concat());
        self.found.chains.entry(owner.clone()).or_default().push(chain);
        let passes = verdict(&hops) == Passes::Yes;
        let way = self.found.ways.entry(owner).or_insert_with(|| hops.clone());
        if passes && verdict(way) != Passes::Yes {
            *way = hops;
        }
        longer
    }

    /// Whom a role's trust policy names, as far as they are known, but itself.
    fn candidates(&mut self, role: &RoleArn) -> BTreeSet<Owner> {
        let mut owners = BTreeSet::new();
        // What isn't known of the role itself is said of it.
        if let Ok(own) = self.scene.accounts.role(role) {
            for key in named_in_trust(own).collect::<BTreeSet<_>>() {
                owners.extend(self.named(&key, own));
            }
        }
        owners.remove(&Owner::Role(role.clone()));
        owners.retain(|owner| !matches!(self.scene.accounts.tags(owner), Err(NotThere::Absent)));
        owners
    }

    fn named(&mut self, key: &str, role: &IamRole) -> BTreeSet<Owner> {
        if let Ok(owner) = key.parse() {
            return BTreeSet::from([owner]);
        }
        if let Ok(account) = key.parse::<AccountId>() {
            return self.of_account(&account, role);
        }
        if key == "*" {
            let gap = format!("who else may assume `{}`", role.arn);
            let cause =
                "its trust policy lets in others than it names, in accounts beside those read as well";
            self.missing.push(Gap::new(gap, cause));
            let accounts: Vec<AccountId> = self.by_account.keys().cloned().collect();
            return accounts.iter().flat_map(|account| self.of_account(account, role)).collect();
        }
        let is_session = |owner: &&Owner| owner.role().is_some_and(|own| session_key(own) == key);
        self.by_account.values().flatten().filter(is_session).cloned().collect()
    }

    /// Everybody of an account whose own policies say anything of it.
    fn of_account(&mut self, account: &AccountId, role: &IamRole) -> BTreeSet<Owner> {
        match self.scene.accounts.account(account) {
            Err(gap) => {
                let what = format!("who in account `{account}` may assume `{}`", role.arn);
                self.missing.push(Gap { what, ..gap });
            }
            Ok(own) => self.missing.extend([own.roles.gap(), own.users.gap()].into_iter().flatten().cloned()),
        }
        if let Some(known) = self.assumers.get(account) {
            return known.clone();
        }
        let owners = self.by_account.get(account).into_iter().flatten();
        let may = |owner: &&Owner| self.scene.accounts.of_caller(owner).may_allow("sts:AssumeRole");
        let assumers: BTreeSet<Owner> = owners.filter(may).cloned().collect();
        self.assumers.insert(account.clone(), assumers.clone());
        assumers
    }
}

fn by_account(scene: &Scene<'_>, others: &BTreeSet<RoleArn>) -> BTreeMap<AccountId, BTreeSet<Owner>> {
    let mut all: BTreeMap<AccountId, BTreeSet<Owner>> = BTreeMap::new();
    for (id, account) in &scene.inventory().accounts {
        let own = all.entry(id.clone()).or_default();
        if let Known::Known(roles) = &account.roles {
            own.extend(roles.values().map(|role| Owner::Role(role.arn.clone())));
        }
        if let Known::Known(users) = &account.users {
            own.extend(users.values().map(|user| Owner::User(user.arn.clone())));
        }
    }
    for role in others {
        all.entry(role.account.clone()).or_default().insert(Owner::Role(role.clone()));
    }
    all
}
