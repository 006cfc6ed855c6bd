//! Everybody who may: whom the cases say, and nobody else.

use inventory::Inventory;
use oarlock_access::{
    Accounts, HolderKind, Installation, Owner, Passes, ServiceAccount, Way, WhoCan,
    authorization::Authorizers, can_by, verdict, way, who_can,
};

use crate::scene::{Case, Change, World, request};

const DETAILS: &str = "accounts/111122223333/iam-get-account-authorization-details.json";
const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const ANN: &str = "arn:aws:iam::111122223333:user/team/ann";

fn of(world: &World, case: &Case) -> WhoCan {
    found(&world.inventory(case), case)
}

fn found(inventory: &Inventory, case: &Case) -> WhoCan {
    let accounts = Accounts::of(inventory);
    let argocd = Installation::find(inventory, None).unwrap();
    let cluster = inventory.clusters.iter().find(|(arn, _)| arn.name == case.cluster).unwrap();
    who_can(&accounts, Some(&argocd), cluster, &request(&case.ask))
}

fn cases() -> Vec<Case> {
    serde_saphyr::from_str(include_str!("cases.yaml")).unwrap()
}

#[test]
fn everybody_is_named_with_the_shortest_way() {
    let found = of(&World::new(), &cases()[0]);
    let names: Vec<String> =
        found.holders.iter().map(|holder| format!("{} {}", holder.kind.as_str(), holder.name)).collect();
    assert_eq!(
        names,
        [
            "group deployers".to_owned(),
            "group system:masters".to_owned(),
            "iam arn:aws:iam::111122223333:role/argocd".to_owned(),
            "iam arn:aws:iam::111122223333:role/argocd-server".to_owned(),
            "iam arn:aws:iam::444455556666:role/deployer".to_owned(),
            format!("pod system:serviceaccount:argocd:argocd-application-controller on {HUB}"),
            format!("pod system:serviceaccount:argocd:argocd-server on {HUB}"),
            "argocd controller".to_owned(),
            "argocd server".to_owned(),
            "person sso:admin or account:admin".to_owned(),
            "person sso:developers or account:developers".to_owned(),
        ],
        "{:#?}",
        found.missing
    );
    assert!(found.missing.is_empty(), "{:?}", found.missing);
}

/// Of every case about Argo CD's components: whom `can` lets, `who_can` names; whom it doesn't, it names not as one who may.
#[test]
fn it_agrees_with_can() {
    let world = World::new();
    for case in cases().iter().step_by(4) {
        let Some(component) = case.who.strip_prefix("argocd:") else { continue };
        let found = of(&world, case);
        let own =
            |kind: HolderKind| found.holders.iter().find(|own| own.kind == kind && own.name == component);
        let listed = own(HolderKind::ArgoCd).map_or(Passes::No, |own| verdict(&own.hops));
        let asked = verdict(&world.answer(case));
        assert_eq!(listed, asked, "{}", case.name);
    }
}

fn changed(changes: &[(&str, &str, serde_json::Value)]) -> Case {
    let change = |(file, at, to): &(&str, &str, serde_json::Value)| Change {
        file: (*file).to_owned(),
        at: (*at).to_owned(),
        to: to.clone(),
    };
    Case { change: changes.iter().map(change).collect(), ..cases()[0].clone() }
}

fn listed(found: &WhoCan, kind: HolderKind, name: &str) -> Passes {
    let own = found.holders.iter().find(|own| own.kind == kind && own.name == name);
    own.map_or(Passes::No, |own| verdict(&own.hops))
}

fn trusts(principal: &str) -> serde_json::Value {
    serde_json::json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
}

/// The user assumes the hub's role, and as that the spoke's.
#[test]
fn a_user_is_named_with_the_shortest_chain_of_roles() {
    let trust = "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/-";
    let found = of(&World::new(), &changed(&[(DETAILS, trust, trusts(ANN))]));
    let ann = found.holders.iter().find(|own| own.name == ANN).unwrap();
    let hops: Vec<&str> = ann.hops.iter().map(|hop| hop.at.as_str()).collect();
    assert_eq!(hops, ["assume-role", "assume-role", "token", "cluster-identity", "authorization"]);
    assert_eq!((ann.kind, verdict(&ann.hops)), (HolderKind::Iam, Passes::Yes));
    assert!(found.missing.is_empty(), "{:?}", found.missing);
}

#[test]
fn who_is_trusted_in_an_account_that_was_not_read_is_missing() {
    let spoke = "accounts/444455556666/iam-get-account-authorization-details.json";
    let trust = "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/-";
    for (principal, missing) in [
        ("arn:aws:iam::777788889999:root", "who in account `777788889999` may assume"),
        ("*", "who else may assume `arn:aws:iam::444455556666:role/deployer`"),
    ] {
        let found = of(&World::new(), &changed(&[(spoke, trust, trusts(principal))]));
        assert!(found.missing.iter().any(|gap| gap.what.contains(missing)), "{:?}", found.missing);
    }
    // One that is named may be there, and be allowed.
    let stranger = "arn:aws:iam::777788889999:role/stranger";
    let found = of(&World::new(), &changed(&[(spoke, trust, trusts(stranger))]));
    assert!(matches!(listed(&found, HolderKind::Iam, stranger), Passes::Unknown { .. }));
}

