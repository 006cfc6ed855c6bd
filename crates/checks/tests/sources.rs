//! The same mistake in whatever people keep it in is found, at its place; what isn't known is no finding.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use jiff::civil::date;
use oarlock_checks::audit::{CHECKS, Inputs, LooseFile, Report, apply_baseline, audit};

fn run(name: &str, text: &str) -> Report {
    let files = [LooseFile { name: name.into(), bytes: text.as_bytes().to_vec() }];
    let inputs = Inputs { files: &files, inventory: None, ignored: &[], today: date(2026, 11, 26) };
    audit(&inputs, &CHECKS.iter().collect::<Vec<_>>())
}

#[track_caller]
fn assert_found(name: &str, text: &str, expected: &[&str]) {
    let report = run(name, text);
    let found =
        report.findings.iter().map(|found| format!("{} {}", found.finding.id, found.finding.places[0]));
    assert_eq!(found.collect::<Vec<_>>(), expected, "{:?}", report.unread);
}

#[test]
fn a_trust_policy_in_a_terraform_plan_stands_where_its_text_stands() {
    let plan = r#"{"planned_values": {"root_module": {"child_modules": [{"resources": [
  {"type": "aws_iam_role", "values": {
    "name": "x",
    "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}"}},
  {"type": "aws_eks_access_policy_association", "values": {
    "principal_arn": "arn:aws:iam::111122223333:role/argocd",
    "policy_arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    "access_scope": [{"type": "cluster", "namespaces": null}]}}
]}]}}}"#;
    assert_found(
        "plan.json",
        plan,
        &["anybody-may-assume plan.json:4:27", "cluster-admin-by-access-policy plan.json:7:19"],
    );
}

#[test]
fn what_cloudformation_computes_is_not_judged() {
    let template = "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Federated: !Sub 'arn:aws:iam::${AWS::AccountId}:oidc-provider/${Issuer}'}
            Action: sts:AssumeRoleWithWebIdentity
            Condition: !Ref Condition
      Policies:
        - PolicyName: spokes
          PolicyDocument:
            Version: '2012-10-17'
            Statement: {Effect: Allow, Action: sts:AssumeRole, Resource: {'Fn::GetAtt': [Spoke, Arn]}}
";
    assert_found("template.yaml", template, &[]);
    let wide = template.replace("{'Fn::GetAtt': [Spoke, Arn]}", "'*'");
    assert_found("template.yaml", &wide, &["assume-any-role template.yaml:16:74"]);
}

#[test]
fn what_is_said_of_one_action_of_several_points_at_it() {
    let policy = "PolicyDocument:
  Version: '2012-10-17'
  Statement:
    - Effect: Allow
      Action:
        - s3:GetObject
        - !Sub '${Service}:Describe'
        - s3:GetObjects
        - s3:Obtain*
      Resource: '*'
";
    assert_found(
        "policy.yaml",
        policy,
        &["unknown-action policy.yaml:8:11", "pattern-without-action policy.yaml:9:11"],
    );
}

#[test]
fn percent_signs_of_the_api_and_block_scalars_are_read() {
    let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";
    assert_found(
        "role.json",
        &format!("{{\n \"PolicyDocument\": \"{encoded}\"}}"),
        &["allows-everything role.json:2:20"],
    );
    let block = "apiVersion: iam.aws.crossplane.io/v1beta1\nkind: Policy\nmetadata: {name: x}\nspec:\n  document: |\n    {\"Version\": \"2012-10-17\",\n     \"Statement\": [{\"Effect\": \"Allow\",\n      \"Action\": \"*\", \"Resource\": \"*\"}]}\n";
    assert_found("policy.yaml", block, &["allows-everything policy.yaml:8"]);
}

#[test]
fn values_of_argo_cds_chart_are_its_settings() {
    let values = "configs:\n  cm:\n    exec.enabled: true\n  rbac:\n    policy.default: role:admin\n";
    assert_found(
        "values.yaml",
        values,
        &["rbac-default-role-writes values.yaml:5:21", "exec-enabled values.yaml:3:19"],
    );
    let umbrella = "argo-cd:\n  configs:\n    cm:\n      users.anonymous.enabled: 'true'\n";
    assert_found("values.yaml", umbrella, &["anonymous-users values.yaml:4:32"]);
}

#[test]
fn lists_and_several_documents_are_objects() {
    let list = "kind: RoleBindingList\napiVersion: rbac.authorization.k8s.io/v1\nitems:\n- metadata: {name: a, namespace: b}\n  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n  subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: devs}]\n";
    assert_found("list.yaml", list, &["cluster-admin-binding list.yaml:6:71"]);
}

#[test]
fn a_template_that_is_not_rendered_is_counted_and_the_next_document_is_read() {
    let report = run(
        "chart.yaml",
        "kind: {{ .Values.kind }}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: argocd-manager, namespace: kube-system}\n",
    );
    assert_eq!(report.unread.iter().map(ToString::to_string).collect::<Vec<_>>(), ["chart.yaml:1"]);
    assert_eq!(report.findings.len(), 1);
}

#[test]
fn policies_of_aws_and_old_versions_are_left_alone() {
    let details = r#"{"Policies": [
  {"PolicyName": "AdministratorAccess", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess", "PolicyVersionList": [
    {"IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]},
  {"PolicyName": "own", "Arn": "arn:aws:iam::111122223333:policy/own", "PolicyVersionList": [
    {"IsDefaultVersion": false, "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]}
]}"#;
    assert_found("details.json", details, &[]);
}

#[test]
fn a_baseline_counts() {
    let twice =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: argocd-manager, namespace: kube-system}\n";
    let mut report = run("a.yaml", twice);
    let known = report.findings[0].fingerprint.clone();
    apply_baseline(&mut report, [known.clone(), known], &facts::Place::file("baseline.json"));
    assert!(report.findings.is_empty() && report.suppressed.len() == 1);
}

#[test]
fn a_fleet_file_says_what_is_wanted() {
    let fleet = "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {name: x}\nspec:\n  hub: {argocd: {version: '2.12'}}\n  features: {exec: true}\n";
    assert_found(
        "fleet.yaml",
        fleet,
        &["vulnerable-version fleet.yaml:5:27", "exec-enabled fleet.yaml:6:20"],
    );
    assert_found("fleet.yaml", &fleet.replace("2.12", "3.1").replace("true", "false"), &[]);
}
