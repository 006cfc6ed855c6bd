//! Whom trust policies name: found without deciding anything, so that nobody is asked about everybody.

use facts::RoleArn;
use inventory::IamRole;
use serde_json::Value;

/// Whom a role's trust policy may let in, whatever its conditions say: the ARN of a role or user, [`session_key`] of a session's role, an
/// account's id for all of it, `ACCOUNT/SERVICE` for a service, with the role's own account, and `*` for everybody. A policy that
/// names whom it doesn't let in may let in everybody.
pub(crate) fn named_in_trust(role: &IamRole) -> impl Iterator<Item = String> {
    let own = &role.arn.account;
    let statements = role.trust.get("Statement").map(many).unwrap_or_default();
    let allowing =
        statements.into_iter().filter(|statement| statement.get("Effect").is_some_and(|e| e == "Allow"));
    allowing.flat_map(move |statement| match statement.get("Principal") {
        None => vec!["*".to_owned()],
        Some(Value::String(_)) => vec!["*".to_owned()],
        Some(principal) => {
            let of = |kind: &str| principal.get(kind).map(many).unwrap_or_default();
            let aws = of("AWS").into_iter().filter_map(Value::as_str).map(key);
            let services = of("Service").into_iter().filter_map(Value::as_str);
            aws.chain(services.map(|service| format!("{own}/{service}"))).collect()
        }
    })
}

/// The key of all sessions of a role, whose ARNs don't have its path.
pub(crate) fn session_key(role: &RoleArn) -> String {
    format!("{}:{}", role.account, role.name)
}

/// A root user stands for its account, and a session's ARN has no path.
fn key(principal: &str) -> String {
    let fields: Vec<&str> = principal.splitn(6, ':').collect();
    match fields.as_slice() {
        [_, _, "iam", _, account, "root"] => (*account).to_owned(),
        [_, _, "sts", _, account, resource] => {
            let role = resource.split('/').nth(1).unwrap_or_default();
            format!("{account}:{role}")
        }
        _ => principal.to_owned(),
    }
}

/// A value, or the values of a list.
pub(crate) fn many(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}
