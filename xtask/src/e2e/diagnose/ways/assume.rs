//! From the pods' role to the one that the cluster Secret names.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::super::{
    attempt::Attempt,
    furnish::{DEPLOYER, POD_ROLE, POLICY, SERVER_ROLE, may_assume, name},
    scene::{CONTROLLER, HUB, SPOKE, Scene},
    way::{Repair, Way},
};
use crate::e2e::tokens::scene::policy;

const ASSUME: Attempt = Attempt::Aws(
    CONTROLLER,
    &["sts", "assume-role", "--role-arn", DEPLOYER, "--role-session-name", "somebody"],
);

pub(in super::super) const WAYS: &[Way] = &[
    Way {
        name: "the trust policy names another principal",
        breaks: |scene| trusts(scene, SERVER_ROLE, &["sts:AssumeRole", "sts:TagSession"]),
        attempt: Attempt::Log("settings"),
        signature: "assume-role-denied",
        hop: "assume-role",
        cause: "trust policy of `argocd-deployer` statement 0, but for Principal",
        repair: Repair::Printed,
    },
    Way {
        name: "the trust policy has no sts:AssumeRole",
        breaks: |scene| trusts(scene, POD_ROLE, &["sts:TagSession"]),
        attempt: ASSUME,
        signature: "assume-role-denied",
        hop: "assume-role",
        cause: "trust policy of `argocd-deployer` statement 0, but for Action",
        repair: Repair::Printed,
    },
    Way {
        name: "the trust policy has no sts:TagSession",
        breaks: |scene| trusts(scene, POD_ROLE, &["sts:AssumeRole"]),
        attempt: Attempt::Aws(
            CONTROLLER,
            &[
                "sts",
                "assume-role",
                "--role-arn",
                DEPLOYER,
                "--role-session-name",
                "somebody",
                "--tags",
                "Key=team,Value=payments",
            ],
        ),
        signature: "tag-session-denied",
        hop: "assume-role",
        cause: "sts:TagSession on `arn:aws:iam::555566667777:role/argocd-deployer`",
        repair: Repair::Printed,
    },
    Way {
        name: "no policy of the pods' role allows it",
        breaks: |scene| {
            let which = json!({ "RoleName": name(POD_ROLE), "PolicyName": POLICY });
            scene.call(HUB, ("iam", "DeleteRolePolicy"), which).map(drop)
        },
        attempt: ASSUME,
        signature: "assume-role-no-identity-policy",
        hop: "assume-role",
        cause: "nearest in identity",
        repair: Repair::Printed,
    },
    // AWS would say that it is the boundary; the AWS API server under test calls it all identity-based.
    Way {
        name: "a permissions boundary leaves it out",
        breaks: bounded,
        attempt: ASSUME,
        signature: "assume-role-no-identity-policy",
        hop: "assume-role",
        cause: "boundary",
        repair: Repair::Told("nearest in permissions-boundary", unbounded),
    },
    Way {
        name: "a policy denies it",
        breaks: |scene| {
            let deny = policy(&json!({ "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*" }));
            scene.allow(POD_ROLE, "deny", &deny)
        },
        attempt: ASSUME,
        signature: "assume-role-explicit-deny",
        hop: "assume-role",
        cause: "denied by inline policy `deny`",
        repair: Repair::Told("except the role in the Deny", |scene| {
            scene.allow(POD_ROLE, "deny", &may_assume())
        }),
    },
    Way {
        name: "a service control policy denies it",
        breaks: |scene| scene.organize(&guard("arn:aws:iam::*:role/breakglass")),
        attempt: ASSUME,
        signature: "assume-role-explicit-deny",
        hop: "assume-role",
        cause: "SCP `guard`",
        repair: Repair::Told("except the role in the Deny", |scene| scene.organize(&guard(POD_ROLE))),
    },
];

/// A service control policy that lets nobody else assume roles for deployments.
fn guard(except: &str) -> Value {
    policy(&json!({
        "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/argocd-*",
        "Condition": { "ArnNotLike": { "aws:PrincipalArn": except } },
    }))
}

fn trusts(scene: &Scene<'_>, principal: &str, actions: &[&str]) -> Result<()> {
    let document =
        policy(&json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions }));
    scene.trust(SPOKE, DEPLOYER, &document)
}

fn bounded(scene: &Scene<'_>) -> Result<()> {
    let document = policy(&json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }));
    let made = scene.call(
        HUB,
        ("iam", "CreatePolicy"),
        json!({ "PolicyName": "limit", "PolicyDocument": document.to_string() }),
    )?;
    let arn = made.pointer("/Policy/Arn").context("a policy without ARN")?;
    let boundary = json!({ "RoleName": name(POD_ROLE), "PermissionsBoundary": arn });
    scene.call(HUB, ("iam", "PutRolePermissionsBoundary"), boundary).map(drop)
}

fn unbounded(scene: &Scene<'_>) -> Result<()> {
    let which = json!({ "RoleName": name(POD_ROLE) });
    scene.call(HUB, ("iam", "DeleteRolePermissionsBoundary"), which).map(drop)
}
