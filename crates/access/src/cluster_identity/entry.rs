//! By access entries (EKS User Guide, "Create access entries"; aws-iam-authenticator, pkg/mapper/dynamicfile/mapper.go).

use facts::Gap;
use inventory::{AccessEntry, Cluster, Known};

use super::{
    By, Caller, ClusterIdentity, Entries, Refusal, Resolved, Step,
    caller::{Kind, Principal},
    instant::instant,
};

/// Types that are for nodes and take no access policies: "You can't associate an access policy to this access entry, because
/// its type is a value other than `STANDARD`". Those of EKS Auto Mode (`EC2`) do take one ("Create a node class").
const NODES: [&str; 4] = ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];

/// What the cluster's access entries say of a caller.
pub(super) fn step(cluster: &Cluster, caller: &Caller, entries: Entries) -> Step {
    let known = match &cluster.access_entries {
        Known::Known(known) => known,
        Known::Gap(gap) => return Step::Decided(Resolved::Unknown { missing: vec![gap.clone()] }),
    };
    let (mut own, mut missing, mut why) = (Vec::new(), Vec::new(), Vec::new());
    for entry in known.values() {
        match judge(entry, caller, entries) {
            Judgement::Own(principal) => own.push((entry, principal)),
            Judgement::Unsure(gaps) => missing.extend(gaps),
            Judgement::Not(refusal) => why.push(refusal),
            Judgement::Others => {}
        }
    }
    let unknown = |missing| Step::Decided(Resolved::Unknown { missing });
    match (own.as_slice(), missing.is_empty()) {
        ([(entry, principal)], true) => Step::Decided(identity(entry, principal, caller)),
        ([_, _, ..], true) => unknown(vec![several(caller)]),
        (_, false) => unknown(missing),
        ([], true) if why.is_empty() => Step::Next(vec![Refusal::NoEntry]),
        ([], true) => Step::Next(why),
    }
}

/// A name is one role's, whatever its path, and EKS takes an ARN once: such entries were not all there at one time.
fn several(caller: &Caller) -> Gap {
    let what = format!("which access entry is that of `{}`", caller.arn());
    Gap::new(what, "several differ in path or case alone").filled_by(caller.principal.described_by())
}

/// Entries that would be a caller's if the authentication mode read them.
pub(super) fn unread(cluster: &Cluster, caller: &Caller) -> Option<Refusal> {
    let mut entries = cluster.access_entries.known()?.values();
    let entry = entries.find(|entry| matches!(judge(entry, caller, Entries::Fresh), Judgement::Own(_)))?;
    Some(Refusal::EntryNotRead { place: entry.place.clone() })
}

/// Whose an entry is.
enum Judgement {
    Own(Principal),
    Unsure(Vec<Gap>),
    Not(Refusal),
    Others,
}

fn judge(entry: &AccessEntry, caller: &Caller, entries: Entries) -> Judgement {
    let Ok((principal, session)) = Principal::of(&entry.principal) else { return Judgement::Others };
    if !caller.principal.is(&principal.arn) {
        return Judgement::Others;
    }
    let place = entry.place.clone();
    if session.is_some() || principal.kind == Kind::FederatedUser {
        return Judgement::Not(Refusal::EntryOfSession { principal: entry.principal.clone(), place });
    }
    if principal.kind != Kind::Role && !is_standard(entry) {
        return Judgement::Not(Refusal::WrongType { kind: entry.kind.clone(), place });
    }
    if let (Some(path), Some(own)) = (&principal.path, &caller.principal.path)
        && !path.eq_ignore_ascii_case(own)
    {
        return Judgement::Not(Refusal::OtherPath { path: path.clone(), place });
    }
    match entries {
        // There is no making an account's root user again.
        _ if principal.kind == Kind::Root => Judgement::Own(principal),
        Entries::Fresh => Judgement::Own(principal),
        Entries::Stale => Judgement::Others,
        Entries::Dated => dated(entry, principal, caller),
    }
}

