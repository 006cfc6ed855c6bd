//! The way that Argo CD's pods go at this moment: by the role that Pod Identity gives them and the one that the cluster Secret names, with a
//! token of Argo CD's own making.

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::scene::{CONTROLLER, HUB, OLD_DEPLOYER, OLD_ROLE, SECRET, SPOKE, Scene};
use crate::e2e::{
    argocd,
    tokens::{
        aws::{Credentials, Variables},
        cluster::Arn,
        pods::{self, ServiceAccount},
    },
};

pub(super) const EMULATED: &str = pods::EMULATED;

const POD: ServiceAccount<'_> =
    ServiceAccount { cluster: HUB, namespace: argocd::NAMESPACE, name: CONTROLLER };

/// What a sync of the Application does.
const NEEDED: [&str; 4] = ["create", "configmaps", "--namespace", "payments"];
/// What an administrator may.
const BEYOND: [&str; 4] = ["create", "secrets", "--namespace", "kube-system"];

impl Scene<'_> {
    /// Requires that pods get through which run now, and those that start now.
    pub(super) fn gets_through(&self) -> Result<()> {
        let given = self.given_role()?;
        let mut roles = vec![given.clone()];
        if !self.is_restarted()? && given != OLD_ROLE {
            roles.push(OLD_ROLE.to_owned());
        }
        for role in roles {
            let token = self.token(&role)?;
            self.spoke
                .may_soon(&token, &NEEDED)
                .with_context(|| format!("pods with {role} are locked out"))?;
        }
        Ok(())
    }

    /// What was to come about: the way is there, nothing but the way, and what was there before isn't.
    pub(super) fn is_as_planned(&self) -> Result<()> {
        self.gets_through()?;
        let given = self.given_role()?;
        ensure!(given != OLD_ROLE && self.is_restarted()?, "the pods still have {given}");
        let token = self.token(&given)?;
        ensure!(!self.spoke.may(&token, &BEYOND)?, "Argo CD may still {BEYOND:?}");
        for (cluster, role) in [(HUB, OLD_ROLE), (SPOKE, OLD_DEPLOYER)] {
            let root = Credentials::of_root(&Arn::parse(cluster)?.account);
            let there = self.aws.call(&root, "us-east-1", ("iam", "ListRoles"), &json!({}))?;
            let mut roles = there.get("Roles").and_then(Value::as_array).into_iter().flatten();
            ensure!(roles.all(|own| own.get("Arn").is_none_or(|own| own != role)), "{role} is still there");
        }
        let spoke = Arn::parse(SPOKE)?;
        let (root, which) = (Credentials::of_root(&spoke.account), json!({ "clusterName": spoke.name }));
        let listed = self.aws.call(&root, &spoke.region, ("eks", "ListAccessEntries"), &which)?;
        let mut entries = listed.get("accessEntries").and_then(Value::as_array).into_iter().flatten();
        ensure!(entries.all(|own| own != OLD_DEPLOYER), "{OLD_DEPLOYER} still has an access entry");
        Ok(())
    }

    /// Whether the cluster Secret names another role than before, and the controller's pods still get the one of before.
    pub(super) fn is_between(&self) -> Result<bool> {
        let named = self.named_role()?.context("a Secret that names no role")?;
        Ok(named != OLD_DEPLOYER && self.given_role()? == OLD_ROLE)
    }

    /// The role that Pod Identity gives the controller's pods.
    fn given_role(&self) -> Result<String> {
        self.pods.given_role(&POD)?.context("no association")
    }

    fn is_restarted(&self) -> Result<bool> {
        let controller = self.hub_kubectl().get("statefulset", Some(argocd::NAMESPACE), &[CONTROLLER])?;
        let annotations =
            controller.first().and_then(|own| own.pointer("/spec/template/metadata/annotations"));
        Ok(annotations.is_some_and(|own| own.get("kubectl.kubernetes.io/restartedAt").is_some()))
    }

    /// What the controller's pods that start now have in their environment.
    pub(super) fn controllers_pod(&self) -> Result<Variables> {
        Ok(self.pods.credentials_by_trust(&self.given_role()?, &POD)?.variables())
    }

    /// A token for the spoke of a pod with a role.
    fn token(&self, role: &str) -> Result<String> {
        let credentials = self.pods.credentials_by_trust(role, &POD)?;
        let (hub, spoke) = (Arn::parse(HUB)?, Arn::parse(SPOKE)?);
        let as_spoke = self.named_role()?;
        self.aws.token(&credentials.variables(), &hub.region, &spoke.name, as_spoke.as_deref())
    }

    /// The role that the cluster Secret names.
    fn named_role(&self) -> Result<Option<String>> {
        let secrets = self.hub_kubectl().get("secret", Some(argocd::NAMESPACE), &[SECRET])?;
        let config = secrets.first().and_then(|secret| secret.pointer("/data/config")?.as_str());
        let config: Value =
            serde_json::from_slice(&STANDARD.decode(config.context("a Secret without config")?)?)?;
        Ok(config.pointer("/awsAuthConfig/roleARN").and_then(Value::as_str).map(str::to_owned))
    }
}
