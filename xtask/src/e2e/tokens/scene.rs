//! What the cases stand on: a hub's role, and a cluster in another account that lets in whom an access entry names.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    aws::{Aws, Credentials, Variables},
    cluster::{Arn, Cluster, User, soon},
    pods::{PodIdentity, ServiceAccount},
};
use crate::e2e::suite::Ground;

pub(super) const HUB: &str = "222233334444";
pub(super) const HUB_CLUSTER: &str = "arn:aws:eks:eu-west-1:222233334444:cluster/hub";
pub(super) const HUB_ROLE: &str = "arn:aws:iam::222233334444:role/argocd";

pub(super) const SPOKE: &str = "555566667777";
pub(super) const SPOKE_CLUSTER: &str = "arn:aws:eks:eu-west-1:555566667777:cluster/spoke";

/// A pod of Argo CD's on the hub, the accounts, and the cluster that it goes to.
pub(super) struct Scene<'a> {
    pub(super) aws: &'a Aws,
    pub(super) cluster: Cluster<'a>,
    pub(super) pods: PodIdentity<'a>,
    /// Of Argo CD's pods.
    pub(super) hub: Credentials,
    /// A role with an access entry of GROUPS.
    pub(super) regular: String,
    /// For files that pods read.
    pub(super) folder: PathBuf,
    arn: Arn,
}

/// Those of the access entry that the cases leave alone.
pub(super) const GROUPS: [&str; 2] = ["oarlock:argocd", "readers"];

impl<'a> Scene<'a> {
    pub(super) fn set(ground: &Ground<'_>, aws: &'a Aws) -> Result<Self> {
        let arn = Arn::parse(SPOKE_CLUSTER)?;
        create_cluster(aws, &arn)?;
        let pods = PodIdentity::start(aws, HUB)?;
        let trust = trust_of_pods();
        create_role(aws, HUB, "argocd", &trust)?;
        pods.stand_in(HUB_ROLE, &trust)?;
        let policy = policy(&json!({
            "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Resource": format!("arn:aws:iam::{SPOKE}:role/argocd-*"),
        }));
        let policy =
            json!({ "RoleName": "argocd", "PolicyName": "assume", "PolicyDocument": policy.to_string() });
        aws.call(&Credentials::of_root(HUB), &arn.region, ("iam", "PutRolePolicy"), &policy)?;
        let hub = pods.credentials(HUB_ROLE, &controller())?;
        let cluster = Cluster::start(ground, aws, &arn)?;
        let mut scene =
            Self { aws, cluster, pods, hub, regular: String::new(), folder: ground.folder.clone(), arn };
        scene.regular = scene.role_with_entry("argocd-regular", &GROUPS)?;
        Ok(scene)
    }

    /// A role in the spoke's account that trusts the hub's; its ARN.
    pub(super) fn role(&self, name: &str) -> Result<String> {
        self.role_that_trusts(name, HUB_ROLE)
    }

    pub(super) fn role_that_trusts(&self, name: &str, principal: &str) -> Result<String> {
        let trust = policy(&json!({
            "Effect": "Allow", "Principal": { "AWS": principal }, "Action": ["sts:AssumeRole", "sts:TagSession"],
        }));
        create_role(self.aws, SPOKE, name, &trust)?;
        Ok(format!("arn:aws:iam::{SPOKE}:role/{name}"))
    }

    /// A role with an access entry of these groups.
    pub(super) fn role_with_entry(&self, name: &str, groups: &[&str]) -> Result<String> {
        let role = self.role(name)?;
        self.entry("CreateAccessEntry", &role, [("kubernetesGroups", json!(groups))])?;
        Ok(role)
    }

    /// Calls EKS about the access entry of a principal on the spoke.
    pub(super) fn entry<const N: usize>(
        &self,
        operation: &str,
        principal: &str,
        more: [(&str, Value); N],
    ) -> Result<()> {
        let which = [("clusterName", json!(self.arn.name)), ("principalArn", json!(principal))];
        let parameters =
            which.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect();
        let root = Credentials::of_root(SPOKE);
        self.aws.call(&root, &self.arn.region, ("eks", operation), &Value::Object(parameters)).map(drop)
    }

