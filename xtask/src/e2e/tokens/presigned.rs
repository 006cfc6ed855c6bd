//! Tokens for EKS from the inside: `k8s-aws-v1.` and a presigned request to STS (aws-iam-authenticator, pkg/token).

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

const PREFIX: &str = "k8s-aws-v1.";

/// The token with one parameter of its request changed.
pub(super) fn with(token: &str, parameter: &str, change: impl Fn(&str) -> String) -> Result<String> {
    let encoded = token.strip_prefix(PREFIX).context("a token for EKS")?;
    let url = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded)?)?;
    let (address, query) = url.split_once('?').context("a presigned request")?;
    let parameters: Vec<_> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if name == parameter => format!("{name}={}", change(value)),
            _ => pair.to_owned(),
        })
        .collect();
    let changed = format!("{address}?{}", parameters.join("&"));
    ensure!(changed != url, "the token has no {parameter} to change");
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed)))
}
