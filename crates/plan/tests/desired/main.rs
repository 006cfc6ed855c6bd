//! The desired objects of each topology and identity, from fleet files as text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod capability;
mod fleet;
mod large;
mod live;
mod points;
mod repositories;
mod world;

use fleet::{fleet as parse, input, needs, one_spoke, shown};
use insta::assert_snapshot;
use oarlock_plan::desired::desired;

fn snapshot(spec: &str) -> String {
    let fleet = parse(spec);
    let wanted = desired(&input(&fleet), &needs(&fleet));
    assert!(wanted.unknown.is_empty(), "{:#?}", wanted.unknown);
    shown(&wanted)
}

#[test]
fn chained_with_pod_identity() {
    assert_snapshot!(snapshot(&one_spoke("pod-identity", "chained")));
}

#[test]
fn chained_with_irsa() {
    assert_snapshot!(snapshot(&one_spoke("irsa", "chained")));
}

#[test]
fn direct_with_pod_identity() {
    assert_snapshot!(snapshot(&one_spoke("pod-identity", "direct")));
}

#[test]
fn direct_with_irsa() {
    assert_snapshot!(snapshot(&one_spoke("irsa", "direct")));
}

#[test]
fn the_eks_capability_with_its_own_cluster_and_one_of_another_account() {
    assert_snapshot!(snapshot(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {version: '3.5', install: eks-capability}
  clusters:
  - {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', project: platform}
  - {arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod', project: shop, namespaces: [web]}
"
    ));
}

#[test]
fn the_hub_itself_as_destination() {
    assert_snapshot!(snapshot(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {version: '3.5'}
  clusters:
  - {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', name: in-cluster}
"
    ));
}