/// EKS keeps the unique id of the principal that an entry was made for, and tells nobody: a principal that is younger than its
/// entry is another one.
fn dated(entry: &AccessEntry, principal: Principal, caller: &Caller) -> Judgement {
    let dates = (entry.created_at.as_deref(), caller.created.as_deref());
    if let (Some(made), Some(created)) = dates
        && let (Some(made_at), Some(created_at)) = (instant(made), instant(created))
    {
        if created_at <= made_at {
            return Judgement::Own(principal);
        }
        let (entry_date, caller) = (made.to_owned(), created.to_owned());
        return Judgement::Not(Refusal::Stale { entry: entry_date, caller, place: entry.place.clone() });
    }
    Judgement::Unsure(undated(entry, &principal, caller.created.as_deref()))
}

/// What isn't known of the dates.
pub(super) fn undated(entry: &AccessEntry, principal: &Principal, created: Option<&str>) -> Vec<Gap> {
    let gap = |what: String, date: Option<&str>, fill: String| {
        let cause = match date {
            None => "not in the inventory".to_owned(),
            Some(date) if instant(date).is_none() => format!("`{date}` is no point in time"),
            Some(_) => return None,
        };
        Some(Gap::new(what, cause).filled_by(fill))
    };
    let arn = &entry.principal;
    let made = format!("aws eks describe-access-entry --cluster-name NAME --principal-arn {arn}");
    let gaps = [
        gap(format!("when the access entry of `{arn}` was made"), entry.created_at.as_deref(), made),
        gap(format!("when `{arn}` was created"), created, principal.described_by()),
    ];
    gaps.into_iter().flatten().collect()
}

fn identity(entry: &AccessEntry, principal: &Principal, caller: &Caller) -> Resolved {
    let username = entry.username.clone().filter(|name| !name.is_empty());
    let Some(username) = username.or_else(|| default_username(entry, principal)) else {
        return Resolved::Unknown { missing: vec![not_told(entry, "user name")] };
    };
    if entry.groups.is_empty() && !is_standard(entry) {
        return Resolved::Unknown { missing: vec![not_told(entry, "groups")] };
    }
    let by = By::AccessEntry { principal: entry.principal.clone(), place: entry.place.clone() };
    let identity = ClusterIdentity::new(&username, &entry.groups, caller, by);
    identity.map(|identity| ClusterIdentity { associations: associations(entry), ..identity }).into()
}

/// EKS sets both for nodes' entries, and documents neither for all of their types.
fn not_told(entry: &AccessEntry, what: &str) -> Gap {
    let AccessEntry { principal, kind, .. } = entry;
    let cause = format!("not in the inventory, and EKS documents none for entries of type `{kind}`");
    let fill = format!("aws eks describe-access-entry --cluster-name NAME --principal-arn {principal}");
    Gap::new(format!("the {what} of the access entry of `{principal}`"), cause).filled_by(fill)
}

/// What EKS sets where nobody did ("Create access entries", the table of user names).
fn default_username(entry: &AccessEntry, principal: &Principal) -> Option<String> {
    let Principal { partition, account, name, .. } = principal;
    match entry.kind.to_ascii_uppercase().as_str() {
        "STANDARD" if principal.kind == Kind::Role => {
            Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"))
        }
        "STANDARD" if principal.kind == Kind::User => Some(principal.arn.clone()),
        "EC2_LINUX" | "EC2_WINDOWS" => Some("system:node:{{EC2PrivateDNSName}}".to_owned()),
        "FARGATE_LINUX" | "HYBRID_LINUX" => Some("system:node:{{SessionName}}".to_owned()),
        _ => None,
    }
}

fn associations(entry: &AccessEntry) -> Known<Vec<(String, Vec<String>)>> {
    match &entry.policies {
        Known::Gap(_) if NODES.iter().any(|kind| entry.kind.eq_ignore_ascii_case(kind)) => {
            Known::Known(Vec::new())
        }
        policies => policies.clone(),
    }
}

fn is_standard(entry: &AccessEntry) -> bool {
    entry.kind.eq_ignore_ascii_case("STANDARD")
}
