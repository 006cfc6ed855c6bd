//! The accounts: the roles as which Argo CD comes to their clusters, and those of the workloads there.

use std::path::Path;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{
    CLUSTERS_EACH, DATE, HUB_ACCOUNT, HUB_ROLE, NAMESPACES, ROLES_EACH, Size, Spoke, account, write,
};

pub(super) fn generate(folder: &Path, size: Size, roles: impl Fn(Spoke) -> Vec<Value> + Sync) -> Result<()> {
    organization(folder, size)?;
    hub(folder)?;
    (0..size.accounts()).into_par_iter().try_for_each(|number| {
        let spokes = number * CLUSTERS_EACH..((number + 1) * CLUSTERS_EACH).min(size.clusters);
        let roles: Vec<Value> = spokes.clone().flat_map(|spoke| roles(Spoke(spoke))).collect();
        let providers: Vec<Value> = spokes.map(|spoke| provider(Spoke(spoke))).collect();
        let own = folder.join("accounts").join(account(number).to_string());
        details(&own, roles)?;
        write::aws(
            &own,
            "iam-list-open-id-connect-providers",
            &json!({"OpenIDConnectProviderList": providers}),
        )
    })
}

pub(in crate::bench) fn details(folder: &Path, roles: Vec<Value>) -> Result<()> {
    let output =
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []});
    write::aws(folder, "iam-get-account-authorization-details", &output)
}

fn hub(folder: &Path) -> Result<()> {
    let trust = document(json!({"Service": "pods.eks.amazonaws.com"}), &["sts:AssumeRole", "sts:TagSession"]);
    let spokes = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "arn:aws:iam::*:role/argocd-spoke-*"}]});
    let own = folder.join("accounts").join(HUB_ACCOUNT);
    details(&own, vec![role(HUB_ROLE, &trust, &spokes)])?;
    write::aws(&own, "iam-list-open-id-connect-providers", &json!({"OpenIDConnectProviderList": []}))
}

pub(super) fn roles(spoke: Spoke) -> Vec<Value> {
    let mut roles = vec![deployer(spoke)];
    roles.extend((1..ROLES_EACH).map(|number| workload(spoke, number)));
    roles
}

/// The role as which Argo CD comes.
pub(in crate::bench) fn deployer(spoke: Spoke) -> Value {
    let trust = document(json!({"AWS": HUB_ROLE}), &["sts:AssumeRole", "sts:TagSession"]);
    role(&spoke.deployer(), &trust, &allow(&["sts:GetCallerIdentity"]))
}

/// A role that the pods of one namespace get by IRSA.
fn workload(spoke: Spoke, number: usize) -> Value {
    let provider = spoke.issuer().replace("https://", "");
    let subject = format!("system:serviceaccount:team-{:02}:service", number % NAMESPACES);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{}:oidc-provider/{provider}", spoke.account())},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{provider}:aud"): "sts.amazonaws.com", format!("{provider}:sub"): subject}}}]});
    let arn = format!("arn:aws:iam::{}:role/service-{}-{}", spoke.account(), spoke.name(), number);
    role(&arn, &trust, &allow(&["s3:GetObject", "sqs:SendMessage", "dynamodb:Query"]))
}

pub(in crate::bench) fn role(arn: &str, trust: &Value, policy: &Value) -> Value {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase().replace('-', "")), "Arn": arn,
        "CreateDate": DATE, "AssumeRolePolicyDocument": trust, "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": policy}], "AttachedManagedPolicies": [],
        "Tags": [{"Key": "team", "Value": "platform"}], "RoleLastUsed": {}})
}

fn document(principal: Value, actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": actions}]})
}

fn allow(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

fn provider(spoke: Spoke) -> Value {
    let provider = spoke.issuer().replace("https://", "");
    json!({"Arn": format!("arn:aws:iam::{}:oidc-provider/{provider}", spoke.account())})
}

/// All accounts below one root, with AWS's own policy and one that denies regions.
fn organization(folder: &Path, size: Size) -> Result<()> {
    let own = folder.join("organization");
    let management = "999988887777";
    let put = |name: &str, output: Value| write::aws(&own, name, &output);
    put(
        "describe-organization",
        json!({"Organization": {"Id": "o-a1b2c3d4e5", "FeatureSet": "ALL", "MasterAccountId": management}}),
    )?;
    let scp = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]);
    put("list-roots", json!({"Roots": [{"Id": "r-ab12", "Name": "Root", "PolicyTypes": scp}]}))?;
    let accounts = (0..size.accounts()).map(|number| account(number).to_string());
    let accounts: Vec<String> = accounts.chain([HUB_ACCOUNT.to_owned()]).collect();
    for child in &accounts {
        put(&format!("list-parents-{child}"), json!({"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]}))?;
    }
    let regions = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": ["iam:*", "sts:*"],
        "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}]});
    let policies = [("p-FullAWSAccess", allow(&["*"])), ("p-regions01", regions)];
    let summary =
        |id: &str| json!({"Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false});
    let listed: Vec<Value> = policies.iter().map(|(id, _)| summary(id)).collect();
    put("list-policies-SERVICE_CONTROL_POLICY", json!({"Policies": listed}))?;
    for (id, content) in policies {
        let policy = json!({"Policy": {"PolicySummary": summary(id), "Content": content.to_string()}});
        put(&format!("describe-policy-{id}"), policy)?;
        // What nobody allows at some level is denied: AWS's own policy is at every one.
        let below = accounts.iter().filter(|_| id == "p-FullAWSAccess");
        let below = below.map(|account| json!({"TargetId": account, "Name": account, "Type": "ACCOUNT"}));
        let root = json!({"TargetId": "r-ab12", "Name": "Root", "Type": "ROOT"});
        let targets: Vec<Value> = [root].into_iter().chain(below).collect();
        put(&format!("list-targets-for-policy-{id}"), json!({"Targets": targets}))?;
    }
    Ok(())
}
