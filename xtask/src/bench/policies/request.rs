//! Requests of three kinds, fitting and not: of workloads, to assume a role, and with a web identity.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    grant::GRANTS,
    role::{HUB_ACCOUNT, ORGANIZATION, Role, Trust, hub_arn},
};

/// One in this many requests deviates in each way.
const DEVIATION: u32 = 12;

/// A request that has to do with one of the roles: who, what, on what, and by which roles' policies it is decided, by their numbers.
pub(super) fn request(roles: &[Role], number: usize, rng: &mut Rng) -> Value {
    let Some(role) = roles.get(number) else { return Value::Null };
    let assume = rng.u8(..10) >= 6;
    match role.trust {
        _ if !assume => by_workload(roles, number, role, rng),
        Trust::WebIdentity => by_web_identity(number, role, rng),
        Trust::PodIdentity => by_pod_identity(number, role, rng),
        Trust::CrossAccount => by_hub(roles.len(), number, role, rng),
    }
}

/// Of a session of the role: three in four for what a statement of it grants.
fn by_workload(roles: &[Role], number: usize, role: &Role, rng: &mut Rng) -> Value {
    let own = if rng.u8(..4) < 3 { rng.choice(&role.grants).copied() } else { None };
    let Some(grant) = own.or_else(|| rng.choice(GRANTS)) else { return Value::Null };
    let whose = if deviates(rng) { rng.choice(roles).unwrap_or(role) } else { role };
    let mut context = role.context();
    add(&mut context, (grant.context)(role));
    if deviates(rng) {
        add(&mut context, json!({"aws:SecureTransport": "false"}));
    }
    if deviates(rng) {
        add(&mut context, json!({"aws:RequestedRegion": "us-east-1", "aws:SourceIp": "203.0.113.7"}));
    }
    let resource = (grant.resource)(whose);
    let owner = if resource == "*" { role } else { whose };
    json!({
        "principal": {"type": "AWS", "id": role.arn()}, "action": rng.choice(grant.actions),
        "resource": resource, "resource_account": owner.account(), "context": context, "identity": number,
    })
}

fn by_web_identity(number: usize, role: &Role, rng: &mut Rng) -> Value {
    let subject =
        if deviates(rng) { "system:serviceaccount:default:default".to_owned() } else { role.subject() };
    let audience = if deviates(rng) { "sigstore" } else { "sts.amazonaws.com" };
    let context = json!({
        format!("{}:aud", role.issuer()): audience, format!("{}:sub", role.issuer()): subject,
        "aws:RequestedRegion": "eu-west-1", "aws:SecureTransport": "true", "sts:RoleSessionName": "workload",
    });
    json!({
        "principal": {"type": "Federated", "id": role.provider()}, "action": "sts:AssumeRoleWithWebIdentity",
        "resource": role.arn(), "resource_account": role.account(), "context": context, "trust": number,
    })
}

fn by_pod_identity(number: usize, role: &Role, rng: &mut Rng) -> Value {
    let cluster = if deviates(rng) { format!("{}-other", role.cluster()) } else { role.cluster().to_owned() };
    let service = if deviates(rng) { "ec2.amazonaws.com" } else { "pods.eks.amazonaws.com" };
    let action = if rng.bool() { "sts:AssumeRole" } else { "sts:TagSession" };
    let context = json!({
        "aws:SourceAccount": role.account(), "aws:SourceArn": cluster, "aws:SecureTransport": "true",
        "aws:RequestedRegion": "eu-west-1",
    });
    json!({
        "principal": {"type": "Service", "id": service}, "action": action, "resource": role.arn(),
        "resource_account": role.account(), "context": context, "trust": number,
    })
}

/// Of the hub in another account, whose own policy lets it assume every service's role.
fn by_hub(hub: usize, number: usize, role: &Role, rng: &mut Rng) -> Value {
    let external_id = if deviates(rng) { "guessed".to_owned() } else { role.external_id() };
    let organization = if deviates(rng) { "o-somebodyelse" } else { ORGANIZATION };
    let context = json!({
        "aws:PrincipalArn": hub_arn(), "aws:PrincipalAccount": HUB_ACCOUNT, "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalOrgID": organization, "sts:ExternalId": external_id, "aws:SecureTransport": "true",
        "aws:RequestedRegion": "eu-west-1",
    });
    json!({
        "principal": {"type": "AWS", "id": hub_arn()}, "action": "sts:AssumeRole", "resource": role.arn(),
        "resource_account": role.account(), "context": context, "identity": hub, "trust": number,
    })
}

fn deviates(rng: &mut Rng) -> bool {
    rng.u32(..DEVIATION) == 0
}

fn add(context: &mut Value, more: Value) {
    if let (Value::Object(context), Value::Object(more)) = (context, more) {
        context.extend(more);
    }
}
