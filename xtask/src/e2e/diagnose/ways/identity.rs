//! Whom the spoke takes Argo CD for.

use serde_json::json;

use super::super::{
    attempt::Attempt,
    furnish::{DEPLOYER, GROUP, name, trust_of_deployer},
    scene::SPOKE,
    way::{Repair, Way},
};
use crate::e2e::tokens::{cluster::Arn, scene::create_role};

pub(in super::super) const WAYS: &[Way] = &[
    Way {
        name: "the role has no access entry",
        breaks: |scene| scene.entry("DeleteAccessEntry", DEPLOYER, json!({})),
        attempt: Attempt::Sync("settings"),
        signature: "credentials-asked-for",
        hop: "cluster-identity",
        cause: "no access entry",
        repair: Repair::Printed,
    },
    Way {
        name: "the access entry is another role's",
        breaks: |scene| {
            scene.entry("DeleteAccessEntry", DEPLOYER, json!({}))?;
            create_role(scene.aws, &Arn::parse(SPOKE)?.account, "argocd-deployer-2", &trust_of_deployer())?;
            scene.entry("CreateAccessEntry", &format!("{DEPLOYER}-2"), json!({ "kubernetesGroups": [GROUP] }))
        },
        attempt: Attempt::Kubectl(&["get", "configmaps", "--namespace", "payments"]),
        signature: "must-be-logged-in",
        hop: "cluster-identity",
        cause: "no access entry",
        repair: Repair::Printed,
    },
    Way {
        name: "the access entry is of an earlier role of that name",
        breaks: |scene| {
            scene.call(SPOKE, ("iam", "DeleteRole"), json!({ "RoleName": name(DEPLOYER) }))?;
            create_role(scene.aws, &Arn::parse(SPOKE)?.account, name(DEPLOYER), &trust_of_deployer())
        },
        attempt: Attempt::Sync("settings"),
        signature: "credentials-asked-for",
        hop: "cluster-identity",
        cause: "was made for an earlier one of its name",
        repair: Repair::Printed,
    },
];
