//! ministack 1.5.33. It knows no control policies, no endpoints' policies, no `NotPrincipal` and no services or root users
//! that ask; of a trust policy it says whether that allows, whatever else there is.

use serde_json::json;

use super::{
    ARNS, MULTIVALUED, OPERATORS, VARIABLES, allow_all, complete_arns, dates, drop_empty_lists,
    drop_strangers, open_limits, unwrap_lists_of_one, values,
};
use crate::e2e::policies::{
    arn,
    dispute::Dispute,
    edit::{Becomes, NOTHING, NOWHERE, texts},
    question::{Question, WhoKind},
    variable::fill,
};

/// The question without the layers that it doesn't know; where there is a trust policy, with nothing but that.
pub(in super::super) fn takes(question: &Question) -> Option<Question> {
    let is_iam = question.principal.kind == WhoKind::Aws && question.principal_field(5) != "root";
    let is_web = question.principal.kind == WhoKind::Federated
        && question.trust_policy.is_some()
        && question.action == "sts:AssumeRoleWithWebIdentity";
    let mut less =
        Question { scps: Vec::new(), rcps: Vec::new(), endpoint_policies: Vec::new(), ..question.clone() };
    if less.trust_policy.is_some() {
        less.identity_policies = vec![allow_all()];
        less.session_policies.clear();
        less.permissions_boundary = None;
    }
    let mut has_not_principal = false;
    less.each_statement(|place| has_not_principal |= place.statement.contains_key("NotPrincipal"));
    let is_always_allowed = question.action.eq_ignore_ascii_case("sts:GetCallerIdentity");
    Some(less).filter(|_| (is_iam || is_web) && !has_not_principal && !is_always_allowed)
}

/// The one that questions have.
const MONTH: &str = "2026-11";

pub(in super::super) const DISPUTES: &[Dispute] = &[
    Dispute {
        about: "lists",
        because: "a key without values counts as present, and several values are compared as one text without a set operator",
        page: MULTIVALUED,
        in_other_words: |question| {
            drop_empty_lists(question);
            unwrap_lists_of_one(question);
            several(question);
        },
    },
    Dispute {
        about: "Null with several values",
        because: "only the first counts",
        page: OPERATORS,
        in_other_words: null,
    },
    Dispute {
        about: "a month",
        because: "`YYYY-MM` is a date, too",
        page: OPERATORS,
        in_other_words: months,
    },
    Dispute {
        about: "a value of another kind than the operator's",
        because: "what is no address is outside of each range, a time without a zone is one, and what is no boolean or \
                  binary value is compared as text",
        page: OPERATORS,
        in_other_words: drop_strangers,
    },
    Dispute {
        about: "variables",
        because: "it knows none, and so no characters that are meant literally",
        page: VARIABLES,
        in_other_words: |question| {
            fill(question, |_, _, _| true);
            literally(question);
        },
    },
    Dispute {
        about: "an ARN that ends early",
        because: "what is missing stands for everything",
        page: ARNS,
        in_other_words: complete_arns,
    },
    Dispute {
        about: "a wildcard in a field of an ARN",
        because: "it doesn't reach into the next field",
        page: OPERATORS,
        in_other_words: by_field,
    },
    Dispute {
        about: "everybody, who is named as directly as a session",
        because: "boundary and session policies don't limit what a resource's policy gives to `*`",
        page: "IAM User Guide, AWS JSON policy elements: Principal",
        in_other_words: open_limits,
    },
    Dispute {
        about: "everybody, who is as well an identity provider's",
        because: "`{\"AWS\": \"*\"}` is the same as `*`",
        page: "IAM User Guide, AWS JSON policy elements: Principal",
        in_other_words: everybody,
    },
    Dispute {
        about: "a federated user, who is named by the user",
        because: "the resource's policy means the sessions of a user that it names",
        page: "IAM User Guide, AWS JSON policy elements: Principal",
        in_other_words: federated_users,
    },
];

