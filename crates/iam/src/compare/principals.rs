//! The principals that policies tell apart.

use std::collections::BTreeSet;

use crate::{
    Principal, PrincipalKind,
    principal::{Named, PrincipalSet},
};

/// How closely a policy may have to name a principal for what is asked.
pub(super) const CLOSENESS: [Named; 3] = [Named::ByAccount, Named::ByRole, Named::Itself];

/// Of each kind of principal that the sets tell apart, one: those that are listed, sessions of listed roles, others of the
/// same accounts, and one of each kind that isn't listed.
pub(super) fn samples(sets: &[&PrincipalSet]) -> Vec<Principal> {
    let name = unlisted(sets);
    let stranger = format!("arn:aws:iam::{}:role/{name}", account(sets));
    let mut arns = BTreeSet::from([stranger]);
    let mut services = BTreeSet::from([format!("{name}.amazonaws.com")]);
    let mut providers = BTreeSet::from([format!("{name}.example.com")]);
    for set in sets {
        arns.extend(set.arns().flat_map(|arn| relatives(arn, &name)));
        let of_account = |account: &str| {
            ["root".to_owned(), format!("role/{name}")].map(|name| format!("arn:aws:iam::{account}:{name}"))
        };
        arns.extend(set.accounts().flat_map(of_account));
        services.extend(set.services().map(str::to_owned));
        providers.extend(set.federated().map(str::to_owned));
    }
    let mut all: Vec<Principal> = arns.iter().map(|arn| Principal::aws(arn)).collect();
    all.extend(services.iter().map(|name| Principal::service(name)));
    all.extend(providers.iter().map(|name| Principal::federated(name)));
    all.push(Principal::anonymous());
    all
}

/// A name that none of the sets has.
fn unlisted(sets: &[&PrincipalSet]) -> String {
    let has = |name: &str| {
        let mut all = sets.iter().flat_map(|set| set.arns().chain(set.services()).chain(set.federated()));
        all.any(|listed| listed.contains(name))
    };
    let mut name = "stranger".to_owned();
    while has(&name) {
        name.push('r');
    }
    name
}

/// An account that none of the sets has.
fn account(sets: &[&PrincipalSet]) -> String {
    let has = |account: &str| {
        let mut of_arns = sets.iter().flat_map(|set| set.arns());
        sets.iter().flat_map(|set| set.accounts()).any(|own| own == account)
            || of_arns.any(|arn| arn.contains(account))
    };
    let mut free = (0..=u32::MAX).map(|down| format!("{:012}", 999_999_999_999 - u64::from(down)));
    free.find(|account| !has(account)).unwrap_or_default()
}

/// Whoever an ARN names, and who else belongs to it.
fn relatives(arn: &str, stranger: &str) -> Vec<String> {
    let principal = Principal::aws(arn);
    let mut all = vec![arn.to_owned()];
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    let Some(account) = principal.account() else { return all };
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    all.push(format!("arn:{partition}:iam::{account}:role/{stranger}"));
    match principal.kind() {
        PrincipalKind::Role { name } | PrincipalKind::Session { role: name } => {
            all.push(format!("arn:{partition}:sts::{account}:assumed-role/{}/{stranger}", last(name)));
        }
        PrincipalKind::User { name } => {
            all.push(format!("arn:{partition}:sts::{account}:federated-user/{}", last(name)));
        }
        _ => {}
    }
    all
}
