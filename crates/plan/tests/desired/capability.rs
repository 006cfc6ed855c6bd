//! The live EKS capability against what the fleet file says of it.

use oarlock_plan::desired::{Wanted, desired};
use serde_json::{Value, json};

use crate::{
    fleet::{finding_ids, fleet, input, needs, one_spoke, role},
    world::{HUB, at, inventory},
};

const LIVE: &str = "arn:aws:iam::111122223333:role/ArgoCDCapabilityRole";

fn spec(more: &str) -> String {
    format!(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {{version: '3.5', install: eks-capability{more}}}
  clusters: [{{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod', project: shop}}]
"
    )
}

fn listed() -> Value {
    json!({"capabilities": [{"capabilityName": "cd", "type": "ARGOCD", "status": "ACTIVE", "version": "3.5.1-eks-1"}]})
}

fn described() -> Value {
    json!({"capability": {"capabilityName": "cd", "type": "ARGOCD", "roleArn": LIVE,
        "configuration": {"argoCd": {"namespace": "argocd"}}}})
}

fn wanted(spec: &str, listed: Option<Value>, described: Option<Value>) -> Wanted {
    let fleet = fleet(spec);
    let cluster = json!({"cluster": {"name": "hub", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/hub",
        "endpoint": "https://HUB.gr7.eu-west-1.eks.amazonaws.com"}});
    let files = [
        Some(at(HUB, "eks/describe-cluster.json", cluster)),
        listed.map(|content| at(HUB, "eks/list-capabilities.json", content)),
        described.map(|content| at(HUB, "eks/describe-capability-cd.json", content)),
    ];
    let inventory = inventory(&files.into_iter().flatten().collect::<Vec<_>>());
    let mut input = input(&fleet);
    input.inventory = Some(&inventory);
    desired(&input, &needs(&fleet))
}

fn set(mut json: Value, pointer: &str, value: &str) -> Value {
    *json.pointer_mut(pointer).unwrap() = value.into();
    json
}

#[test]
fn the_live_role_is_planned_for_where_the_fleet_file_names_none() {
    let wanted = wanted(&spec(""), Some(listed()), Some(described()));
    assert!(wanted.findings.is_empty() && wanted.unknown.is_empty(), "{wanted:#?}");
    assert_eq!(role(&wanted, "ArgoCDCapabilityRole").arn.to_string(), LIVE);
}

#[test]
fn a_capability_that_acts_as_another_role_or_in_another_namespace_is_told() {
    let other = spec(", capabilityRole: 'arn:aws:iam::111122223333:role/other'");
    let as_other = wanted(&other, Some(listed()), Some(described()));
    assert_eq!(finding_ids(&as_other), ["capability-role-differs"]);
    let help = &as_other.findings[0].help;
    assert!(help[0].contains(LIVE) && help[1].contains("update-capability"), "{help:#?}");

    let elsewhere = set(described(), "/capability/configuration/argoCd/namespace", "gitops");
    let in_other = wanted(&spec(""), Some(listed()), Some(elsewhere));
    assert_eq!(finding_ids(&in_other), ["capability-namespace-differs"]);
}

#[test]
fn a_capability_in_another_version_or_not_active_is_told() {
    let version = set(listed(), "/capabilities/0/version", "3.1.8-eks-1");
    assert_eq!(
        finding_ids(&wanted(&spec(""), Some(version), Some(described()))),
        ["capability-version-differs"]
    );
    let status = set(listed(), "/capabilities/0/status", "DEGRADED");
    let mut with_issue = described();
    with_issue["capability"]["health"] = json!({"issues": [{"code": "AccessDenied", "message": "no trust"}]});
    let wanted = wanted(&spec(""), Some(status), Some(with_issue));
    assert_eq!(finding_ids(&wanted), ["capability-not-active"]);
    assert_eq!(wanted.findings[0].help, ["EKS says: AccessDenied: no trust"]);
}

#[test]
fn a_missing_capability_is_told_with_the_command_that_makes_it() {
    let wanted = wanted(&spec(""), Some(json!({"capabilities": []})), None);
    assert_eq!(finding_ids(&wanted), ["capability-missing"]);
    assert!(
        wanted.findings[0].help[0]
            .contains("--role-arn arn:aws:iam::111122223333:role/oarlock-hub-capability")
    );
}

#[test]
fn what_was_not_read_of_a_capability_is_not_known() {
    for (listed, command) in [(None, "list-capabilities"), (Some(listed()), "describe-capability")] {
        let wanted = wanted(&spec(""), listed, None);
        let fill = wanted.unknown[0].fill.as_ref().unwrap();
        assert!(wanted.findings.is_empty() && fill.contains(command), "{fill}");
    }
}

#[test]
fn a_capability_beside_a_self_managed_argo_cd_is_told_and_its_absence_is_no_gap() {
    let self_managed = one_spoke("pod-identity", "chained");
    let both = wanted(&self_managed, Some(listed()), Some(described()));
    assert_eq!(finding_ids(&both), ["capability-beside-self-managed"]);
    let unread = wanted(&self_managed, None, None);
    assert!(!unread.unknown.iter().any(|gap| gap.what.contains("capabilit")), "{:#?}", unread.unknown);
}