    pub(super) fn delete_role(&self, name: &str) -> Result<()> {
        let root = Credentials::of_root(SPOKE);
        let parameters = json!({ "RoleName": name });
        self.aws.call(&root, &self.arn.region, ("iam", "DeleteRole"), &parameters).map(drop)
    }

    /// Requires that Argo CD's pods can't become the role. Argo CD's client would try for a minute.
    pub(super) fn cannot_assume(&self, role: &str) -> Result<()> {
        let parameters = json!({ "RoleArn": role, "RoleSessionName": "argocd" });
        self.aws.denied(&self.hub, &self.arn.region, ("sts", "AssumeRole"), &parameters)
    }

    /// A token that Argo CD makes for the spoke, as a role or as its pods.
    pub(super) fn token(&self, role: Option<&str>) -> Result<String> {
        self.token_for(&self.arn.name, role)
    }

    pub(super) fn token_for(&self, cluster: &str, role: Option<&str>) -> Result<String> {
        self.aws.token(&self.hub.variables(), &self.arn.region, cluster, role)
    }

    /// A token for the spoke that somebody else makes than Argo CD's pods.
    pub(super) fn token_of(&self, who: &Variables, role: Option<&str>) -> Result<String> {
        self.aws.token(who, &self.arn.region, &self.arn.name, role)
    }

    /// A token of a role whose access entry EKS has heard of.
    pub(super) fn known(&self, role: &str) -> Result<(String, User)> {
        let token = self.token(Some(role))?;
        let user = self.cluster.user_soon(&token, |_| true)?;
        Ok((token, user))
    }
}

/// Argo CD's controller on the hub.
pub(super) fn controller() -> ServiceAccount<'static> {
    ServiceAccount { cluster: HUB_CLUSTER, namespace: "argocd", name: "argocd-application-controller" }
}

/// As Oarlock renders it.
fn trust_of_pods() -> Value {
    policy(&json!({
        "Effect": "Allow", "Principal": { "Service": "pods.eks.amazonaws.com" },
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": { "StringEquals": {
            "aws:RequestTag/eks-cluster-arn": HUB_CLUSTER,
            "aws:RequestTag/kubernetes-namespace": controller().namespace,
            "aws:RequestTag/kubernetes-service-account": controller().name,
        } },
    }))
}

pub(in crate::e2e) fn policy(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

pub(in crate::e2e) fn create_role(aws: &Aws, account: &str, name: &str, trust: &Value) -> Result<()> {
    let parameters = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    aws.call(&Credentials::of_root(account), "us-east-1", ("iam", "CreateRole"), &parameters).map(drop)
}

/// A cluster that takes access entries, with the role that it needs itself.
pub(in crate::e2e) fn create_cluster(aws: &Aws, arn: &Arn) -> Result<()> {
    let role = format!("eks-{}-{}", arn.region, arn.name);
    let trust = policy(&json!({
        "Effect": "Allow", "Principal": { "Service": "eks.amazonaws.com" }, "Action": "sts:AssumeRole",
    }));
    create_role(aws, &arn.account, &role, &trust)?;
    let root = Credentials::of_root(&arn.account);
    let call = |operation, parameters| aws.call(&root, &arn.region, ("eks", operation), &parameters);
    call(
        "CreateCluster",
        json!({
            "name": arn.name,
            "roleArn": format!("arn:aws:iam::{}:role/{role}", arn.account),
            "resourcesVpcConfig": { "subnetIds": ["subnet-0a1b2c3d"] },
            "accessConfig": { "authenticationMode": "API_AND_CONFIG_MAP" },
        }),
    )?;
    soon(|| {
        let cluster = call("DescribeCluster", json!({ "name": arn.name }))?;
        Ok(cluster.pointer("/cluster/status").is_some_and(|status| status == "ACTIVE").then_some(()))
    })
    .with_context(|| format!("the cluster {} doesn't become active", arn.name))
}
