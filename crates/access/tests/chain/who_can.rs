//! Everybody who may: whom the cases say, and nobody else.

use oarlock_access::{Accounts, HolderKind, Installation, Passes, WhoCan, verdict, who_can};

use crate::scene::{Case, World, request};

fn of(world: &World, case: &Case) -> WhoCan {
    let inventory = world.inventory(case);
    let accounts = Accounts::of(&inventory);
    let argocd = Installation::find(&inventory, None).unwrap();
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
    let hub = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
    assert_eq!(
        names,
        [
            "group deployers".to_owned(),
            "group system:masters".to_owned(),
            "iam arn:aws:iam::444455556666:role/deployer".to_owned(),
            format!("pod system:serviceaccount:argocd:argocd-application-controller on {hub}"),
            format!("pod system:serviceaccount:argocd:argocd-server on {hub}"),
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
