//! The lists of what the evaluators decide otherwise than AWS documents, and what their entries share.

pub(super) mod iam_simulate;
pub(super) mod ministack;

use serde_json::{Value, json};

use super::{
    arn,
    edit::Becomes,
    question::{Question, WhoKind},
};

const OPERATORS: &str = "IAM User Guide, IAM JSON policy elements: Condition operators";
const MULTIVALUED: &str = "IAM User Guide, Single-valued vs. multivalued context keys";
const VARIABLES: &str = "IAM User Guide, IAM policy elements: Variables and tags";
const ARNS: &str = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)";

fn allow_all() -> Value {
    json!({
        "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
    })
}

/// The values of a key in the request.
fn values(question: &Question, key: &str) -> Vec<String> {
    question.value(key).map(super::edit::texts).unwrap_or_default()
}

/// Keys with no value at all are absent.
fn drop_empty_lists(question: &mut Question) {
    question.context.retain(|_, value| *value != json!([]));
}

/// A key with one value has that value.
fn unwrap_lists_of_one(question: &mut Question) {
    for value in question.context.values_mut() {
        if let Some([one]) = value.as_array().map(Vec::as_slice) {
            *value = one.clone();
        }
    }
}

/// ARNs that end early are written in full.
fn complete_arns(question: &mut Question) {
    question.each_resource(|resources, _, _| {
        resources.iter_mut().for_each(|resource| *resource = arn::padded(resource));
        Becomes::Itself
    });
}

/// Boundary and session policies that allow all that they don't deny: they don't limit what a resource's policy of the same
/// account gives to the user or session itself.
fn open_limits(question: &mut Question) {
    let is_within_account =
        question.account().is_some_and(|own| question.resource_account.as_deref() == Some(own));
    if !is_within_account || (question.resource_policy.is_none() && question.trust_policy.is_none()) {
        return;
    }
    for policy in question.session_policies.iter_mut().chain(&mut question.permissions_boundary) {
        if let Some(Value::Array(statements)) = policy.get_mut("Statement") {
            statements.push(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
        }
    }
}

/// Whether somebody is a role of AWS's own in the account, or a session of one.
fn is_service_linked(question: &Question) -> bool {
    let id = &question.principal.id;
    question.principal.kind == WhoKind::Aws
        && (id.contains(":role/aws-service-role/") || id.contains(":assumed-role/AWSServiceRoleFor"))
}
