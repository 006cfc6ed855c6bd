//! From Argo CD's pods to their role.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::{
    attempt::Attempt,
    furnish::{POD_ROLE, SERVER_ROLE, provider},
    scene::{CONTROLLER, HUB, REGION, SERVER, Scene},
    way::{Repair, Way},
};
use crate::e2e::tokens::{irsa, scene::policy};

const WHO: Attempt = Attempt::Aws(SERVER, &["sts", "get-caller-identity"]);

pub(in super::super) const WAYS: &[Way] = &[
    // The inventory finds nothing in the way: pods that were started before they had a role run on without the webhook's environment.
    Way {
        name: "nothing sets a region in the pods",
        breaks: |scene| {
            scene.region.set("");
            Ok(())
        },
        attempt: Attempt::Token(CONTROLLER),
        signature: "region-missing",
        hop: "service-account",
        cause: "yes",
        repair: Repair::Told("or set `AWS_REGION`", in_its_region),
    },
    Way {
        name: "the cluster is looked for in another region",
        breaks: |scene| {
            let look =
                policy(&json!({ "Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": "*" }));
            scene.region.set("eu-central-1");
            scene.allow(POD_ROLE, "look", &look)
        },
        attempt: Attempt::Aws(CONTROLLER, &["eks", "describe-cluster", "--name", "hub"]),
        signature: "eks-no-cluster",
        hop: "cluster-secret",
        cause: "or the region or account of the credentials is",
        repair: Repair::Told("name the cluster as EKS does, and the region", in_its_region),
    },
    Way {
        name: "the service account has no Pod Identity association",
        breaks: |scene| scene.dissociate(),
        attempt: Attempt::Log("settings"),
        signature: "no-imds-role",
        hop: "service-account",
        cause: "neither an IRSA annotation nor a Pod Identity association",
        repair: Repair::Printed,
    },
    Way {
        name: "the Pod Identity association is another service account's",
        breaks: |scene| {
            scene.dissociate()?;
            scene.associate("argocd-repo-server")
        },
        attempt: Attempt::Token(CONTROLLER),
        signature: "no-imds-role",
        hop: "service-account",
        cause: "neither an IRSA annotation nor a Pod Identity association",
        repair: Repair::Printed,
    },
    Way {
        name: "the trust policy has another `sub`",
        breaks: |scene| trusts(scene, &provider(), "sts.amazonaws.com", "argocd-repo-server"),
        attempt: WHO,
        signature: "web-identity-denied",
        hop: "service-account",
        cause: ":sub",
        repair: Repair::Printed,
    },
    Way {
        name: "the trust policy has another `aud`",
        breaks: |scene| trusts(scene, &provider(), "eks.amazonaws.com", SERVER),
        attempt: WHO,
        signature: "web-identity-denied",
        hop: "service-account",
        cause: ":aud",
        repair: Repair::Printed,
    },
    Way {
        name: "the trust policy names another cluster's OIDC provider",
        breaks: |scene| {
            let other = provider().replace("/id/", "/id/FFFF");
            trusts(scene, &other, "sts.amazonaws.com", SERVER)
        },
        attempt: Attempt::Token(SERVER),
        signature: "web-identity-denied",
        hop: "service-account",
        cause: "but for Principal",
        repair: Repair::Printed,
    },
    Way {
        name: "the account has no OIDC provider of the hub's issuer",
        breaks: |scene| {
            let which = json!({ "OpenIDConnectProviderArn": provider() });
            scene.call(HUB, ("iam", "DeleteOpenIDConnectProvider"), which).map(drop)
        },
        attempt: WHO,
        signature: "oidc-provider-missing",
        hop: "service-account",
        cause: "has no OIDC provider of",
        repair: Repair::Printed,
    },
];

fn in_its_region(scene: &Scene<'_>) -> Result<()> {
    scene.region.set(REGION);
    Ok(())
}

/// A trust policy for IRSA.
fn trusts(scene: &Scene<'_>, provider: &str, audience: &str, account: &str) -> Result<()> {
    let issuer = provider.split_once("/").map_or(irsa::ISSUER, |(_, issuer)| issuer);
    let condition: Value = json!({ "StringEquals": {
        format!("{issuer}:aud"): audience, format!("{issuer}:sub"): format!("system:serviceaccount:argocd:{account}"),
    } });
    let document = policy(&json!({
        "Effect": "Allow", "Principal": { "Federated": provider }, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }));
    scene.trust(HUB, SERVER_ROLE, &document)
}
