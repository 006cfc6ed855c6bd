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
pub(super) const EMULATED: &str =
    "EKS Pod Identity assuming a role (an IAM user in the service's place, with its session tags)";

const SERVICE: &str = "pods.eks.amazonaws.com";

/// Stands in for Pod Identity in one account.
pub(super) struct PodIdentity<'a> {
    aws: &'a Aws,
    account: String,
    user: String,
    key: Credentials,
}

/// Whose pods they are.
#[derive(Clone, Debug)]
pub(super) struct ServiceAccount<'a> {
    pub(super) cluster: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
}

impl<'a> PodIdentity<'a> {
    pub(super) fn start(aws: &'a Aws, account: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Created {
            access_key: Credentials,
        }
        let root = Credentials::of_root(account);
        let call = |arguments: &[&str]| aws.call(&root, "us-east-1", arguments);
        call(&["iam", "create-user", "--user-name", "pod-identity"])?;
        let created = call(&["iam", "create-access-key", "--user-name", "pod-identity"])?;
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*" },
        ] });
        call(&[
            "iam",
            "put-user-policy",
            "--user-name",
            "pod-identity",
            "--policy-name",
            "assume",
            "--policy-document",
            &policy.to_string(),
        ])?;
        let user = format!("arn:aws:iam::{account}:user/pod-identity");
        Ok(Self { aws, account: account.to_owned(), user, key: Created::deserialize(created)?.access_key })
    }

    /// Takes the service's place in a role's trust policy.
    pub(super) fn stand_in(&self, role: &str, trust: &Value) -> Result<()> {
        let service = json!({ "Service": SERVICE }).to_string();
        let trust = trust.to_string().replace(&service, &json!({ "AWS": self.user }).to_string());
        let name = role.rsplit('/').next().unwrap_or_default();
        let arguments =
            ["iam", "update-assume-role-policy", "--role-name", name, "--policy-document", &trust];
        self.aws.call(&Credentials::of_root(&self.account), "us-east-1", &arguments).map(drop)
    }

    /// What a pod gets.
    pub(super) fn credentials(&self, role: &str, pod: &ServiceAccount<'_>) -> Result<Credentials> {
        let (region, arguments) = request(role, pod)?;
        let mut answer = self.aws.call(&self.key, &region, &words(&arguments))?;
        let credentials = answer.get_mut("Credentials").map(Value::take).context("no credentials")?;
        Ok(Credentials::deserialize(credentials)?)
    }

    /// Requires that these pods get nothing by the role.
    pub(super) fn refuses(&self, role: &str, pod: &ServiceAccount<'_>) -> Result<()> {
        let (region, arguments) = request(role, pod)?;
        self.aws.refused(&self.key, &region, &words(&arguments), "AccessDenied")
    }
}

fn request(role: &str, pod: &ServiceAccount<'_>) -> Result<(String, Vec<String>)> {
    let cluster = Arn::parse(pod.cluster)?;
    let pod_name = format!("{}-0", pod.name);
    let tags = [
        ("eks-cluster-arn", pod.cluster),
        ("eks-cluster-name", &cluster.name),
        ("kubernetes-namespace", pod.namespace),
        ("kubernetes-service-account", pod.name),
        ("kubernetes-pod-name", &pod_name),
        ("kubernetes-pod-uid", "c1b4f3d2-7a55-4b7e-8c39-3f0f6e0b6a11"),
    ];
    let values: Vec<_> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let session = format!("eks-{}-{pod_name}", cluster.name);
    let mut arguments: Vec<_> =
        ["sts", "assume-role", "--role-arn", role, "--role-session-name", &session].map(str::to_owned).into();
    arguments.extend([
        "--tags".to_owned(),
        Value::from(values).to_string(),
        "--transitive-tag-keys".to_owned(),
    ]);
    arguments.extend(tags.map(|(key, _)| key.to_owned()));
    Ok((cluster.region, arguments))
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}
