//! Credentials for Argo CD's pods, as EKS Pod Identity gives them.
//!
//! No AWS API server plays that service: an IAM user takes its place in the role's trust policy, with the policy's own conditions,
//! and assumes the role with the session tags that EKS gives (EKS User Guide, "Grant Pods access to AWS resources based on
//! tags").

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    aws::{Aws, Credentials},
    cluster::Arn,
};

/// What isn't AWS's own here.
pub(in crate::e2e) const EMULATED: &str =
    "EKS Pod Identity assuming a role (an IAM user in the service's place, with its session tags)";

const SERVICE: &str = "pods.eks.amazonaws.com";

const USER: &str = "pod-identity";

/// Stands in for Pod Identity in one account.
pub(in crate::e2e) struct PodIdentity<'a> {
    aws: &'a Aws,
    account: String,
    key: Credentials,
}

/// Whose pods they are.
#[derive(Clone, Debug)]
pub(in crate::e2e) struct ServiceAccount<'a> {
    pub(in crate::e2e) cluster: &'a str,
    pub(in crate::e2e) namespace: &'a str,
    pub(in crate::e2e) name: &'a str,
}

impl<'a> PodIdentity<'a> {
    pub(in crate::e2e) fn start(aws: &'a Aws, account: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Created {
            access_key: Credentials,
        }
        let root = Credentials::of_root(account);
        let call = |operation, parameters| aws.call(&root, "us-east-1", ("iam", operation), &parameters);
        call("CreateUser", json!({ "UserName": USER }))?;
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*" },
        ] });
        let policy =
            json!({ "UserName": USER, "PolicyName": "assume", "PolicyDocument": policy.to_string() });
        call("PutUserPolicy", policy)?;
        let created = Created::deserialize(call("CreateAccessKey", json!({ "UserName": USER }))?)?;
        Ok(Self { aws, account: account.to_owned(), key: created.access_key })
    }

    /// Takes the service's place in a role's trust policy.
    pub(in crate::e2e) fn stand_in(&self, role: &str, trust: &Value) -> Result<()> {
        let service = json!({ "Service": SERVICE }).to_string();
        let user = json!({ "AWS": format!("arn:aws:iam::{}:user/{USER}", self.account) }).to_string();
        let trust = trust.to_string().replace(&service, &user);
        let name = role.rsplit('/').next().unwrap_or_default();
        let parameters = json!({ "RoleName": name, "PolicyDocument": trust });
        let root = Credentials::of_root(&self.account);
        self.aws.call(&root, "us-east-1", ("iam", "UpdateAssumeRolePolicy"), &parameters).map(drop)
    }

    /// The role of a service account's association, if it has one.
    pub(in crate::e2e) fn given_role(&self, pod: &ServiceAccount<'_>) -> Result<Option<String>> {
        let arn = Arn::parse(pod.cluster)?;
        let root = Credentials::of_root(&self.account);
        let call = |operation, parameters| self.aws.call(&root, &arn.region, ("eks", operation), &parameters);
        let which =
            json!({ "clusterName": arn.name, "namespace": pod.namespace, "serviceAccount": pod.name });
        let listed = call("ListPodIdentityAssociations", which)?;
        let Some(id) = listed.pointer("/associations/0/associationId") else { return Ok(None) };
        let described =
            call("DescribePodIdentityAssociation", json!({ "clusterName": arn.name, "associationId": id }))?;
        let role = described.pointer("/association/roleArn").and_then(Value::as_str);
        Ok(Some(role.context("an association without role")?.to_owned()))
    }

    /// What a pod gets, where the role's trust policy has to stay as it is: the service's place in it is taken for a moment.
    pub(in crate::e2e) fn credentials_by_trust(
        &self,
        role: &str,
        pod: &ServiceAccount<'_>,
    ) -> Result<Credentials> {
        let root = Credentials::of_root(&self.account);
        let call = |operation, parameters| self.aws.call(&root, "us-east-1", ("iam", operation), &parameters);
        let name = role.rsplit('/').next().unwrap_or_default();
        let described = call("GetRole", json!({ "RoleName": name }))?;
        let trust =
            described.pointer("/Role/AssumeRolePolicyDocument").context("a role without trust policy")?;
        self.stand_in(role, trust)?;
        let credentials = self.credentials(role, pod);
        call("UpdateAssumeRolePolicy", json!({ "RoleName": name, "PolicyDocument": trust.to_string() }))?;
        credentials
    }

    /// What a pod gets.
    pub(in crate::e2e) fn credentials(&self, role: &str, pod: &ServiceAccount<'_>) -> Result<Credentials> {
        let parameters = request(role, pod)?;
        let mut answer = self.aws.call(&self.key, "us-east-1", ("sts", "AssumeRole"), &parameters)?;
        let credentials = answer.get_mut("Credentials").map(Value::take).context("no credentials")?;
        Ok(Credentials::deserialize(credentials)?)
    }

    /// For the AWS CLI: the key that a pod's credentials are asked for with, and what is asked.
    pub(in crate::e2e) fn request(
        &self,
        role: &str,
        pod: &ServiceAccount<'_>,
    ) -> Result<(&Credentials, Value)> {
        Ok((&self.key, request(role, pod)?))
    }

    /// Requires that these pods get nothing by the role.
    pub(in crate::e2e) fn refuses(&self, role: &str, pod: &ServiceAccount<'_>) -> Result<()> {
        let parameters = request(role, pod)?;
        self.aws.denied(&self.key, "us-east-1", ("sts", "AssumeRole"), &parameters)
    }
}

fn request(role: &str, pod: &ServiceAccount<'_>) -> Result<Value> {
    let cluster = Arn::parse(pod.cluster)?.name;
    let pod_name = format!("{}-0", pod.name);
    let tags = [
        ("eks-cluster-arn", pod.cluster),
        ("eks-cluster-name", &cluster),
        ("kubernetes-namespace", pod.namespace),
        ("kubernetes-service-account", pod.name),
        ("kubernetes-pod-name", &pod_name),
        ("kubernetes-pod-uid", "c1b4f3d2-7a55-4b7e-8c39-3f0f6e0b6a11"),
    ];
    Ok(json!({
        "RoleArn": role,
        "RoleSessionName": format!("eks-{cluster}-{pod_name}"),
        "Tags": tags.map(|(key, value)| json!({ "Key": key, "Value": value })),
        "TransitiveTagKeys": tags.map(|(key, _)| key),
    }))
}
