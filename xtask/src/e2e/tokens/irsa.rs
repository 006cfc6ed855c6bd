//! Credentials for Argo CD's pods by IAM roles for service accounts: AWS's SDK in Argo CD's own client takes the pod's token to STS.

use std::{fs, path::Path};

use anyhow::{Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    aws::{Credentials, Variables},
    cases::Case,
    scene::{GROUPS, HUB, Scene, controller, create_role, policy},
};

/// What isn't AWS's own here.
pub(in crate::e2e) const EMULATED: &str =
    "STS checking the signature of a service account's token (it takes any)";

pub(super) const CASES: &[Case] = &[("IRSA lets in the service account, and no other", service_account)];

/// Without `https://`.
pub(in crate::e2e) const ISSUER: &str =
    "oidc.eks.eu-west-1.amazonaws.com/id/0E5A7C61D2B94F38A1C6E07B5D9F4230";
const ROLE: &str = "arn:aws:iam::222233334444:role/argocd-irsa";

fn service_account(scene: &Scene<'_>) -> Result<()> {
    let root = Credentials::of_root(HUB);
    let provider = json!({ "Url": format!("https://{ISSUER}"), "ClientIDList": ["sts.amazonaws.com"] });
    scene.aws.call(&root, "us-east-1", ("iam", "CreateOpenIDConnectProvider"), &provider)?;
    create_role(scene.aws, HUB, "argocd-irsa", &trust(controller().name))?;
    scene.entry("CreateAccessEntry", ROLE, [("kubernetesGroups", json!(GROUPS))])?;

    let pod = pod(&scene.folder, ROLE, controller().name)?;
    let token = scene.token_of(&pod, None)?;
    let user = scene.cluster.user_soon(&token, |_| true)?;
    let expected = format!("arn:aws:sts::{HUB}:assumed-role/argocd-irsa/{}", user.session());
    ensure!(user.own_groups() == GROUPS && user.username == expected, "{user:?}");

    let other = json!({
        "RoleArn": ROLE, "RoleSessionName": "argocd", "WebIdentityToken": web_identity("argocd-repo-server"),
    });
    scene.aws.denied(&root, "us-east-1", ("sts", "AssumeRoleWithWebIdentity"), &other)
}

/// As Oarlock renders it.
pub(in crate::e2e) fn trust(account: &str) -> Value {
    policy(&json!({
        "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::{HUB}:oidc-provider/{ISSUER}") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": {
            format!("{ISSUER}:aud"): "sts.amazonaws.com",
            format!("{ISSUER}:sub"): subject(account),
        } },
    }))
}

fn subject(name: &str) -> String {
    format!("system:serviceaccount:{}:{name}", controller().namespace)
}

/// What Kubernetes projects into the pods, but for the signature, and for the audience, which is a list there: the server would
/// find no list equal to a text.
fn web_identity(name: &str) -> String {
    let claims =
        json!({ "iss": format!("https://{ISSUER}"), "sub": subject(name), "aud": "sts.amazonaws.com" });
    [json!({ "alg": "RS256" }), claims, json!(null)]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".")
}

/// What the webhook of amazon-eks-pod-identity-webhook puts into the environment of a service account's pods.
pub(in crate::e2e) fn pod(folder: &Path, role: &str, account: &str) -> Result<Variables> {
    let file = folder.join(format!("web-identity-{account}"));
    fs::write(&file, web_identity(account))?;
    Ok(vec![
        ("AWS_ROLE_ARN", role.to_owned()),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_string_lossy().into_owned()),
    ])
}
