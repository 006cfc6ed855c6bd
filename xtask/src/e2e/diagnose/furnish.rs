//! What is on the servers when everything works. It is made anew before each way of breaking it.

use std::fs;

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::scene::{CONTROLLER, HUB, REGION, SPOKE, Scene};
use crate::e2e::{
    argocd,
    enough::case::documents,
    tokens::{
        cluster::Arn,
        irsa,
        scene::{create_role, policy},
    },
};

pub(super) const POD_ROLE: &str = "arn:aws:iam::222233334444:role/argocd";
pub(super) const SERVER_ROLE: &str = "arn:aws:iam::222233334444:role/argocd-server";
pub(super) const DEPLOYER: &str = "arn:aws:iam::555566667777:role/argocd-deployer";
pub(super) const GROUP: &str = "oarlock:argocd";
pub(super) const SECRET: &str = "spoke";

const ASSUME: [&str; 2] = ["sts:AssumeRole", "sts:TagSession"];

/// Of the pods' roles, in the hub's account.
pub(super) const POLICY: &str = "assume";

/// The name in a role's ARN.
pub(super) fn name(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or_default()
}

fn trust_of_pods() -> Value {
    policy(
        &json!({ "Effect": "Allow", "Principal": { "Service": "pods.eks.amazonaws.com" }, "Action": ASSUME }),
    )
}

pub(super) fn trust_of_deployer() -> Value {
    policy(&json!({ "Effect": "Allow", "Principal": { "AWS": [POD_ROLE, SERVER_ROLE] }, "Action": ASSUME }))
}

/// What the pods' roles may.
pub(super) fn may_assume() -> Value {
    policy(&json!({ "Effect": "Allow", "Action": ASSUME, "Resource": DEPLOYER }))
}

