//! By aws-auth: `mapRoles` before `mapUsers` before `mapAccounts` (aws-iam-authenticator, pkg/mapper/configmap/mapper.go and
//! pkg/server/server.go, `doMapping`).

use facts::{Gap, Place};
use inventory::Cluster;

use super::{
    AwsAuth, By, Caller, ClusterIdentity, Refusal, Resolved, Step,
    aws_auth::{BlockProblem, Item, ItemProblem},
};

/// What the cluster's aws-auth says of a caller.
pub(super) fn step(cluster: &Cluster, caller: &Caller) -> Step {
    let unknown = |gap| Step::Decided(Resolved::Unknown { missing: vec![gap] });
    let map = match AwsAuth::of(cluster) {
        Ok(map) => map,
        Err(gap) => return unknown(gap),
    };
    let Some(place) = &map.place else { return Step::Next(vec![Refusal::NotInAwsAuth]) };
    let found = role(&map, place, caller)
        .and_then(|found| if found.is_some() { Ok(found) } else { user(&map, place, caller) })
        .and_then(|found| if found.is_some() { Ok(found) } else { account(&map, place, caller) });
    match found {
        Err(gap) => unknown(gap),
        // A name that can't be made is the end: nothing else is tried then.
        Ok(Some(found)) => Step::Decided(found.into()),
        Ok(None) => Step::Next(refusals(&map, caller)),
    }
}

/// That aws-auth would map a caller if the authentication mode read it.
pub(super) fn unread(cluster: &Cluster, caller: &Caller) -> Option<Refusal> {
    let Step::Decided(Resolved::Identity(_)) = step(cluster, caller) else { return None };
    let place = AwsAuth::of(cluster).ok()?.place?;
    Some(Refusal::AwsAuthNotRead { place })
}

/// What one block says: nothing of the caller, who it is, or that this can't be said.
type Found = Result<Option<Result<ClusterIdentity, Refusal>>, Gap>;

fn role(map: &AwsAuth, place: &Place, caller: &Caller) -> Found {
    if let Some(gap) = map.roles.gap("mapRoles") {
        return Err(gap);
    }
    let items = || map.roles.items.iter().filter(|item| item.counts());
    if let Some(item) = items().find(|item| item.maps_by_sso(&caller.principal)) {
        return Err(sso_gap(item));
    }
    let item = items().find(|item| item.is(&caller.principal));
    let by = |item: &Item| By::MapRoles { index: item.index, place: place.clone() };
    Ok(item.map(|item| identity(item, caller, by(item))))
}

/// What a permission set's element does hangs on what EKS doesn't tell.
pub(super) fn sso_gap(item: &Item) -> Gap {
    let what = format!("whether element {} of `mapRoles`, with `sso`, counts", item.index);
    Gap::new(what, ItemProblem::SsoNeedsFeatureGate.to_string())
        .filled_by("name the role in `rolearn`, without its path, or in an access entry")
}

/// Elements whose ARNs differ in case alone are all kept, and the authenticator takes whichever its map comes upon first
/// (pkg/config/mapper.go, `Key`; pkg/mapper/configmap/configmap.go, `UserMapping`).
fn user(map: &AwsAuth, place: &Place, caller: &Caller) -> Found {
    if let Some(gap) = map.users.gap("mapUsers") {
        return Err(gap);
    }
    let items = map.users.items.iter().filter(|item| item.counts() && item.is(&caller.principal));
    let items: Vec<&Item> = items.collect();
    let Some(last) = items.last() else { return Ok(None) };
    if items.iter().any(|item| (&item.username, &item.groups) != (&last.username, &last.groups)) {
        let what = format!("which element of `mapUsers` counts for `{}`", caller.arn());
        let cause = "several name it in different case, and the authenticator takes one by chance";
        return Err(Gap::new(what, cause).filled_by("leave one of them in aws-auth"));
    }
    let by = By::MapUsers { index: last.index, place: place.clone() };
    Ok(Some(identity(last, caller, by)))
}

/// Everybody of the account is called by the own ARN, and in no group.
fn account(map: &AwsAuth, place: &Place, caller: &Caller) -> Found {
    if let Some(gap) = map.accounts.gap("mapAccounts") {
        return Err(gap);
    }
    let own = caller.principal.account.as_str();
    let account = map.accounts.items.iter().find(|account| *account == own);
    let by = |account: &String| By::MapAccounts { account: account.clone(), place: place.clone() };
    Ok(account.map(|account| ClusterIdentity::new(caller.arn(), [], caller, by(account))))
}

fn identity(item: &Item, caller: &Caller, by: By) -> Result<ClusterIdentity, Refusal> {
    ClusterIdentity::new(&item.username, &item.groups, caller, by)
}

/// Why nothing in aws-auth is the caller's, although something may be meant to be.
fn refusals(map: &AwsAuth, caller: &Caller) -> Vec<Refusal> {
    let mut why = Vec::new();
    for (block, items) in [("mapRoles", &map.roles.items), ("mapUsers", &map.users.items)] {
        why.extend(items.iter().filter_map(|item| near_miss(block, item, caller)));
    }
    let problems = [
        ("mapRoles", &map.roles.problem),
        ("mapUsers", &map.users.problem),
        ("mapAccounts", &map.accounts.problem),
    ];
    let not_lists = problems.iter().filter(|(_, problem)| **problem == Some(BlockProblem::NotAList));
    why.extend(not_lists.map(|(block, _)| Refusal::BlockNotAList { block }));
    if why.is_empty() {
        why.push(Refusal::NotInAwsAuth);
    }
    why
}

fn near_miss(block: &'static str, item: &Item, caller: &Caller) -> Option<Refusal> {
    let problem = item.problems.iter().find(|problem| problem.matches_nobody() || problem.drops())?;
    let is_meant = item.means(&caller.principal);
    is_meant.then(|| Refusal::ItemMissesIt { block, index: item.index, problem: problem.clone() })
}