/// Users of the account count, and nobody read whether it has any.
#[test]
fn an_account_that_is_trusted_is_searched_for_users_as_well() {
    let spoke = "accounts/444455556666/iam-get-account-authorization-details.json";
    let trust = "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/-";
    let root = trusts("arn:aws:iam::444455556666:root");
    let case = changed(&[(spoke, trust, root)]);
    assert!(of(&World::new(), &case).missing.is_empty());
    let without = Case { without: vec!["accounts/444455556666/iam-list-users.json".to_owned()], ..case };
    let missing = of(&World::new(), &without).missing;
    assert!(
        missing.iter().any(|gap| gap.what.contains("IAM users of account `444455556666`")),
        "{missing:?}"
    );
}

/// Where a node's role may, pods without one of their own may: nobody knows how far its metadata service answers.
#[test]
fn pods_without_a_role_of_their_own_may_have_their_nodes() {
    let none = format!("without a role of their own on {HUB}");
    assert_eq!(listed(&of(&World::new(), &cases()[0]), HolderKind::Pod, &none), Passes::No);
    let trust = "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/-";
    let nodes = trusts("arn:aws:iam::111122223333:role/nodes");
    let found = of(&World::new(), &changed(&[(DETAILS, trust, nodes)]));
    assert!(matches!(listed(&found, HolderKind::Pod, &none), Passes::Unknown { .. }), "{found:#?}");
    assert_eq!(listed(&found, HolderKind::Iam, "arn:aws:iam::111122223333:role/nodes"), Passes::Yes);
}

/// Of every case: of all chains of roles that a role, a user or a pod could assume, `can` finds none better than `who_can` did.
#[test]
fn no_chain_of_roles_is_better_than_the_one_that_is_found() {
    let world = World::new();
    // The cases of users are the last ones.
    let all = cases();
    let users = all.iter().position(|case| case.who == ANN).unwrap();
    for case in all[..users].iter().step_by(11).chain(&all[users..]) {
        let inventory = world.inventory(case);
        let found = found(&inventory, case);
        for (kind, name, best) in every(&inventory, case) {
            let listed = listed(&found, kind, &name);
            assert_eq!(
                rank(&listed),
                rank(&best),
                "{}: {name} is {listed:?}, and {best:?} by can",
                case.name
            );
        }
    }
}

fn rank(passes: &Passes) -> u8 {
    match passes {
        Passes::No => 0,
        Passes::Unknown { .. } => 1,
        Passes::Yes => 2,
    }
}

/// The best that `can` says of every role, user and pod that there is, by any chain of up to three roles.
fn every(inventory: &Inventory, case: &Case) -> Vec<(HolderKind, String, Passes)> {
    let accounts = Accounts::of(inventory);
    let (arn, cluster) = inventory.clusters.iter().find(|(arn, _)| arn.name == case.cluster).unwrap();
    let (authorizers, request) = (Authorizers::of(cluster), request(&case.ask));
    let roles: Vec<_> = inventory.accounts.values().filter_map(|account| account.roles.known()).collect();
    let roles: Vec<_> = roles.into_iter().flatten().map(|(_, role)| role.arn.clone()).collect();
    let chains = chains(&roles);
    let best = |way: &dyn Fn(&[facts::RoleArn]) -> Way| {
        let answers =
            chains.iter().map(|chain| verdict(&can_by(cluster, &authorizers, &way(chain), &request)));
        answers.max_by_key(rank).unwrap()
    };
    let users = inventory.accounts.values().filter_map(|account| account.users.known()).flatten();
    let owners =
        users.map(|(_, user)| Owner::User(user.arn.clone())).chain(roles.iter().cloned().map(Owner::Role));
    let mut all: Vec<_> = owners
        .map(|owner| {
            let passes = best(&|chain| way::of_principal(&accounts, owner.clone(), chain, arn));
            (HolderKind::Iam, owner.to_string(), passes)
        })
        .collect();
    let (hub, there) = inventory.clusters.iter().find(|(arn, _)| arn.name == "hub").unwrap();
    for object in there.kubernetes.list("serviceaccounts").unwrap_or_default() {
        let (namespace, name) = (object.namespace.clone().unwrap(), object.name.clone());
        let account = ServiceAccount { cluster: hub.clone(), namespace, name };
        let arrival = oarlock_access::credentials(&accounts, &account);
        let own = arrival.hops.iter().any(|hop| hop.by.contains("have neither an IRSA annotation"));
        let name = if own {
            format!("without a role of their own on {hub}")
        } else {
            format!("system:serviceaccount:{}:{} on {hub}", account.namespace, account.name)
        };
        if arrival.credentials.is_some() {
            let passes = best(&|chain| way::of_pod(&accounts, &account, chain, arn));
            all.push((HolderKind::Pod, name, passes));
        }
    }
    all
}

/// All orders of up to three different roles, none among them.
fn chains(roles: &[facts::RoleArn]) -> Vec<Vec<facts::RoleArn>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..3 {
        let longer = |chain: &Vec<facts::RoleArn>| {
            let others = roles.iter().filter(|role| !chain.contains(role));
            others.map(|role| [chain.clone(), vec![role.clone()]].concat()).collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}
