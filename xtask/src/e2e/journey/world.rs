//! What is asked and changed without Oarlock: AWS and both clusters.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::e2e::{
    kubectl::Kubectl,
    tokens::{
        aws::{Aws, Credentials},
        cluster::Arn,
    },
};

pub(super) const HUB: &str = "arn:aws:eks:eu-central-1:123456789012:cluster/platform";
pub(super) const SPOKE: &str = "arn:aws:eks:eu-central-1:444455556666:cluster/orders";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/ArgoCDCapabilityRole";
const ROLE_NAME: &str = "ArgoCDCapabilityRole";
pub(super) const ADMIN: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

/// Whom several threads may ask.
pub(super) struct World {
    pub(super) aws: Aws,
    pub(super) kubectls: [(&'static str, Kubectl); 2],
}

impl World {
    pub(super) fn clusters(&self) -> [&'static str; 2] {
        [HUB, SPOKE]
    }

    pub(super) fn kubectl(&self, arn: &str) -> Result<&Kubectl> {
        let own = self.kubectls.iter().find(|(own, _)| *own == arn);
        own.map(|(_, kubectl)| kubectl).with_context(|| format!("no server is {arn}"))
    }

    /// Calls EKS about the role's access entry on a cluster.
    pub(super) fn entry<const N: usize>(
        &self,
        operation: &str,
        arn: &str,
        more: [(&str, Value); N],
    ) -> Result<Value> {
        let arn = Arn::parse(arn)?;
        let which = [("clusterName", json!(arn.name)), ("principalArn", json!(ROLE))];
        let parameters =
            which.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect();
        let root = Credentials::of_root(&arn.account);
        self.aws.call(&root, &arn.region, ("eks", operation), &Value::Object(parameters))
    }

    /// Calls IAM about the role.
    pub(super) fn role<const N: usize>(&self, operation: &str, more: [(&str, Value); N]) -> Result<Value> {
        let which = [("RoleName", json!(ROLE_NAME))];
        let parameters =
            which.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect();
        let arn = Arn::parse(HUB)?;
        let root = Credentials::of_root(&arn.account);
        self.aws.call(&root, &arn.region, ("iam", operation), &Value::Object(parameters))
    }

    /// A cluster's authentication mode.
    pub(super) fn mode(&self, arn: &str) -> Result<String> {
        let arn = Arn::parse(arn)?;
        let root = Credentials::of_root(&arn.account);
        let described =
            self.aws.call(&root, &arn.region, ("eks", "DescribeCluster"), &json!({ "name": arn.name }))?;
        let mode = described.pointer("/cluster/accessConfig/authenticationMode").and_then(Value::as_str);
        Ok(mode.context("a cluster without authentication mode")?.to_owned())
    }

    /// Whether the role has an access entry that counts.
    pub(super) fn has_entry(&self, arn: &str) -> Result<bool> {
        if self.mode(arn)? == "CONFIG_MAP" {
            return Ok(false);
        }
        let own = Arn::parse(arn)?;
        let root = Credentials::of_root(&own.account);
        let which = json!({ "clusterName": own.name });
        let listed = self.aws.call(&root, &own.region, ("eks", "ListAccessEntries"), &which)?;
        let entries = listed.get("accessEntries").and_then(Value::as_array);
        Ok(entries.into_iter().flatten().any(|principal| principal == ROLE))
    }

    /// `mapRoles` of a cluster's aws-auth.
    pub(super) fn aws_auth(&self, arn: &str) -> Result<String> {
        let maps = self.kubectl(arn)?.get("configmap", Some("kube-system"), &["aws-auth"])?;
        let text = maps.first().and_then(|map| map.pointer("/data/mapRoles")?.as_str());
        Ok(text.unwrap_or_default().to_owned())
    }

    pub(super) fn is_admin(&self, arn: &str) -> Result<bool> {
        let listed = self.entry("ListAssociatedAccessPolicies", arn, [])?;
        let policies = listed.get("associatedAccessPolicies").and_then(Value::as_array);
        Ok(policies.into_iter().flatten().any(|policy| policy.get("policyArn") == Some(&json!(ADMIN))))
    }

    /// On how many clusters it still is.
    pub(super) fn admins(&self) -> Result<usize> {
        let is: Vec<bool> = self.clusters().iter().map(|arn| self.is_admin(arn)).collect::<Result<_>>()?;
        Ok(is.into_iter().filter(|is| *is).count())
    }
}
