//! Somebody who has exactly what Oarlock prints that a verb takes: a user who may assume a role in each account, and the role's group on
//! each cluster.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    enough::case::documents,
    faults,
    kubectl::Kubectl,
    tokens::{
        aws::{Aws, Credentials},
        cluster::{Arn, Cluster},
        scene::{create_role, policy},
    },
};

/// A verb, by the name that its roles, its sessions and its group go by.
pub(super) struct Permitted<'a> {
    pub(super) aws: &'a Aws,
    /// `collect` or `apply`.
    pub(super) verb: &'static str,
    /// The user, in the hub's account.
    pub(super) user: &'static str,
    /// What `--print-permissions WHICH` prints.
    pub(super) printed: &'a dyn Fn(&str) -> Result<String>,
}

impl Permitted<'_> {
    /// The role that is assumed in each account.
    fn role(&self) -> String {
        format!("oarlock-{}", self.verb)
    }

    /// Makes the user and the roles; the user's key. Nobody may do anything on a cluster yet.
    pub(super) fn in_accounts(&self, hub: &str, accounts: &BTreeSet<String>) -> Result<Credentials> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Created {
            access_key: Credentials,
        }
        let root = Credentials::of_root(hub);
        let call = |operation, parameters| self.aws.call(&root, "us-east-1", ("iam", operation), &parameters);
        call("CreateUser", json!({ "UserName": self.user }))?;
        let document = (self.printed)("iam")?;
        call(
            "PutUserPolicy",
            json!({ "UserName": self.user, "PolicyName": self.verb, "PolicyDocument": document }),
        )?;
        let created = Created::deserialize(call("CreateAccessKey", json!({ "UserName": self.user }))?)?;
        let trust = policy(&json!({
            "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{hub}:user/{}", self.user) },
            "Action": "sts:AssumeRole",
        }));
        let document = (self.printed)("iam-role")?;
        for account in accounts {
            create_role(self.aws, account, &self.role(), &trust)?;
            let parameters =
                json!({ "RoleName": self.role(), "PolicyName": self.verb, "PolicyDocument": document });
            let root = Credentials::of_root(account);
            self.aws.call(&root, "us-east-1", ("iam", "PutRolePolicy"), &parameters)?;
        }
        Ok(created.access_key)
    }

    /// Makes the RBAC objects and the access entry on a cluster, and waits until the cluster has heard of it, by a token of Argo CD's own
    /// making. The objects, too.
    pub(super) fn on_cluster(
        &self,
        credentials: &Credentials,
        cluster: &Cluster<'_>,
        arn: &str,
        is_hub: bool,
    ) -> Result<Vec<Value>> {
        let mut objects = documents(&(self.printed)("kubernetes")?)?;
        if is_hub {
            objects.extend(documents(&(self.printed)("kubernetes-hub")?)?);
        }
        Kubectl::new(&self.aws.kubectl, &cluster.api().kubeconfig).apply("somebody", &objects)?;
        let arn = Arn::parse(arn)?;
        let role = format!("arn:aws:iam::{}:role/{}", arn.account, self.role());
        let parameters = json!({
            "clusterName": arn.name, "principalArn": role, "kubernetesGroups": [format!("oarlock:{}", self.verb)],
        });
        let root = Credentials::of_root(&arn.account);
        self.aws.call(&root, &arn.region, ("eks", "CreateAccessEntry"), &parameters)?;
        let token = self.aws.token(&credentials.variables(), &arn.region, &arn.name, Some(&role))?;
        cluster.user_soon(&token, |_| true)?;
        Ok(objects)
    }
}

/// All actions that printed policies allow; asking who one is takes none.
pub(super) fn actions(policies: &[String]) -> Result<BTreeSet<String>> {
    let mut printed = BTreeSet::from(["sts:GetCallerIdentity".to_owned()]);
    for text in policies {
        let document: Value = serde_json::from_str(text)?;
        let statements = document.get("Statement").and_then(Value::as_array).context("a policy")?;
        for statement in statements {
            let actions = statement.get("Action").and_then(Value::as_array).into_iter().flatten();
            printed.extend(actions.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    Ok(printed)
}

/// The calls of whoever isn't an account's root user, from one line of the recording on: root's are the scene's own.
pub(super) fn called(aws: &Aws, from: usize) -> Result<BTreeSet<String>> {
    let mut calls = BTreeSet::new();
    for call in faults::calls(&aws.environment.server.recording)?.iter().skip(from) {
        let field = |name| call.get(name).and_then(Value::as_str).unwrap_or_default();
        if !field("accessKey").bytes().all(|byte| byte.is_ascii_digit()) {
            calls.insert(format!("{}:{}", field("service"), field("action")));
        }
    }
    Ok(calls)
}