impl Scene<'_> {
    pub(super) fn make_roles(&self) -> Result<()> {
        let (hub, spoke) = (Arn::parse(HUB)?.account, Arn::parse(SPOKE)?.account);
        create_role(self.aws, &hub, name(POD_ROLE), &trust_of_pods())?;
        create_role(self.aws, &hub, name(SERVER_ROLE), &irsa::trust("argocd-server"))?;
        create_role(self.aws, &spoke, name(DEPLOYER), &trust_of_deployer())
    }

    /// Puts everything into the state in which it works.
    pub(super) fn furnish(&self) -> Result<()> {
        self.region.set(REGION);
        self.disband().context("no organisation")?;
        self.furnish_iam().context("IAM")?;
        self.furnish_eks().context("EKS")?;
        self.furnish_spoke().context("the spoke")?;
        self.furnish_hub().context("the hub")
    }

    fn furnish_iam(&self) -> Result<()> {
        self.trust(HUB, POD_ROLE, &trust_of_pods())?;
        self.trust(HUB, SERVER_ROLE, &irsa::trust("argocd-server"))?;
        self.trust(SPOKE, DEPLOYER, &trust_of_deployer())?;
        for role in [POD_ROLE, SERVER_ROLE] {
            let which = json!({ "RoleName": name(role) });
            let listed = self.call(HUB, ("iam", "ListRolePolicies"), which.clone())?;
            for own in texts(&listed, "/PolicyNames") {
                self.call(
                    HUB,
                    ("iam", "DeleteRolePolicy"),
                    json!({ "RoleName": name(role), "PolicyName": own }),
                )?;
            }
            self.allow(role, POLICY, &may_assume())?;
            let described = self.call(HUB, ("iam", "GetRole"), which.clone())?;
            if described.pointer("/Role/PermissionsBoundary").is_some() {
                self.call(HUB, ("iam", "DeleteRolePermissionsBoundary"), which)?;
            }
        }
        let listed = self.call(HUB, ("iam", "ListOpenIDConnectProviders"), json!({}))?;
        if listed.to_string().contains(&provider()) {
            let own = json!({ "OpenIDConnectProviderArn": provider() });
            self.call(HUB, ("iam", "DeleteOpenIDConnectProvider"), own)?;
        }
        let made =
            json!({ "Url": format!("https://{}", irsa::ISSUER), "ClientIDList": ["sts.amazonaws.com"] });
        self.call(HUB, ("iam", "CreateOpenIDConnectProvider"), made).map(drop)
    }

    fn furnish_eks(&self) -> Result<()> {
        self.dissociate()?;
        self.associate(CONTROLLER)?;
        let listed = self.call(SPOKE, ("eks", "ListAccessEntries"), json!({ "clusterName": "spoke" }))?;
        for principal in texts(&listed, "/accessEntries") {
            self.entry("DeleteAccessEntry", &principal, json!({}))?;
        }
        self.entry("CreateAccessEntry", DEPLOYER, json!({ "kubernetesGroups": [GROUP] }))
    }

    /// Bindings first: nobody may write a role that gives more than he has, and nobody is asked who goes.
    fn furnish_spoke(&self) -> Result<()> {
        let spoke = self.on_spoke();
        for namespace in ["payments", "orders"] {
            let all = "rolebindings,roles,configmaps";
            if !spoke.get("namespace", None, &[namespace])?.is_empty() {
                spoke.run(&["delete", all, "--all", "--namespace", namespace])?;
            }
        }
        for kind in ["clusterrolebinding", "clusterrole"] {
            for object in spoke.list(kind, "")? {
                let own = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                if own.starts_with("argocd") {
                    spoke.run(&["delete", kind, own])?;
                }
            }
        }
        spoke.apply("somebody", &self.fixture("spoke.yaml")?)
    }

    fn furnish_hub(&self) -> Result<()> {
        // What somebody else has added goes only with the object.
        let stale = [
            "serviceaccount/argocd-application-controller",
            "serviceaccount/argocd-server",
            "configmap/argocd-cm",
            "appproject/payments",
            "application/payments",
            "secret/spoke",
        ];
        let hub = self.on_hub();
        hub.run(&[&["delete", "--ignore-not-found", "-n", argocd::NAMESPACE], &stale[..]].concat())?;
        let mut objects = self.fixture("hub.yaml")?;
        objects.push(self.secret("spoke", &self.config()?));
        hub.apply("people", &objects)
    }

    /// The objects of a file of `tests/e2e/diagnose`.
    pub(super) fn fixture(&self, file: &str) -> Result<Vec<Value>> {
        let path = self.ground.workspace.root.join("tests/e2e/diagnose").join(file);
        documents(&fs::read_to_string(&path).with_context(|| path.display().to_string())?)
    }

    /// `config` of the cluster Secret.
    pub(super) fn config(&self) -> Result<Value> {
        let authority = STANDARD.encode(fs::read(&self.spoke.api().ca)?);
        Ok(json!({
            "awsAuthConfig": { "clusterName": "spoke", "roleARN": DEPLOYER },
            "tlsClientConfig": { "insecure": false, "caData": authority },
        }))
    }

    pub(super) fn secret(&self, cluster: &str, config: &Value) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {
                "name": SECRET, "namespace": argocd::NAMESPACE, "labels": { "argocd.argoproj.io/secret-type": "cluster" },
            },
            "stringData": { "name": cluster, "server": self.spoke.api().url, "config": config.to_string() },
        })
    }

    /// Makes a role's trust policy another.
    pub(super) fn trust(&self, of: &str, role: &str, document: &Value) -> Result<()> {
        let parameters = json!({ "RoleName": name(role), "PolicyDocument": document.to_string() });
        self.call(of, ("iam", "UpdateAssumeRolePolicy"), parameters).map(drop)
    }

    /// Makes a policy of a role in the hub's account another.
    pub(super) fn allow(&self, role: &str, policy: &str, document: &Value) -> Result<()> {
        let parameters =
            json!({ "RoleName": name(role), "PolicyName": policy, "PolicyDocument": document.to_string() });
        self.call(HUB, ("iam", "PutRolePolicy"), parameters).map(drop)
    }

    /// Calls EKS about an access entry on the spoke.
    pub(super) fn entry(&self, operation: &str, principal: &str, more: Value) -> Result<()> {
        let mut parameters = json!({ "clusterName": "spoke", "principalArn": principal });
        if let (Some(parameters), Value::Object(more)) = (parameters.as_object_mut(), more) {
            parameters.extend(more);
        }
        self.call(SPOKE, ("eks", operation), parameters).map(drop)
    }

    /// Associates the pods' role with a service account of Argo CD's.
    pub(super) fn associate(&self, account: &str) -> Result<()> {
        let parameters = json!({
            "clusterName": "hub", "namespace": argocd::NAMESPACE, "serviceAccount": account, "roleArn": POD_ROLE,
        });
        self.call(HUB, ("eks", "CreatePodIdentityAssociation"), parameters).map(drop)
    }

    /// Deletes all associations.
    pub(super) fn dissociate(&self) -> Result<()> {
        let listed =
            self.call(HUB, ("eks", "ListPodIdentityAssociations"), json!({ "clusterName": "hub" }))?;
        let all = listed.get("associations").and_then(Value::as_array).into_iter().flatten();
        for id in all.filter_map(|own| own.get("associationId")) {
            let which = json!({ "clusterName": "hub", "associationId": id });
            self.call(HUB, ("eks", "DeletePodIdentityAssociation"), which)?;
        }
        Ok(())
    }
}

/// The ARN of the OIDC provider of the hub's issuer.
pub(super) fn provider() -> String {
    format!("arn:aws:iam::222233334444:oidc-provider/{}", irsa::ISSUER)
}

fn texts(value: &Value, pointer: &str) -> Vec<String> {
    let all = value.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}