/// A key with several values is met by nothing but a set operator or `Null`.
fn several(question: &mut Question) {
    let context = question.clone();
    question.each_condition(|condition| {
        let is_plain = !condition.operator.contains(':') && condition.base() != "null";
        if is_plain && values(&context, &condition.key).len() > 1 { Becomes::Unmet } else { Becomes::Itself }
    });
}

fn null(question: &mut Question) {
    let context = question.clone();
    question.each_condition(|condition| {
        if condition.base() != "null" || condition.values.len() < 2 {
            return Becomes::Itself;
        }
        let wanted = if values(&context, &condition.key).is_empty() { "true" } else { "false" };
        let is_met = condition.values.iter().any(|value| value.eq_ignore_ascii_case(wanted));
        if is_met { Becomes::Met } else { Becomes::Unmet }
    });
}

fn months(question: &mut Question) {
    let day = |value: &str| if value == MONTH { format!("{value}-01") } else { value.to_owned() };
    dates(question, |value| value == MONTH, day);
}

/// Characters that are meant literally become others, everywhere.
fn literally(question: &mut Question) {
    let other = |text: &str| text.replace('*', "\u{2217}").replace('?', "\u{bf}");
    let escaped =
        |text: &str| text.replace("${*}", "\u{2217}").replace("${?}", "\u{bf}").replace("${$}", "$");
    question.each_resource(|resources, _, has_variables| {
        if has_variables {
            resources.iter_mut().for_each(|resource| *resource = escaped(resource));
        }
        Becomes::Itself
    });
    question.each_condition(|condition| {
        let (takes, is_like) = (condition.takes_variables(), condition.has_wildcards());
        for value in &mut condition.values {
            *value = if takes { escaped(value) } else { value.clone() };
            *value = if is_like { value.clone() } else { other(value) };
        }
        Becomes::Itself
    });
    question.resource =
        other(&question.resource).replacen('\u{2217}', "*", usize::from(question.resource == "*"));
    for value in question.context.values_mut() {
        let others: Vec<String> = texts(value).iter().map(|text| other(text)).collect();
        *value = if value.is_array() { json!(others) } else { json!(others.concat()) };
    }
}

/// Patterns of ARNs become the ARNs that they match field by field.
fn by_field(question: &mut Question) {
    let context = question.clone();
    question.each_resource(|resources, _, _| {
        for resource in resources.iter_mut().filter(|resource| *resource != "*" && !resource.contains("${")) {
            let is_like = arn::is_like(&context.resource, resource);
            *resource = if is_like { context.resource.clone() } else { NOWHERE.to_owned() };
        }
        Becomes::Itself
    });
    question.each_condition(|condition| {
        let arns = values(&context, &condition.key);
        if condition.base().starts_with("arn") {
            condition.values = condition.values.iter().flat_map(|value| matching(value, &arns)).collect();
        }
        Becomes::Itself
    });
}

fn matching(pattern: &str, arns: &[String]) -> Vec<String> {
    if pattern.contains("${") {
        return vec![pattern.to_owned()];
    }
    let matching: Vec<String> = arns.iter().filter(|arn| arn::is_like(arn, pattern)).cloned().collect();
    if matching.is_empty() { vec![NOTHING.to_owned()] } else { matching }
}

fn everybody(question: &mut Question) {
    question.each_statement(|place| {
        if let Some(principal) = place.statement.get_mut("Principal")
            && principal.get("AWS").is_some_and(|aws| texts(aws).iter().any(|aws| aws == "*"))
        {
            *principal = json!("*");
        }
    });
}

fn federated_users(question: &mut Question) {
    let id = question.principal.id.clone();
    let Some((_, name)) = id.split_once(":federated-user/") else { return };
    let user = format!("arn:aws:iam::{}:user/{name}", question.principal_field(4));
    question.each_statement(|place| {
        if let Some(aws) = place.statement.get_mut("Principal").and_then(|principal| principal.get_mut("AWS"))
        {
            let mut named = texts(aws);
            if named.contains(&user) {
                named.push(id.clone());
                *aws = json!(named);
            }
        }
    });
}
